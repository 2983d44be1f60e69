<?php

declare(strict_types=1);

namespace CrowdSky\Raws;

/** Length and hash of the public copy of a raw frame. */
final class CopyOfFrame
{
    public function __construct(
        /** bytes */
        public readonly int $size,
        /** hex */
        public readonly string $sha256,
    ) {
    }
}
