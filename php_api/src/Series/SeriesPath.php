<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Jobs\Job;
use CrowdSky\Storage\StoragePath;

/** The only place where paths of series in storage are built; each run has its own. */
final class SeriesPath
{
    /** @param string $base such as /crowdsky */
    public static function ofRun(string $base, Job $job, SeriesOrder $order): string
    {
        return StoragePath::check("$base/series/user_{$job->userId}/series_{$job->chunkKey}_{$order->stackId}_{$order->seconds}s.{$job->id}_{$job->attemptTag()}.fits");
    }
}
