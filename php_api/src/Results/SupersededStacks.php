<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Changes\StackChanges;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;

/**
 * Stacks whose light is in the stack of another job, since an admin has merged chunks.
 *
 * Until that stack is verified the old ones stay, and the subs remember in light_job_id which of them has their light. The
 * transaction that publishes the new stack takes the old ones out of the archive, so that no light counts twice; their
 * files stay until cleanup has read the new one.
 */
final class SupersededStacks
{
    public const EVENT = 'superseded';

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobEvents $events,
        private readonly ReplacedObjects $replaced,
        private readonly StackChanges $changes,
        private readonly Clock $clock,
    ) {
    }

    /**
     * Settles what waited for the new stack of a job. Call it in the transaction that publishes the stack.
     *
     * @param string $dueAt stored form; until then, files of stacks that have gone stay
     */
    public function settle(int $jobId, int $stackId, string $dueAt): void
    {
        // The stack has the light of its job's subs now, and no other.
        $this->database->execute('UPDATE raw_files SET light_job_id = NULL WHERE light_job_id = ?', [$jobId]);
        $this->database->execute('UPDATE stacking_jobs SET after_job_id = NULL WHERE after_job_id = ?', [$jobId]);
        $this->keepPrivate($stackId, $this->database->column(
            "SELECT s.visibility FROM chunk_changes c JOIN stacked_frames s ON s.job_id = c.job_id
              WHERE c.kind = 'split' AND c.other_jobs = ? AND c.undone_at IS NULL",
            [(string) $jobId],
        ));
        $former = $this->database->column('SELECT DISTINCT light_job_id FROM raw_files WHERE job_id = ? AND light_job_id IS NOT NULL', [$jobId]);
        foreach (array_map('intval', $former) as $formerId) {
            $this->database->execute('UPDATE raw_files SET light_job_id = NULL WHERE light_job_id = ?', [$formerId]);
            $this->retireStackOf($formerId, $stackId, $dueAt);
        }
    }

    /** The stack that has the light of one that has gone; null if none is known. */
    public function successorOf(int $stackId): ?int
    {
        $id = $this->database->value('SELECT stack_id FROM superseded_stacks WHERE id = ?', [$stackId]);
        return $id === null ? null : (int) $id;
    }

    private function retireStackOf(int $jobId, int $successor, string $dueAt): void
    {
        $stack = $this->database->one('SELECT * FROM stacked_frames WHERE job_id = ?', [$jobId]);
        if ($stack === null) {
            return;
        }
        $stackId = (int) $stack['id'];
        $this->keepPrivate($successor, [$stack['visibility']]);
        $this->replaced->add($successor, $this->filesOf($stack), $dueAt);
        $this->deleteJobsOn($stackId, $jobId, "its stack $stackId went into stack $successor");
        $this->database->execute('UPDATE superseded_stacks SET stack_id = ? WHERE stack_id = ?', [$successor, $stackId]);
        $this->changes->noteRemoval($stackId, fn () => $this->database->execute('DELETE FROM stacked_frames WHERE id = ?', [$stackId]));
        $this->database->insert('superseded_stacks', ['id' => $stackId, 'stack_id' => $successor]);
        $this->endJob($jobId, "stack $stackId went into stack $successor");
    }

    /**
     * Nobody sees light whose owner has decided that they do not: of the stack and those it came from the strictest counts.
     *
     * @param list<string> $others what was decided about the stacks that had the light before
     */
    private function keepPrivate(int $stackId, array $others): void
    {
        $order = [StackVisibility::Public->value, StackVisibility::Inherit->value, StackVisibility::Private->value];
        $own = (string) $this->database->value('SELECT visibility FROM stacked_frames WHERE id = ?', [$stackId]);
        $places = array_map(static fn (string $visibility): int => (int) array_search($visibility, $order, true), [$own, ...$others]);
        if ($order[max($places)] !== $own) {
            $this->database->execute('UPDATE stacked_frames SET visibility = ? WHERE id = ?', [$order[max($places)], $stackId]);
            $this->changes->note($stackId);
        }
    }

    /**
     * @param array<string, mixed> $stack row of stacked_frames
     * @return list<string> of a damaged stack nothing, since no file of one is touched
     */
    private function filesOf(array $stack): array
    {
        $own = $stack['damaged_at'] !== null ? [] : array_map(static fn (string $column): ?string => $stack[$column], ResultKind::columns());
        $series = $this->database->column('SELECT path FROM series WHERE stack_id = ? AND path IS NOT NULL', [$stack['id']]);
        return array_values(array_unique(array_filter([...$own, ...$this->replaced->pathsOf((int) $stack['id']), ...$series])));
    }

    /** Deletes the rescans and series of the stack; a worker that is busy with one is told that it is gone. */
    private function deleteJobsOn(int $stackId, int $jobId, string $why): void
    {
        $ids = $this->database->column('SELECT id FROM stacking_jobs WHERE stack_id = ? OR frames_job_id = ? ORDER BY id', [$stackId, $jobId]);
        foreach (array_map('intval', $ids) as $id) {
            $this->database->execute('DELETE FROM series WHERE job_id = ?', [$id]);
            $this->database->execute('DELETE FROM stacking_jobs WHERE id = ?', [$id]);
            $this->events->record($id, 'system', JobEvents::DELETED, $why);
        }
    }

    private function endJob(int $jobId, string $why): void
    {
        $job = $this->jobs->get($jobId);
        $changes = ['frame_count' => 0, 'total_bytes' => 0, 'replaces_stack' => false, 'completed_at' => Utc::stored($this->clock->now())];
        if ($job->status === JobStatus::Cancelled) {
            $this->jobs->update($job, $changes);
            $this->events->record($jobId, 'system', self::EVENT, $why);
            return;
        }
        $this->jobs->move($job, JobStatus::Cancelled, $changes, 'system', self::EVENT, $why);
    }
}
