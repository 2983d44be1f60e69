<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Fits\StackHeader;

/**
 * The files of a result as the site itself found them in storage.
 */
final class VerifiedResult
{
    public function __construct(
        public readonly VerifiedObject $stack,
        public readonly string $stackPath,
        public readonly CompanionPaths $beside,
        public readonly StackHeader $header,
        public readonly ReadBack $found,
    ) {
    }
}
