<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Nights;

use CrowdSky\Base\Format;
use CrowdSky\Fits\HeaderClock;
use CrowdSky\Jobs\Job;
use CrowdSky\Pages\Texts;

/** When the subs of a chunk were taken. */
final class ChunkTime
{
    /** @return string such as `2025-03-27 01:15 UTC`; in local time for subs that have no other */
    public static function of(Texts $texts, Job $job, int $chunkMinutes): string
    {
        $isLocal = HeaderClock::tryFrom($job->headerClock ?? '')?->isLocal() === true;

        return Format::chunk($job->chunkKey, $chunkMinutes) . ' ' . ($isLocal ? $texts->say('local time') : 'UTC');
    }
}
