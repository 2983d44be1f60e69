<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Jobs\Job;
use CrowdSky\Storage\StoragePath;

/**
 * The only place where paths of series in storage are built, and read; each run has its own.
 *
 * Beside the series' own job they name that of the stack: unlike the id of a stack, it outlives the database.
 */
final class SeriesPath
{
    private function __construct(
        public readonly int $userId,
        public readonly string $chunkKey,
        /** job of the stack whose frames it is made of */
        public readonly int $stackJobId,
        public readonly int $seconds,
        public readonly int $jobId,
        /** number of the run, from 1 */
        public readonly int $run,
    ) {
    }

    /** @param string $base such as /crowdsky */
    public static function ofRun(string $base, Job $job, SeriesOrder $order): string
    {
        return StoragePath::check("$base/series/user_{$job->userId}/series_{$job->chunkKey}_{$job->framesJobId()}_{$order->seconds}s.{$job->id}_{$job->attemptTag()}.fits");
    }

    /** @return self|null null for a path that ofRun() does not make */
    public static function parse(string $base, string $path): ?self
    {
        $pattern = '#^' . preg_quote("$base/series", '#') . '/user_([0-9]{1,18})/series_([A-Za-z0-9._+-]+)_([0-9]{1,18})_([0-9]{1,5})s'
            . '\.([0-9]{1,18})_a([0-9]{1,9})-[0-9a-f]{8}\.fits$#D';
        return preg_match($pattern, $path, $match) === 1
            ? new self((int) $match[1], $match[2], (int) $match[3], (int) $match[4], (int) $match[5], (int) $match[6])
            : null;
    }
}
