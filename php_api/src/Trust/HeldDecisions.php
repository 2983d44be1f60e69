<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Results\JobPublication;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Workers\KeyTrust;

/**
 * Accepts or rejects waiting results without a second opinion: when an admin decides, or when none came.
 */
final class HeldDecisions
{
    private const ACCEPTABLE = [JobStatus::Pending, JobStatus::Retry, JobStatus::Failed];

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly HeldResults $held,
        private readonly SecondOpinions $opinions,
        private readonly JobPublication $publication,
        private readonly StackVerifier $verifier,
        private readonly KeyTrust $keys,
        private readonly JobEvents $events,
        private readonly Logger $log,
        private readonly Clock $clock,
        private readonly int $secondOpinionHours,
    ) {
    }

    /**
     * Publishes a held result after reading it back from storage again, and compares the job's other results with it.
     *
     * @param string $actor such as admin:NAME
     * @throws Refusal when the result no longer waits, its job is not idle, or its file is not in storage as it was
     */
    public function accept(int $heldId, string $actor): void
    {
        $held = $this->held->get($heldId);
        $this->idleJob($held);
        $result = $this->verifier->verify($held->report);
        if ($result->stack->sha256 !== $held->sha256) {
            throw Refusal::unusable("{$held->path} holds other bytes than when the result was held", 'not_stored');
        }
        $alarms = $this->database->transaction(function () use ($heldId, $actor, $result): array {
            [$held, $job] = $this->lock($heldId);
            if (!$held->isOf($job)) {
                throw Refusal::conflict("More frames have joined job {$job->id} since; it has to be stacked again");
            }
            $published = $this->publication->publish($job, $held->report, $result, $held->apiKeyId, $held->workerName, $actor, 'accepted');
            if ($published === null) {
                throw self::changed($job);
            }
            $now = Utc::stored($this->clock->now());
            $others = array_values(array_filter($this->held->comparable($job, $now), static fn (HeldResult $one): bool => $one->id !== $heldId));
            $this->held->close($held, HeldState::Published, $held->finding, $now);
            $this->keys->credit($held->apiKeyId);
            return $this->opinions->settle($others, $held->figures, $now);
        });
        foreach ($alarms as $alarm) {
            $this->log->error($alarm);
        }
    }

    /**
     * Discards a held result; the job continues to wait for a worker. The key has to earn its trust again.
     *
     * @throws Refusal when the result no longer waits or its job is not idle
     */
    public function reject(int $heldId, string $actor): void
    {
        $this->database->transaction(function () use ($heldId, $actor): void {
            [$held, $job] = $this->lock($heldId);
            $this->held->close($held, HeldState::Rejected, $held->finding, Utc::stored($this->clock->now()));
            $this->jobs->update($job, ['n_held' => count($this->held->ofJob($job->id))]);
            $this->keys->startAnew($held->apiKeyId);
            $this->events->record($job->id, $actor, 'result rejected', "that of worker {$held->workerName}");
        });
    }

    /** Accepts what has waited for second_opinion_hours; what cannot be accepted keeps waiting and is logged. */
    public function acceptOverdue(): void
    {
        if ($this->secondOpinionHours === 0) {
            return;
        }
        $before = Utc::storedBefore($this->clock->now(), 3600 * $this->secondOpinionHours);
        foreach ($this->held->aloneSince($before) as $heldId) {
            try {
                $this->accept($heldId, 'system');
            } catch (Refusal $error) {
                $this->log->warning("cleanup, held result $heldId: {$error->getMessage()}");
            }
        }
    }

    /**
     * Writes the job's row first, as a completion does, so that the two cannot interleave.
     *
     * @return array{HeldResult, Job}
     */
    private function lock(int $heldId): array
    {
        $job = $this->idleJob($this->held->get($heldId));
        if (!$this->jobs->update($job, [])) {
            throw self::changed($job);
        }
        // Read again under the lock: subs may just have joined the job, and must not count as stacked.
        return [$this->held->get($heldId), $this->jobs->get($job->id)];
    }

    /** @throws Refusal while a worker has it, and once it is over */
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
