<?php

declare(strict_types=1);

namespace CrowdSky\Regrouping;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Uploads\RawSub;

/**
 * Undoes a merge or split whose new stack has not been made yet: the subs go back, and stacks that were to be replaced stay.
 * Afterwards, a merged chunk can be split, and split ones merged.
 */
final class ChangeUndo
{
    public const EVENT = 'regrouping undone';

    public function __construct(
        private readonly Database $database,
        private readonly ChunkReader $reader,
        private readonly RegroupedJobs $regrouped,
        private readonly ChangeLog $log,
    ) {
    }

    /** Returns why a change cannot be undone, as a sentence without its full stop; null when it can. */
    public function problem(ChunkChange $change): ?string
    {
        $holder = $change->kind === ChunkChange::MERGED ? $change->jobId : $change->otherJobs[0];
        if ($change->undoneAt !== null) {
            return 'It was undone already';
        }
        if ($change->undo === null) {
            return 'Copies of subs were left out, so that the chunks before cannot be made again';
        }
        $later = array_filter($change->jobs(), fn (int $jobId): bool => $this->hasLater($change, $jobId));
        if ($later !== []) {
            return 'One of its jobs was merged or split later; undo that first';
        }
        $rows = $this->regrouped->rowsOf(array_keys($change->undo['subs']));
        foreach (array_keys($change->undo['subs']) as $id) {
            $row = $rows[$id] ?? null;
            if ($row === null || $row['deleted_at'] !== null || (int) $row['job_id'] !== $holder) {
                return 'Its subs have been deleted or have moved on since';
            }
        }
        foreach ($this->reader->chunks($change->jobs()) as $chunk) {
            if ($chunk->job->status === JobStatus::Completed && $chunk->job->mergedIntoId === null) {
                return "Job {$chunk->job->id} has made its new stack; merge or split it again instead";
            }
            if ($chunk->job->nHeld > 0) {
                return "A result of job {$chunk->job->id} waits for a decision about a volunteer's work";
            }
        }

        return count($this->reader->chunks($change->jobs())) === count($change->jobs()) ? null : 'One of its jobs does not exist any more';
    }

    /** @throws Refusal with the reason why it cannot be undone */
    public function undo(int $changeId, string $actor): ChunkChange
    {
        return $this->database->transaction(function () use ($changeId, $actor): ChunkChange {
            $found = $this->log->get($changeId);
            $this->regrouped->lock($found->userId, $found->jobs());
            $change = $this->log->get($changeId);
            $problem = $this->problem($change);
            if ($problem !== null || $change->undo === null) {
                throw Refusal::conflict("This cannot be undone. $problem");
            }
            $this->giveBack($change->undo['subs']);
            foreach ($this->reader->chunks($change->jobs()) as $chunk) {
                $before = $change->undo['jobs'][$chunk->job->id] ?? null;
                $before === null ? $this->regrouped->leaveEmpty($chunk, $change->jobId, $actor, self::EVENT) : $this->restore($chunk, $before, $actor);
            }
            $this->log->markUndone($change);

            return $change;
        });
    }

    private function hasLater(ChunkChange $change, int $jobId): bool
    {
        return array_filter(
            $this->log->ofJob($jobId, $change->userId),
            static fn (ChunkChange $other): bool => $other->id > $change->id && $other->undoneAt === null,
        ) !== [];
    }

    /** @param array<int, int> $subs the job that each was in */
    private function giveBack(array $subs): void
    {
        $byJob = [];
        foreach ($this->regrouped->rowsOf(array_keys($subs)) as $id => $row) {
            $byJob[$subs[$id]][] = RawSub::fromRow($row);
        }
        foreach ($byJob as $jobId => $own) {
            $this->regrouped->give($own, $jobId, ($this->reader->chunks([$jobId])[0] ?? null)->subs ?? [], null);
        }
    }

    /** @param array<string, mixed> $before what the job was */
    private function restore(Chunk $chunk, array $before, string $actor): void
    {
        $was = JobStatus::from($before['status']);
        [$status, $completedAt] = match (true) {
            $was === JobStatus::Completed && $chunk->stackId !== null => [JobStatus::Completed, $before['completed_at']],
            $was->isFinished() => [JobStatus::Cancelled, $before['completed_at']],
            default => [JobStatus::Pending, null],
        };
        $changes = ['completed_at' => $completedAt, 'merged_into_id' => null, 'replaces_stack' => false, 'last_outcome' => 'requeue']
            + ($chunk->subs === [] ? [] : RegroupedJobs::described($chunk->subs)) + Job::FRESH_RUNS + Job::NO_LEASE;
        $this->regrouped->change($chunk->job, $status, $changes, $actor, self::EVENT, "{$was->value} before");
    }
}
