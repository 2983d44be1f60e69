<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;

/**
 * Looks through a stored stack for what would tell a stranger where and by whom it was taken: cards in any header that
 * are not public, and frames under their owner's names, which tell the time zone.
 *
 * Pixels are not read.
 */
final class PlaceSearch
{
    /** Bytes of a table of frames that are read; a larger one counts as telling. */
    public const MAX_FRAMES = 32 << 20;

    /**
     * For a stack whose hash is known. Of one that is being verified, the parts of its FitsOutline say the same, from the
     * very bytes that were hashed.
     *
     * @param int $size of the stack in bytes
     * @return bool true as well for a file that cannot be read as a stack
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function tells(ObjectStorage $storage, string $path, int $size): bool
    {
        $headers = StoredHeader::each($storage, $path, $size);
        foreach ($headers as $header) {
            if ($header->hdu->tells() || self::framesTell($storage, $path, $header)) {
                return true;
            }
        }
        return $headers->getReturn() < $size;
    }

    /**
     * Whether a table of frames, as it was read, has frames under their owner's names.
     *
     * @param string|null $rows at least the rows; null for a table that is too large to be looked at, which counts as telling
     */
    public static function rowsTell(HduHeader $header, ?string $rows): bool
    {
        $table = $rows === null ? null : $header->framesTable();
        return $table === null || $table->hasOwnNames((string) $rows);
    }

    private static function framesTell(ObjectStorage $storage, string $path, StoredHeader $header): bool
    {
        if ($header->hdu->name() !== FramesTable::NAME) {
            return false;
        }
        $isSmall = $header->dataBytes <= self::MAX_FRAMES;
        return self::rowsTell($header->hdu, $isSmall ? $header->data($storage, $path) : null);
    }
}
