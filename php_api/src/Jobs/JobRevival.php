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
        return $this->queueAgain($jobId, ['replaces_stack' => false], $actor, $why);
    }

    /**
     * Like revive(), for a stack that is intact and stays until the new one is verified.
     *
     * @return bool false when the job is queued or runs already
     */
    public function reviveToReplace(int $jobId, string $actor, string $why): bool
    {
        return $this->queueAgain($jobId, ['replaces_stack' => true], $actor, $why);
    }

    /** @param array<string, mixed> $changes */
    private function queueAgain(int $jobId, array $changes, string $actor, string $why): bool
    {
        $job = $this->jobs->get($jobId);
        $changes += Job::FRESH_RUNS + ['last_outcome' => self::EVENT];
        return $job->status->isFinished() && $this->jobs->move($job, JobStatus::Pending, $changes, $actor, self::EVENT, $why);
    }
}
