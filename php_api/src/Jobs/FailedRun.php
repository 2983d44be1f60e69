<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Workers\WorkerRegistry;

/**
 * Ends a run that counts as failed, whether the worker reported it or fell silent.
 */
final class FailedRun
{
    public const FAILED = 'fail';
    public const EXPIRED = 'expired';

    public function __construct(
        private readonly JobStore $jobs,
        private readonly WorkerRegistry $workers,
        private readonly RetryDelay $delay,
        private readonly Clock $clock,
    ) {
    }

    /**
     * Call it inside a transaction.
     *
     * @param string $outcome FAILED or EXPIRED; remembered so that a repeated report can be told from a late one
     * @param string|null $stage where it failed, if the worker reported it; else that of its last heartbeat
     * @return JobStatus|null Retry or Failed; null when the job has changed since it was read
     */
    public function end(Job $job, string $reason, bool $retryable, string $actor, string $outcome, ?string $stage = null): ?JobStatus
    {
        $next = $retryable && $job->attempts < $job->maxAttempts ? JobStatus::Retry : JobStatus::Failed;
        $again = $next === JobStatus::Retry;
        $changes = [
            'error_message' => $reason,
            'stage' => $stage ?? $job->stage,
            'not_before' => $again ? $this->clock->milliseconds() + $this->delay->milliseconds($job->attempts) : null,
            'completed_at' => $again ? null : Utc::stored($this->clock->now()),
            'last_outcome' => $outcome,
            ...Job::NO_LEASE,
        ];
        $detail = "run {$job->attempts} of {$job->maxAttempts}: $reason";
        if (!$this->jobs->move($job, $next, $changes, $actor, $again ? "$outcome, will retry" : "$outcome, given up", $detail)) {
            return null;
        }
        $this->workers->countFailed((int) $job->apiKeyId, (string) $job->workerName);
        return $next;
    }
}
