<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * The answer of a WebDAV server, as far as the site needs it.
 */
final class WebDavAnswer
{
    public function __construct(
        public readonly int $status,
        public readonly ?int $contentLength,
        /** hex SHA-256 of what a PUT stored, where the server computes it */
        public readonly ?string $sha256,
    ) {
    }
}
