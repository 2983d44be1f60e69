<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/** Bytes of a stored file in memory; for small files and parts. */
final class StoredBytes
{
    /**
     * @param int|null $length null for all that follows
     * @throws ObjectMissing
     * @throws StorageUnavailable
     */
    public static function of(ObjectStorage $storage, string $path, int $offset = 0, ?int $length = null): string
    {
        $bytes = '';
        $storage->read($path, static function (string $piece) use (&$bytes): void {
            $bytes .= $piece;
        }, $offset, $length);
        return $bytes;
    }
}
