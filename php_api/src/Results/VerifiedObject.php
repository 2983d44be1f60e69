<?php

declare(strict_types=1);

namespace CrowdSky\Results;

/**
 * What the site itself found in storage.
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
