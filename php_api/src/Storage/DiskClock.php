<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/** The clock that dates the files of a folder. It may differ from the site's, on a network share or after a jump. */
final class DiskClock
{
    /** Returns the current time by that clock, as Unix time; null if nothing can be written into the folder. */
    public static function now(string $folder): ?int
    {
        $probe = "$folder/clock-" . bin2hex(random_bytes(8));
        if (@file_put_contents($probe, '') === false) {  // touch() would write the time of PHP's clock
            return null;
        }
        try {
            return (int) filemtime($probe);
        } finally {
            @unlink($probe);
        }
    }
}
