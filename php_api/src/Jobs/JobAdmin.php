<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/**
 * What owners and admins can do with a job from the pages.
 */
final class JobAdmin
{
    public const MIN_PRIORITY = -1000;
    public const MAX_PRIORITY = 1000;

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobEvents $events,
        private readonly Clock $clock,
    ) {
    }

    /**
     * Cancels a job; its worker learns of it at the next heartbeat. Cancelling twice is harmless.
     *
     * @param int|null $ownerId when given, jobs of other owners do not exist
     * @throws Refusal when there is no such job, or it is completed
     */
    public function cancel(int $jobId, string $actor, ?int $ownerId = null): void
    {
        $this->change($jobId, $ownerId, function (Job $job) use ($actor): bool {
            if ($job->status === JobStatus::Cancelled) {
                return true;
            }
            if ($job->status === JobStatus::Completed) {
                throw Refusal::conflict("Job {$job->id} is completed and cannot become cancelled");
            }
            $this->requireMove($job, JobStatus::Cancelled);
            return $this->jobs->move($job, JobStatus::Cancelled, [
                'completed_at' => Utc::stored($this->clock->now()),
                'last_outcome' => 'cancel',
                ...Job::NO_LEASE,
                'not_before' => null,
            ], $actor, 'cancelled');
        });
    }

    /**
     * Puts a failed, cancelled or waiting job back into the queue with a fresh count of runs.
     *
     * @throws Refusal when there is no such job, or it runs, is completed, has lost raw frames, shares light with
     *                 another job, or is a rescan of a stack with another rescan under way
     */
    public function requeue(int $jobId, string $actor, ?int $ownerId = null): void
    {
        $this->change($jobId, $ownerId, function (Job $job) use ($actor): bool {
            if ($job->status === JobStatus::Pending) {
                return true;
            }
            if ($job->mergedIntoId !== null) {
                throw Refusal::conflict("Job {$job->id} has no subs any more: they went to job {$job->mergedIntoId}");
            }
            if ($job->status === JobStatus::Processing) {
                throw Refusal::conflict("Job {$job->id} is being processed; cancel it first");
            }
            if ($job->status === JobStatus::Completed) {
                // Only a damaged stack makes it run again, see JobRevival.
                throw Refusal::conflict("Job {$job->id} is completed and cannot become pending");
            }
            $this->requireMove($job, JobStatus::Pending);
            match ($job->kind) {
                JobKind::Rescan => $this->requireNoOtherRescan($job),
                JobKind::Series => $this->requireFramesOf($job),
                default => $this->requireRaws($job),
            };
            $changes = ['last_outcome' => 'requeue'] + Job::FRESH_RUNS;
            return $this->jobs->move($job, JobStatus::Pending, $changes, $actor, 'requeued', "was {$job->status->value} after {$job->attempts} runs");
        });
    }

    /**
     * @param int $priority higher is sooner, 0 is normal
     * @throws Refusal when there is no such job or no such priority, or the job is finished
     */
    public function setPriority(int $jobId, int $priority, string $actor): void
    {
        self::requirePriority($priority);
        $this->change($jobId, null, function (Job $job) use ($priority, $actor): bool {
            if ($job->status->isFinished()) {
                throw Refusal::conflict("Job {$job->id} is {$job->status->value}; its priority does not matter any more");
            }
            if (!$this->jobs->update($job, ['priority' => $priority])) {
                return false;
            }
            $this->events->record($job->id, $actor, 'priority', "{$job->priority} to $priority");
            return true;
        });
    }

    /** @throws Refusal for what is no priority */
    public static function requirePriority(?int $priority): int
    {
        if ($priority === null) {
            throw Refusal::badInput('The priority must be a whole number', 'no_priority')->at('priority');
        }
        if ($priority < self::MIN_PRIORITY || $priority > self::MAX_PRIORITY) {
            throw Refusal::badInput('The priority must lie between ' . self::MIN_PRIORITY . ' and ' . self::MAX_PRIORITY, 'no_priority')->at('priority');
        }

        return $priority;
    }

    /** @param \Closure(Job): bool $change returns false if the job changed meanwhile */
    private function change(int $jobId, ?int $ownerId, \Closure $change): void
    {
        $this->database->transaction(function () use ($jobId, $ownerId, $change): void {
            $job = $this->jobs->getShown($jobId);
            if ($ownerId !== null && $job->userId !== $ownerId) {
                throw Refusal::notFound("There is no job $jobId");
            }
            if (!$change($job)) {
                throw Refusal::conflict("Job $jobId has just changed; look at it again");
            }
        });
    }

    private function requireMove(Job $job, JobStatus $to): void
    {
        if (!$job->status->canMoveTo($to)) {
            throw Refusal::conflict("Job {$job->id} is {$job->status->value} and cannot become {$to->value}");
        }
    }

    /** Locks the stack's row, as every request for a rescan does. */
    private function requireNoOtherRescan(Job $job): void
    {
        $this->database->execute('UPDATE stacked_frames SET job_id = job_id WHERE id = ?', [$job->stackId]);
        $other = $this->database->value(
            'SELECT id FROM stacking_jobs WHERE stack_id = ? AND id <> ? AND status IN (?, ?, ?)',
            [$job->stackId, $job->id, JobStatus::Pending->value, JobStatus::Retry->value, JobStatus::Processing->value],
        );
        if ($other !== null) {
            throw Refusal::conflict("Rescan $other of the same stack has not ended yet");
        }
    }

    /** Locks the row of the frames' job, as cleanup does before it deletes them. */
    private function requireFramesOf(Job $job): void
    {
        $this->database->execute('UPDATE stacking_jobs SET status = status WHERE id = ?', [$job->framesJobId()]);
        $this->requireAllFrames($job);
    }

    private function requireAllFrames(Job $job): void
    {
        $left = (int) $this->database->value('SELECT COUNT(*) FROM raw_files WHERE job_id = ? AND deleted_at IS NULL', [$job->framesJobId()]);
        if ($left < $job->frameCount) {
            throw Refusal::conflict("Job {$job->id} has only $left of its {$job->frameCount} raw frames left; upload them again");
        }
    }

    private function requireRaws(Job $job): void
    {
        $this->requireAllFrames($job);
        $other = $this->jobWithSame('sha256', $job) ?? $this->jobWithSame('pixel_mark', $job);
        if ($other !== null) {
            throw Refusal::conflict(
                "Job {$job->id} cannot run again: job $other has light of its subs, and light counts once. Delete job $other first"
            );
        }
    }

    /** A job that waits, runs or is done and has one of these subs too, since it was uploaded again; null without one. */
    private function jobWithSame(string $column, Job $job): ?int
    {
        $states = [JobStatus::Pending, JobStatus::Processing, JobStatus::Retry, JobStatus::Completed];
        $id = $this->database->value(
            "SELECT j.id FROM raw_files f
               JOIN raw_files n ON n.user_id = f.user_id AND n.$column = f.$column AND n.job_id <> f.job_id
               JOIN stacking_jobs j ON j.id = n.job_id LEFT JOIN stacked_frames s ON s.job_id = j.id
              WHERE f.job_id = ? AND f.deleted_at IS NULL AND n.left_out IS NULL AND n.lost_at IS NULL
                AND s.damaged_at IS NULL AND j.status IN (?, ?, ?, ?) LIMIT 1",
            [$job->id, ...array_column($states, 'value')],
        );
        return $id === null ? null : (int) $id;
    }
}
