<?php

declare(strict_types=1);

namespace CrowdSky\Statistics;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobRun;
use CrowdSky\Jobs\JobRuns;

/** How much each worker has done lately, and how long it takes for each stage. */
final class WorkerFigures
{
    private const DAY_SECONDS = 86400;
    private const WEEK_SECONDS = 604800;
    /** The latest runs of a worker whose stages are looked at. */
    private const RUNS = 40;

    public function __construct(
        private readonly Database $database,
        private readonly JobRuns $runs,
        private readonly Clock $clock,
    ) {
    }

    /** @return array<string, WorkerWeek> by key() of the worker; only those that have ended a run in the last week */
    public function lastWeek(): array
    {
        $now = $this->clock->now();
        $day = Utc::storedBefore($now, self::DAY_SECONDS);
        $rows = $this->database->all(
            'SELECT api_key_id, worker_name, outcome, CASE WHEN ended_at >= ? THEN 1 ELSE 0 END AS is_new, COUNT(*) AS n,
                    SUM(frames_used) AS frames, SUM(seconds) AS seconds
               FROM job_runs WHERE ended_at >= ? GROUP BY api_key_id, worker_name, outcome, is_new',
            [$day, Utc::storedBefore($now, self::WEEK_SECONDS)],
        );
        $weeks = [];
        foreach ($rows as $row) {
            $key = self::key((int) $row['api_key_id'], (string) $row['worker_name']);
            $weeks[$key] ??= new WorkerWeek();
            $isDone = $row['outcome'] === JobEvents::COMPLETED;
            $isFailed = in_array($row['outcome'], JobRun::FAILURES, true);
            $weeks[$key]->add($isDone ? (int) $row['n'] : 0, $isFailed ? (int) $row['n'] : 0, (int) $row['frames'], (int) $row['seconds'], (bool) $row['is_new']);
        }

        return $weeks;
    }

    /** @return array<string, float> median seconds of each step in the latest successful runs of a worker, in their order */
    public function steps(int $apiKeyId, string $workerName): array
    {
        $lengths = [];
        foreach ($this->runs->latestOf($apiKeyId, $workerName, self::RUNS) as $run) {
            foreach ($run->stageTimes->seconds((int) $run->endedMs()) as $step => $seconds) {
                $lengths[$step][] = $seconds;
            }
        }

        return array_map(static fn (array $of): float => (float) Quantiles::median($of), $lengths);
    }

    public static function key(int $apiKeyId, string $workerName): string
    {
        return "$apiKeyId $workerName";
    }
}
