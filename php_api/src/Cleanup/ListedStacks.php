<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Whether stacks that were just read back are listed too. Object stores may list what is new only after a while, and
 * whoever works from a listing (the search for orphans, adoption, a restoration) does not see them until then.
 */
final class ListedStacks
{
    /** @var array<string, array<string, true>> the wanted paths that are listed, by folder */
    private array $listed = [];

    /** @param list<string> $wanted paths that may be asked about; of a listing only these are kept in memory */
    public function __construct(private readonly ObjectStorage $storage, private readonly array $wanted)
    {
    }

    /**
     * @param string $path of an object that was in storage before this object was made
     * @throws StorageUnavailable when its folder cannot be listed
     */
    public function lacks(string $path): bool
    {
        $folder = dirname($path);
        $this->listed[$folder] ??= $this->list($folder);
        // It may have been deleted since it was read.
        return !isset($this->listed[$folder][$path]) && $this->storage->size($path) !== null;
    }

    /** @return array<string, true> */
    private function list(string $folder): array
    {
        $wanted = array_fill_keys($this->wanted, true);
        $listed = [];
        foreach ($this->storage->list($folder) as $object) {
            if (isset($wanted[$object->path])) {
                $listed[$object->path] = true;
            }
        }
        return $listed;
    }
}
