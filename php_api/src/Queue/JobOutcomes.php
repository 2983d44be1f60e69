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
 * The two ways in which a worker gives up a job: it failed, or it is handed back. Both reports can be repeated.
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
     * @param bool $retryable false when another run would fail too, such as with unreadable frames
     * @param string|null $stage where in its work the run failed
     * @return JobStatus Retry or Failed
     * @throws LeaseLost unless the holder has the lease, or had it and repeats the same report
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
     * @throws LeaseLost unless the holder has the lease, or had it and already released it
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

    /**
     * Whether this repeats an earlier report; a claim, a requeue or an expiry in between would have changed
     * last_outcome.
     */
    private function isRepeat(Job $job, LeaseHolder $holder, string $outcome): bool
    {
        return $job->status !== JobStatus::Processing
            && $job->status !== JobStatus::Cancelled
            && $job->lastOutcome === $outcome
            && $holder->matches($job);
    }
}
