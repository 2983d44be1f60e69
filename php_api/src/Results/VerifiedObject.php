<?php

declare(strict_types=1);

namespace CrowdSky\Results;

/**
 * An object as the site itself found it in storage.
 */
final class VerifiedObject
{
    public function __construct(
        /** bytes */
        public readonly int $size,
        /** hex */
        public readonly string $sha256,
    ) {
    }
}
