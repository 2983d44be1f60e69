<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * Which paths a storage accepts: wherever a path comes from, none can lead out of its folder.
 */
final class StoragePath
{
    /** Whether $path is absolute and consists of names such as the site generates. */
    public static function isPlain(string $path): bool
    {
        return preg_match('#^(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)+$#D', $path) === 1;
    }

    /** @throws \InvalidArgumentException unless the path is plain; the last line of defence of every storage */
    public static function check(string $path): string
    {
        if (!self::isPlain($path)) {
            throw new \InvalidArgumentException("'$path' is not a path made by the site");
        }
        return $path;
    }
}
