<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * Where finished results live. Every implementation refuses paths that StoragePath does not accept.
 *
 * All implementations pass the same test suite.
 */
interface ObjectStorage
{
    /**
     * @return int|null bytes, null if there is nothing at that path
     * @throws StorageUnavailable when the storage cannot say
     */
    public function size(string $path): ?int;

    /**
     * Passes the object to $sink piece by piece; the first piece comes only once the storage has agreed to send it.
     *
     * @param callable(string): void $sink
     * @param int|null $length bytes from $offset on, null for the rest
     * @throws ObjectMissing when there is nothing at that path
     * @throws StorageUnavailable when it cannot be read to the end
     */
    public function read(string $path, callable $sink, int $offset = 0, ?int $length = null): void;

    /**
     * Stores a file whole or not at all, creating the folders above it.
     *
     * @throws ObjectExists when the path is taken; nothing is ever overwritten
     * @throws StorageUnavailable when it could not be stored and verified
     */
    public function put(SpooledFile $file, string $path): void;

    /**
     * Lists everything below a folder, folder by folder, in no particular order. Names that the site would never
     * generate are left out, since no other operation accepts them. A missing folder is empty.
     *
     * @return iterable<StoredObject>
     * @throws StorageUnavailable while it is read, when the storage cannot say
     */
    public function list(string $folder): iterable;

    /**
     * Gives the object another path, creating the folders above it; it is never at both nor at none.
     *
     * @throws ObjectMissing when there is nothing at $from
     * @throws ObjectExists when $to is taken; nothing is ever overwritten
     * @throws MoveRefused when the storage does not move files; the object is still at $from
     * @throws StorageUnavailable when it is not certain where the object is
     */
    public function move(string $from, string $to): void;

    /**
     * Removes the object; one that is already gone is fine.
     *
     * @throws StorageUnavailable when it may still be there
     */
    public function delete(string $path): void;
}
