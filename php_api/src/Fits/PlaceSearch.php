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
    private const MAX_FRAMES = 32 << 20;

    /**
     * @param int $size of the stack in bytes
     * @return bool true as well for a file that cannot be read as a stack
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function tells(ObjectStorage $storage, string $path, int $size): bool
    {
        $headers = StoredHeader::each($storage, $path, $size);
        foreach ($headers as $header) {
            if (self::headerTells($header) || self::framesTell($storage, $path, $header)) {
                return true;
            }
        }
        return $headers->getReturn() < $size;
    }

    /** The part ARCHIVE has nothing but what the site tells every worker of the job, and what a worker has reported. */
    private static function headerTells(StoredHeader $header): bool
    {
        foreach ($header->hdu->name() === StoredParts::ARCHIVE ? [] : $header->cards as $card) {
            if (PublicHeader::tells($card)) {
                return true;
            }
        }
        return false;
    }

    private static function framesTell(ObjectStorage $storage, string $path, StoredHeader $header): bool
    {
        if ($header->hdu->name() !== FramesTable::NAME) {
            return false;
        }
        $values = new HeaderCards();
        array_map($values->add(...), $header->cards);
        $table = $header->dataBytes <= self::MAX_FRAMES ? FramesTable::of($values) : null;
        return $table === null || $table->hasOwnNames($header->data($storage, $path));
    }
}
