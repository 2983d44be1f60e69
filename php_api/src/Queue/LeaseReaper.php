<?php

declare(strict_types=1);

namespace CrowdSky\Queue;

use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\FailedRun;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;

/**
 * Takes jobs back from workers that fell silent or take too long. It runs within every claim, so it needs no process of its own.
 */
final class LeaseReaper
{
    private const BATCH = 20;

    public function __construct(
        private readonly Database $database,
        private readonly FailedRun $failedRun,
        private readonly ClockCorrection $correction,
        private readonly Clock $clock,
        private readonly LeaseTerm $term,
    ) {
    }

    public function hasWork(): bool
    {
        return $this->expired(1) !== [] || $this->correction->isDue();
    }

    /**
     * Takes back jobs whose lease has run out. Call it inside a transaction.
     *
     * @return int jobs taken back
     */
    public function reap(): int
    {
        $this->correction->apply();
        $reaped = 0;
        foreach ($this->expired(self::BATCH) as $row) {
            $job = Job::fromRow($row);
            $hours = $this->term->maxHours($job->kind);
            $what = $this->term->isOver($job) ? "took longer than the $hours hours that a run may take" : 'fell silent';
            $reason = "worker {$job->workerName} $what" . ($job->stage === null ? '' : " during: {$job->stage}");
            $reaped += (int) ($this->failedRun->end($job, $reason, true, 'system', FailedRun::EXPIRED) !== null);
        }
        return $reaped;
    }

    /** @return list<array<string, mixed>> */
    private function expired(int $limit): array
    {
        return $this->database->all(
            "SELECT * FROM stacking_jobs WHERE status = :status AND lease_expires_at <= :now ORDER BY id LIMIT $limit",
            ['status' => JobStatus::Processing->value, 'now' => $this->clock->milliseconds()],
        );
    }
}
