<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\Spool;

/** Brings files of the storage to this disk, to be read from end to end. */
final class StoredCopies
{
    public function __construct(private readonly ObjectStorage $storage, private readonly Spool $spool)
    {
    }

    /**
     * @template T
     * @param \Closure(\CrowdSky\Storage\SpooledFile): T $use gets the copy, which is removed afterwards
     * @return T
     * @throws ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     * @throws \CrowdSky\Base\Refusal when the disk has no room
     */
    public function with(string $path, \Closure $use): mixed
    {
        $size = $this->storage->size($path) ?? throw new ObjectMissing($path);
        $file = $this->spool->create(fn (mixed $stream) => $this->storage->read($path, static function (string $piece) use ($stream, $path): void {
            if (fwrite($stream, $piece) !== strlen($piece)) {
                throw new \RuntimeException("$path cannot be copied; check the room on the disk of the data folder");
            }
        }), $size);
        try {
            return $use($file);
        } finally {
            $file->discard();
        }
    }
}
