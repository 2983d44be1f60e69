<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

/**
 * Queues the job of a damaged stack once more. Its new stack takes the place of the damaged one.
 */
final class JobRevival
{
    public const EVENT = 'revived';

    public function __construct(private readonly JobStore $jobs)
    {
    }

    /**
     * Call it inside a transaction that has seen the stack's row to be damaged.
     *
     * @return bool false when the job is queued or runs already
     */
    public function revive(int $jobId, string $actor, string $why): bool
    {
        $job = $this->jobs->get($jobId);
        return $job->status->isFinished() && $this->jobs->move($job, JobStatus::Pending, Job::FRESH_RUNS + ['last_outcome' => self::EVENT], $actor, self::EVENT, $why);
    }
}
