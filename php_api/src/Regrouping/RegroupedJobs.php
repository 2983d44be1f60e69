<?php

declare(strict_types=1);

namespace CrowdSky\Regrouping;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Uploads\ChunkJobs;
use CrowdSky\Uploads\DisplayName;
use CrowdSky\Uploads\EarlierLight;
use CrowdSky\Uploads\RawSub;
use CrowdSky\Uploads\TakenNames;

/**
 * Moves jobs and subs when chunks are merged or split. Everything here belongs in one transaction.
 *
 * A job that runs is taken from its worker: its lease ends, the worker is told so by its next call, and the result of that
 * run is refused.
 */
final class RegroupedJobs
{
    private const OUTCOME = 'regrouped';
    private const BATCH = 200;

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobEvents $events,
        private readonly Clock $clock,
    ) {
    }

    /**
     * Waits for whoever changes one of these jobs or the owner's uploads, and keeps them out until the transaction ends.
     *
     * @param list<int> $jobIds
     */
    public function lock(int $ownerId, array $jobIds): void
    {
        $this->database->execute('UPDATE users SET session_epoch = session_epoch WHERE id = ?', [$ownerId]);
        sort($jobIds);
        foreach ($jobIds as $id) {
            $this->database->execute('UPDATE stacking_jobs SET status = status WHERE id = ?', [$id]);
        }
    }

    /**
     * Queues a job with other subs than before; a stack of it stays until the new one is verified.
     *
     * @param non-empty-list<RawSub> $subs
     */
    public function queue(Chunk $chunk, array $subs, string $actor, string $event, string $detail): void
    {
        $changes = self::described($subs) + Job::FRESH_RUNS + Job::NO_LEASE + ['last_outcome' => self::OUTCOME, 'replaces_stack' => $chunk->stackId !== null];
        $this->change($chunk->job, JobStatus::Pending, $changes, $actor, $event, $detail);
        $this->endChecksOf($chunk->job->id);
    }

    /**
     * @param non-empty-list<RawSub> $subs
     * @return array<string, mixed> what the row of their job says about them
     */
    public static function described(array $subs): array
    {
        $group = RawSub::group($subs);

        return ['time_block' => $group->first()->timeBlock] + ChunkJobs::summary($group, $subs);
    }

    /** Leaves a job without subs, which went to another one. Its stack stays until the other one has its light. */
    public function leaveEmpty(Chunk $chunk, int $into, string $actor, string $event): void
    {
        $changes = ['merged_into_id' => $into, 'frame_count' => 0, 'total_bytes' => 0];
        $isKept = $chunk->stackId !== null && $chunk->job->status === JobStatus::Completed;
        if (!$isKept) {
            $changes += ['completed_at' => $this->now(), 'last_outcome' => 'cancel', 'not_before' => null, 'after_job_id' => null] + Job::NO_LEASE;
        }
        $this->change($chunk->job, $isKept ? JobStatus::Completed : JobStatus::Cancelled, $changes, $actor, $event, "into job $into");
        $this->endChecksOf($chunk->job->id);
    }

    /**
     * Moves a job to a state, in which it may be already.
     *
     * @param array<string, mixed> $changes further columns
     * @throws Refusal when it has changed since it was read
     */
    public function change(Job $job, JobStatus $to, array $changes, string $actor, string $event, string $detail): void
    {
        $isChanged = $job->status === $to ? $this->jobs->update($job, $changes) : $this->jobs->move($job, $to, $changes, $actor, $event, $detail);
        if (!$isChanged) {
            throw Refusal::conflict("Job {$job->id} has just changed; look at it again");
        }
        if ($job->status === $to) {
            $this->events->record($job->id, $actor, $event, $detail);
        }
    }

    /**
     * Gives subs to another job, under names that it does not have yet. Their own chunk keys stay.
     *
     * @param list<RawSub> $subs
     * @param list<RawSub> $present what the job holds
     * @param int|null $lightJobId the job whose stack has their light for now
     */
    public function give(array $subs, int $jobId, array $present, ?int $lightJobId): void
    {
        $names = new TakenNames(array_map(static fn (RawSub $sub): string => $sub->filename, $present));
        foreach ($subs as $sub) {
            $this->database->execute(
                'UPDATE raw_files SET job_id = ?, filename = ?, light_job_id = ? WHERE id = ?',
                [$jobId, $names->take(DisplayName::of($sub->filename)), $lightJobId, $sub->frame->id],
            );
        }
    }

    /**
     * Looks for a job that is none of these and has light of their subs: light counts once.
     *
     * @param non-empty-list<Chunk> $chunks
     * @throws Refusal naming it
     */
    public function requireOwnLight(array $chunks): void
    {
        $subs = array_merge(...array_map(static fn (Chunk $chunk): array => $chunk->subs, $chunks));
        $jobIds = array_map(static fn (Chunk $chunk): int => $chunk->job->id, $chunks);
        $light = new EarlierLight($this->database, $chunks[0]->job->userId, $subs, exceptJobs: $jobIds);
        foreach ($subs as $sub) {
            $other = ($light->stackedAs($sub) ?? $light->waitingAs($sub))?->first->jobId;
            if ($other !== null) {
                throw Refusal::conflict("Job $other has light of these subs too, and light counts once. Delete job $other first");
            }
        }
    }

    /**
     * @param list<int> $ids
     * @return array<int, array<string, mixed>> rows of raw_files by id
     */
    public function rowsOf(array $ids): array
    {
        $rows = [];
        foreach (array_chunk($ids, self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $rows += array_column($this->database->all("SELECT * FROM raw_files WHERE id IN ($marks)", $batch), null, 'id');
        }

        return $rows;
    }

    /** A volunteer's check of a job compares with a stack of the former subs, which are being taken away. */
    private function endChecksOf(int $jobId): void
    {
        foreach ($this->jobs->checksOf($jobId) as $check) {
            if ($check->status === JobStatus::Processing) {
                $this->jobs->move($check, JobStatus::Failed, Job::NO_LEASE + ['last_outcome' => self::OUTCOME], 'system', 'ended');
            }
        }
    }

    private function now(): string
    {
        return Utc::stored($this->clock->now());
    }
}
