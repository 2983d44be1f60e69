<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/** Who else on the machine can open a file: its own mode counts, and that of every folder above it. */
final class FileModes
{
    private const OTHERS = 0007;
    private const OTHERS_ENTER = 0001;

    /** Lets nothing that PHP writes from now on be read by other accounts, whatever its folder allows. */
    public static function closeToOthers(): void
    {
        umask(umask() | self::OTHERS);
    }

    /** Whether an account that is neither owner nor in the group can read or change this file or folder. */
    public static function isOpenToOthers(string $path): bool
    {
        // Windows has other rights than these, and PHP makes modes up there.
        if (PHP_OS_FAMILY === 'Windows' || !file_exists($path) || (fileperms($path) & self::OTHERS) === 0) {
            return false;
        }
        $inner = (string) realpath($path);
        for ($folder = dirname($inner); $folder !== $inner; $folder = dirname($inner)) {
            // open_basedir hides the folders above; such a folder counts as one that keeps nobody out.
            $mode = @fileperms($folder);
            if ($mode !== false && ($mode & self::OTHERS_ENTER) === 0) {
                return false;
            }
            $inner = $folder;
        }

        return true;
    }
}
