<?php

declare(strict_types=1);

namespace CrowdSky\Queue;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\FailedRun;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Jobs\LeaseLost;

/**
 * The two ways a worker gives a job up: it failed, or it hands the job back untouched. Both can be repeated.
 */
final class JobOutcomes
{
    private const RELEASE = 'release';

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly LeaseKeeper $leases,
        private readonly FailedRun $failedRun,
    ) {
    }

    /**
     * @param bool $retryable false when another run could not do better, such as unreadable frames
     * @param string|null $stage where in its work the run failed
     * @return JobStatus Retry or Failed
     * @throws LeaseLost unless the holder has the lease, or had it and reports the same end again
     */
    public function fail(int $jobId, LeaseHolder $holder, string $reason, bool $retryable, ?string $stage): JobStatus
    {
        return $this->database->transaction(function () use ($jobId, $holder, $reason, $retryable, $stage): JobStatus {
            $job = $this->jobs->get($jobId);
            if ($this->isRepeat($job, $holder, FailedRun::FAILED)) {
                return $job->statusTold();
            }
            $this->leases->check($job, $holder);
            return $this->failedRun->end($job, $reason, $retryable, "worker:{$job->workerName}", FailedRun::FAILED, $stage)
                ?? throw new LeaseLost($jobId, 'the job was taken back a moment ago');
        });
    }

    /**
     * Gives the job back to the queue as if it had not been claimed.
     *
     * @throws LeaseLost unless the holder has the lease, or had it and released it already
     */
    public function release(int $jobId, LeaseHolder $holder, string $reason): JobStatus
    {
        return $this->database->transaction(function () use ($jobId, $holder, $reason): JobStatus {
            $job = $this->jobs->get($jobId);
            if ($this->isRepeat($job, $holder, self::RELEASE)) {
                return $job->statusTold();
            }
            $this->leases->check($job, $holder);
            $released = $this->jobs->move($job, JobStatus::Pending, [
                'attempts' => $job->attempts - 1,
                'last_outcome' => self::RELEASE,
                ...Job::NO_LEASE,
                ...Job::NO_PROGRESS,
                'started_at' => null,
            ], "worker:{$job->workerName}", 'released', $reason);
            return $released ? JobStatus::Pending : throw new LeaseLost($jobId, 'the job was taken back a moment ago');
        });
    }

    /** A claim, a requeue or an expiry in between changes last_outcome, so this is the same report once more. */
    private function isRepeat(Job $job, LeaseHolder $holder, string $outcome): bool
    {
        return $job->status !== JobStatus::Processing
            && $job->status !== JobStatus::Cancelled
            && $job->lastOutcome === $outcome
            && $holder->matches($job);
    }
}
