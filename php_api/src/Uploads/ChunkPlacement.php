<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Chunks\Closeness;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobRevival;
use CrowdSky\Jobs\JobStatus;

/**
 * Finds the job for each chunk of newly uploaded subs: none if they are already stacked, the one whose stack of them was
 * lost, one that still waits for a worker, or a new one. Runs inside the transaction of finalize.
 */
final class ChunkPlacement
{
    public function __construct(
        private readonly Database $database,
        private readonly JobRevival $revival,
        private readonly JobEvents $events,
        private readonly Clock $clock,
        private readonly Closeness $closeness,
        private readonly int $maxAttempts,
    ) {
    }

    /** @param list<non-empty-list<RawSub>> $chunks each in order of time */
    public function place(UploadSession $session, User $user, array $chunks): void
    {
        $byBlock = [];
        foreach ($chunks as $subs) {
            $byBlock[$subs[0]->frame->timeBlock][] = $subs;
        }
        foreach ($byBlock as $block => $together) {
            $this->placeTogether($session, $user, $together, new QueuedChunks($this->database, $user->id, (string) $block, $this->closeness));
        }
    }

    /** @param non-empty-list<non-empty-list<RawSub>> $chunks of one block of time */
    private function placeTogether(UploadSession $session, User $user, array $chunks, QueuedChunks $queued): void
    {
        $joining = [];
        foreach ($chunks as $subs) {
            $group = RawSub::group($subs);
            if ($queued->isStacked($subs)) {
                $this->skip($group);
                continue;
            }
            $jobId = $this->revivedJob($queued, $subs, $user) ?? $this->waitingJob($queued, $group, $joining);
            if ($jobId === null) {
                $this->create($session, $user, $group, $subs);
            } else {
                $queued->extend($jobId, $group);
                $joining[$jobId] ??= [];
                array_push($joining[$jobId], ...$subs);
            }
        }
        foreach ($joining as $jobId => $subs) {
            $this->add($jobId, $queued->subsOf($jobId), $subs, $user);
        }
    }

    /**
     * Queues the job once more whose stack of these subs was lost, so that a new one takes its place.
     *
     * @param non-empty-list<RawSub> $subs
     */
    private function revivedJob(QueuedChunks $queued, array $subs, User $user): ?int
    {
        foreach ($queued->damagedWith($subs) as $jobId) {
            if ($this->revival->revive($jobId, $user->actor(), 'its stack is damaged; subs of it were uploaded again')) {
                $queued->takeBack($jobId);
                return $jobId;
            }
        }

        return null;
    }

    /** @param array<int, mixed> $heldBack by the jobs that are already kept from being claimed */
    private function waitingJob(QueuedChunks $queued, FrameGroup $group, array $heldBack): ?int
    {
        foreach ($queued->waitingFor($group) as $jobId) {
            if (isset($heldBack[$jobId]) || $this->holdBack($jobId)) {
                return $jobId;
            }
        }

        return null;
    }

    /** Keeps the rows without a job, as a record of what was skipped, and marks their files as deleted. */
    private function skip(FrameGroup $group): void
    {
        $key = $group->chunkKey();
        foreach ($group->frameIds() as $id) {
            $this->database->execute(
                'UPDATE raw_files SET deleted_at = ?, chunk_key = ?, chunk_key_hp = ? WHERE id = ?',
                [$this->now(), $key->label, $key->healpixLabel, $id]
            );
        }
    }

    /** Keeps a waiting job from being claimed until this transaction ends; false if it is too late. */
    private function holdBack(int $jobId): bool
    {
        return $this->database->execute(
            'UPDATE stacking_jobs SET updated_at = ? WHERE id = ? AND status = ?',
            [$this->now(), $jobId, JobStatus::Pending->value]
        ) === 1;
    }

