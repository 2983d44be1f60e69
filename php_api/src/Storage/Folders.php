<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * Makes folder entries survive a power cut: the bytes of a file may be on the disk before its name is.
 */
final class Folders
{
    /** Creates a folder and its parents; false if that is not possible. */
    public static function make(string $folder): bool
    {
        if (is_dir($folder)) {
            return true;
        }
        $parent = dirname($folder);
        if (!self::make($parent) || !@mkdir($folder, 0770) && !is_dir($folder)) {
            return false;
        }
        self::flush($parent);
        return true;
    }

    /**
     * Waits until the names in a folder are on the disk. Where folders cannot be opened, there is nothing to wait for.
     */
    public static function flush(string $folder): void
    {
        self::flushFile($folder);
    }

    /** Waits until a file is on the disk that was written by its path. */
    public static function flushFile(string $path): void
    {
        $handle = @fopen($path, 'rb');
        if ($handle !== false) {
            @fsync($handle);
            fclose($handle);
        }
    }
}
