<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;

/**
 * How long a running job will still take, from what earlier jobs of the same worker, kind and size took.
 *
 * Nothing is computed from the speed of other machines or from jobs of another size: where there are no earlier ones,
 * the time is not known.
 */
final class RunTimes
{
    /** Only the latest runs count, because machines and lines change. */
    private const EARLIER = 40;
    /** A job counts as of the same size if one is at most so many times as large as the other. */
    private const SAME_SIZE = 2.0;

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** @return float|null seconds; null where it is not known, or the job takes longer than those before it */
    public function left(Job $job): ?float
    {
        if ($job->status !== JobStatus::Processing || $job->startedAt === null || $job->workerName === null) {
            return null;
        }
        $rows = $this->database->all(
            'SELECT started_at, completed_at, total_bytes FROM stacking_jobs
              WHERE worker_name = ? AND kind = ? AND status = ? ORDER BY completed_at DESC, id DESC LIMIT ' . self::EARLIER,
            [$job->workerName, $job->kind->value, JobStatus::Completed->value]
        );
        $times = [];
        foreach ($rows as $row) {
            if ($row['started_at'] !== null && $row['completed_at'] !== null && self::isSameSize((int) $row['total_bytes'], $job->totalBytes)) {
                $times[] = self::seconds($row['completed_at']) - self::seconds($row['started_at']);
            }
        }
        sort($times);
        $left = $times === [] ? 0.0 : $times[intdiv(count($times), 2)] + self::seconds($job->startedAt) - $this->clock->milliseconds() / 1000.0;

        return $left > 0.0 ? $left : null;
    }

    /**
     * The seconds left of those jobs for which they are known.
     *
     * @param list<Job> $jobs
     * @return array<int, float> by job id
     */
    public function leftOf(array $jobs): array
    {
        $left = [];
        foreach ($jobs as $job) {
            $left[$job->id] = $this->left($job);
        }

        return array_filter($left, static fn (?float $seconds): bool => $seconds !== null);
    }

    private static function isSameSize(int $one, int $other): bool
    {
        return max($one, $other) <= self::SAME_SIZE * min($one, $other);
    }

    private static function seconds(string $stored): float
    {
        return (float) (new \DateTimeImmutable($stored, new \DateTimeZone('UTC')))->format('U.u');
    }
}
