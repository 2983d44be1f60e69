<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;

/**
 * How long running jobs will still take, from what the steps of earlier jobs of the same worker, kind and size took.
 *
 * Nothing is computed from the speed of other machines or from jobs of another size: where there are no earlier ones,
 * the time is not known.
 */
final class RunTimes
{
    /** Only the latest runs count, because machines and lines change. */
    private const EARLIER = 40;
    /** Jobs of the same size: one is at most so many times as large as the other. */
    private const SAME_SIZE = 1.25;
    /** The same, where there are fewer than ENOUGH of these. */
    private const LIKE_SIZE = 2.0;
    private const ENOUGH = 3;

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /**
     * @param list<Job> $jobs
     * @return array<int, RunEstimate> of those that run, by job id
     */
    public function of(array $jobs): array
    {
        $estimates = [];
        foreach ($jobs as $job) {
            if ($job->status === JobStatus::Processing) {
                $estimates[$job->id] = $this->estimate($job);
            }
        }

        return $estimates;
    }

    private function estimate(Job $job): RunEstimate
    {
        $rows = $this->database->all(
            'SELECT stage_times, completed_at, total_bytes FROM stacking_jobs
              WHERE worker_name = ? AND kind = ? AND status = ? ORDER BY completed_at DESC, id DESC LIMIT ' . self::EARLIER,
            [$job->workerName, $job->kind->value, JobStatus::Completed->value]
        );
        $rows = array_filter($rows, static fn (array $row): bool => $row['stage_times'] !== null && $row['completed_at'] !== null);
        $runs = self::ofSize($rows, $job->totalBytes, self::SAME_SIZE);
        if (count($runs) < self::ENOUGH) {
            $runs = self::ofSize($rows, $job->totalBytes, self::LIKE_SIZE);
        }

        return new RunEstimate($job, $job->stageTimes->seconds($this->clock->milliseconds()), self::medians($runs));
    }

    /**
     * @param array<array<string, mixed>> $rows
     * @return list<array<string, float>> seconds by step of the runs of about this size
     */
    private static function ofSize(array $rows, int $bytes, float $most): array
    {
        $runs = [];
        foreach ($rows as $row) {
            $other = (int) $row['total_bytes'];
            if (max($bytes, $other) <= $most * min($bytes, $other)) {
                $runs[] = StageTimes::ofStored($row['stage_times'])->seconds(self::milliseconds($row['completed_at']));
            }
        }

        return $runs;
    }

    /**
     * @param list<array<string, float>> $runs
     * @return array<string, float> by step
     */
    private static function medians(array $runs): array
    {
        $medians = [];
        foreach (RunSteps::ALL as $step) {
            $times = array_column($runs, $step);
            sort($times);
            if ($times !== []) {
                $medians[$step] = $times[intdiv(count($times), 2)];
            }
        }

        return $medians;
    }

    private static function milliseconds(string $stored): int
    {
        return 1000 * (new \DateTimeImmutable($stored, new \DateTimeZone('UTC')))->getTimestamp();
    }
}
