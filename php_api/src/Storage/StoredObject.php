<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * An entry of a listing of the storage.
 */
final class StoredObject
{
    public function __construct(
        public readonly string $path,
        /** bytes; null if the storage does not report it */
        public readonly ?int $size,
        /** Unix time of the last change; null when the storage does not say */
        public readonly ?int $modifiedAt,
    ) {
    }
}
