<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/**
 * Reads and changes jobs. Every update is guarded: it applies only if the job is still as it was read.
 */
final class JobStore
{
    public function __construct(
        private readonly Database $database,
        private readonly JobEvents $events,
        private readonly JobRuns $runs,
        private readonly Clock $clock,
    ) {
    }

    public function find(int $jobId): ?Job
    {
        $row = $this->database->one('SELECT * FROM stacking_jobs WHERE id = ?', [$jobId]);
        return $row === null ? null : Job::fromRow($row);
    }

    /** @throws Refusal when there is no such job */
    public function get(int $jobId): Job
    {
        return $this->find($jobId) ?? throw Refusal::notFound("There is no job $jobId");
    }

    /** Id of the check of a job that was given to a key, running or ended; no key gets two. */
    public function checkOf(int $jobId, int $apiKeyId): ?int
    {
        $id = $this->database->value('SELECT id FROM stacking_jobs WHERE checks_job_id = ? AND api_key_id = ?', [$jobId, $apiKeyId]);
        return $id === null ? null : (int) $id;
    }

    /** The running job of this holder that works on the frames of another job; null without one. */
    public function sharing(int $jobId, LeaseHolder $holder): ?Job
    {
        foreach ($this->sharingFrames($jobId) as $job) {
            if ($job->status === JobStatus::Processing && $holder->matches($job)) {
                return $job;
            }
        }
        return null;
    }

    /** @return list<Job> jobs that make series of the frames of another job */
    public function sharingFrames(int $jobId): array
    {
        return array_map(Job::fromRow(...), $this->database->all('SELECT * FROM stacking_jobs WHERE frames_job_id = ? ORDER BY id', [$jobId]));
    }

    /** @return list<Job> checks of a job, running or ended */
    public function checksOf(int $jobId): array
    {
        return array_map(Job::fromRow(...), $this->database->all('SELECT * FROM stacking_jobs WHERE checks_job_id = ? ORDER BY id', [$jobId]));
    }

    /** @throws Refusal when there is no such job, or it is one that people are not shown */
    public function getShown(int $jobId): Job
    {
        $job = $this->get($jobId);
        return $job->kind === JobKind::Check ? throw Refusal::notFound("There is no job $jobId") : $job;
    }

    /**
     * Moves a job to another state and records who did it. Call it inside a transaction.
     *
     * A check is never handed out again: whatever state its run would move it to, it ends as failed.
     *
     * @param array<string, mixed> $changes further columns
     * @return bool false when the job has changed since it was read; then nothing is written
     */
    public function move(Job $job, JobStatus $to, array $changes, string $actor, string $event, ?string $detail = null): bool
    {
        if (!$job->status->canMoveTo($to)) {
            throw new \LogicException("Job {$job->id} cannot go from {$job->status->value} to {$to->value}");
        }
        if ($job->kind === JobKind::Check) {
            $event = JobEvents::OF_CHECK . $event;
            if ($to !== JobStatus::Processing) {
                $to = JobStatus::Failed;
                $changes = ['completed_at' => Utc::stored($this->clock->now())] + $changes;
            }
        }
        if (!$this->update($job, ['status' => $to->value] + $changes)) {
            return false;
        }
        $this->events->record($job->id, $actor, $event, $detail);
        if ($to === JobStatus::Processing) {
            $this->runs->begin($job, $changes);
        } elseif ($job->status === JobStatus::Processing || in_array($event, [JobEvents::COMPLETED, JobEvents::ACCEPTED], true)) {
            $this->runs->end($job, $event === JobEvents::ACCEPTED ? JobEvents::COMPLETED : $event);
        }
        return true;
    }

    /**
     * Like update(), for signs of life: a power cut may undo it, since the next one follows soon.
     *
     * @param array<string, mixed> $changes
     */
    public function renew(Job $job, array $changes): bool
    {
        return $this->database->forgettable(fn (): bool => $this->update($job, $changes));
    }

    /**
     * Changes columns of a job without moving it, under the same guard.
     *
     * @param array<string, mixed> $changes
     */
    public function update(Job $job, array $changes): bool
    {
        $changes['updated_at'] = Utc::stored($this->clock->now());
        $sets = implode(', ', array_map(static fn (string $column): string => "$column = :$column", array_keys($changes)));
        $guard = ['was_id' => $job->id, 'was_status' => $job->status->value, 'was_attempts' => $job->attempts];
        $sql = "UPDATE stacking_jobs SET $sets WHERE id = :was_id AND status = :was_status AND attempts = :was_attempts";
        if ($job->leaseTokenHash === null) {
            $sql .= ' AND lease_token_hash IS NULL';
        } else {
            $sql .= ' AND lease_token_hash = :was_token';
            $guard['was_token'] = $job->leaseTokenHash;
        }
        return $this->database->execute($sql, $changes + $guard) === 1;
    }
}
