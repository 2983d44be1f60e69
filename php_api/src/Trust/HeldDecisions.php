<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Base\Logger;
use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Results\JobPublication;
use CrowdSky\Results\StackVerifier;

/**
 * Accepts or rejects waiting results without a second opinion: because an admin says so, or because none came.
 */
final class HeldDecisions
{
    private const ACCEPTABLE = [JobStatus::Pending, JobStatus::Retry, JobStatus::Failed];

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly HeldResults $held,
        private readonly Verdicts $verdicts,
        private readonly JobPublication $publication,
        private readonly StackVerifier $verifier,
        private readonly Logger $log,
    ) {
    }

    /**
     * Publishes a held result after reading it back from storage once more. Others of the job are compared with it.
     *
     * @param string $actor such as admin:NAME
     * @return int id of the stack
     * @throws Refusal when the result no longer waits, its job is not idle, or its file is not in storage as it was
     */
    public function accept(int $heldId, string $actor): int
    {
        $held = $this->held->get($heldId);
        $result = $this->verifier->verify($this->idleJob($held), $held->report);
        if ($result->stack->sha256 !== $held->sha256) {
            throw Refusal::unusable("{$held->path} has changed in storage since the result was held", 'not_stored');
        }
        [$stackId, $alarms] = $this->database->transaction(function () use ($heldId, $actor, $result): array {
            [$held, $job] = $this->lock($heldId);
            if (!$held->isOf($job)) {
                throw Refusal::conflict("More frames have joined job {$job->id} since; it has to be stacked again");
            }
            $published = $this->publication->publish($job, $held->report, $result, $held->apiKeyId, $held->workerName, $actor, JobEvents::ACCEPTED);
            if ($published === null) {
                throw self::changed($job);
            }
            $isOther = static fn (HeldResult $one): bool => $one->id !== $heldId;
            $others = array_values(array_filter($this->held->comparable($job), $isOther));
            $this->verdicts->accept($held);
            return [$published, $this->verdicts->judge($others, $held->figures)];
        });
        foreach ($alarms as $alarm) {
            $this->log->error($alarm);
        }
        return $stackId;
    }

    /**
     * Discards a held result; the job goes on waiting for a worker. The key has to earn its trust again.
     *
     * @throws Refusal when the result no longer waits or its job is not idle
     */
    public function reject(int $heldId, string $actor): void
    {
        $this->database->transaction(function () use ($heldId, $actor): void {
            [$held, $job] = $this->lock($heldId);
            $this->verdicts->reject($held, $actor);
            $this->jobs->update($job, ['n_held' => count($this->held->ofJob($job->id))]);
        });
    }

    /**
     * Writes the job's row first, as a completion does, so that the two exclude each other.
     *
     * @return array{HeldResult, Job}
     */
    private function lock(int $heldId): array
    {
        $job = $this->idleJob($this->held->get($heldId));
        if (!$this->jobs->update($job, [])) {
            throw self::changed($job);
        }
        // Read again under the lock: subs may have joined the job a moment ago, and the result does not hold them.
        return [$this->held->get($heldId), $this->jobs->get($job->id)];
    }

    /** @throws Refusal while a worker has the job, and once it is completed or cancelled */
    private function idleJob(HeldResult $held): Job
    {
        $job = $this->jobs->get($held->jobId);
        if (!in_array($job->status, self::ACCEPTABLE, true)) {
            throw Refusal::conflict("Job {$job->id} is {$job->status->value}; decide when no worker has it");
        }
        return $job;
    }

    private static function changed(Job $job): Refusal
    {
        return Refusal::conflict("Job {$job->id} has just changed; look at it again");
    }
}