    /** @param non-empty-list<RawSub> $subs */
    private function create(UploadSession $session, User $user, FrameGroup $group, array $subs): void
    {
        $first = $group->frames[0];
        $now = $this->now();
        $summary = self::summary($group, $subs);
        $jobId = $this->database->insert('stacking_jobs', [
            'user_id' => $session->userId,
            'upload_session_id' => $session->id,
            'status' => JobStatus::Pending->value,
            // Several pointings of a session may share the frames' key; the first frame tells them apart.
            'group_key' => $group->groupKey() . '-' . $first->id,
            'time_block' => $first->timeBlock,
            'telescope' => $first->telescope,
            'filter_name' => $first->filter,
            'fits_exptime' => $first->exposure,
            'eq_mode' => $first->eqMode,
            'max_attempts' => $this->maxAttempts,
            'created_at' => $now,
            'updated_at' => $now,
        ] + $summary);
        $this->link($jobId, $subs, [], $summary);
        $this->events->record($jobId, $user->actor(), 'created', self::counted($subs));
    }

    /**
     * Adds subs to a job that nobody has claimed; those it already holds are dropped.
     *
     * @param list<RawSub> $present what the job holds
     * @param non-empty-list<RawSub> $subs
     */
    private function add(int $jobId, array $present, array $subs, User $user): void
    {
        $hashes = array_flip(array_map(fn (RawSub $sub) => $sub->sha256, $present));
        [$added, $spare] = [[], []];
        foreach ($subs as $sub) {
            isset($hashes[$sub->sha256]) ? $spare[] = $sub : $added[] = $sub;
        }
        foreach ($spare as $sub) {
            $this->linkSpare($jobId, $sub);
        }
        if ($added !== []) {
            $all = [...$present, ...$added];
            $summary = self::summary(RawSub::group($all), $all);
            $this->link($jobId, $added, $present, $summary);
            $this->describe($jobId, $summary);
            $this->events->record($jobId, $user->actor(), 'subs_added', self::counted($added));
        }
    }

    /**
     * Gives subs to a job, under names that it does not have yet.
     *
     * @param non-empty-list<RawSub> $subs
     * @param list<RawSub> $present what the job holds
     * @param array<string, mixed> $summary of the job
     */
    private function link(int $jobId, array $subs, array $present, array $summary): void
    {
        $names = new TakenNames(array_map(fn (RawSub $sub) => $sub->filename, $present));
        foreach ($subs as $sub) {
            $this->database->execute(
                'UPDATE raw_files SET job_id = ?, filename = ?, chunk_key = ?, chunk_key_hp = ? WHERE id = ?',
                [$jobId, $names->take(DisplayName::of($sub->filename)), $summary['chunk_key'], $summary['chunk_key_hp'], $sub->frame->id]
            );
        }
    }

    private function linkSpare(int $jobId, RawSub $sub): void
    {
        $this->database->execute(
            'UPDATE raw_files SET job_id = ?, deleted_at = ? WHERE id = ?',
            [$jobId, $this->now(), $sub->frame->id]
        );
    }

    /** @param array<string, mixed> $summary */
    private function describe(int $jobId, array $summary): void
    {
        $columns = implode(', ', array_map(fn (string $column) => "$column = :$column", array_keys($summary)));
        $this->database->execute("UPDATE stacking_jobs SET $columns WHERE id = :id", $summary + ['id' => $jobId]);
        $this->database->execute(
            'UPDATE raw_files SET chunk_key = ?, chunk_key_hp = ? WHERE job_id = ?',
            [$summary['chunk_key'], $summary['chunk_key_hp'], $jobId]
        );
    }

    /**
     * @param non-empty-list<RawSub> $subs everything the job holds
     * @return array<string, mixed> what a job's row says about its subs, by column
     */
    private static function summary(FrameGroup $group, array $subs): array
    {
        $key = $group->chunkKey();
        $position = $group->position();

        return [
            'chunk_key' => $key->label,
            'chunk_key_hp' => $key->healpixLabel,
            'object_name' => $group->objectName(),
            'frame_count' => count($group->frames),
            'total_bytes' => array_sum(array_map(fn (RawSub $sub) => $sub->bytes, $subs)),
            'ra_deg' => $position?->ra,
            'dec_deg' => $position?->dec,
        ];
    }

    /** @param non-empty-list<RawSub> $subs */
    private static function counted(array $subs): string
    {
        return count($subs) === 1 ? '1 sub' : count($subs) . ' subs';
    }

    private function now(): string
    {
        return Utc::stored($this->clock->now());
    }
}
