<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * A body received in full, waiting in the spool folder until it is moved into place or discarded.
 */
final class SpooledFile
{
    public function __construct(
        public readonly string $path,
        /** bytes */
        public readonly int $size,
        /** hex */
        public readonly string $sha256,
    ) {
    }

    /** Removes the file; harmless once it has been moved away. */
    public function discard(): void
    {
        if (is_file($this->path)) {
            unlink($this->path);
        }
    }
}
