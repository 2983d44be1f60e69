<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStatus;

/**
 * Finds the job for a chunk of newly uploaded subs: none if they are already stacked, one that still waits for a
 * worker, or a new one. Runs inside the transaction of finalize.
 */
final class ChunkPlacement
{
    /** @param float $tolerance degrees between pointings of one chunk */
    public function __construct(
        private readonly Database $database,
        private readonly JobEvents $events,
        private readonly Clock $clock,
        private readonly float $tolerance,
        private readonly int $maxAttempts,
    ) {
    }

    /** @param non-empty-list<RawSub> $subs one chunk, in order of time */
    public function place(UploadSession $session, User $user, array $subs): void
    {
        $group = self::groupOf($subs);
        if ($this->isStacked($user, $group, $subs)) {
            $this->skip($group);

            return;
        }
        foreach ($this->waitingJobs($user, $group) as $jobId) {
            $present = $this->subsOfJob($jobId);
            if (self::groupOf($present)->isNear($group, $this->tolerance) && $this->holdBack($jobId)) {
                $this->add($jobId, $present, $subs, $user);

                return;
            }
        }
        $this->add($this->create($session, $group), [], $subs, $user);
    }

    /** Whether one job that is running or done already holds each of these subs. */
    private function isStacked(User $user, FrameGroup $group, array $subs): bool
    {
        $held = [];
        $states = [JobStatus::Processing->value, JobStatus::Retry->value, JobStatus::Completed->value];
        $rows = $this->database->all(
            'SELECT f.job_id, f.sha256 FROM raw_files f JOIN stacking_jobs j ON j.id = f.job_id
              WHERE j.user_id = ? AND j.group_key LIKE ? AND j.status IN (?, ?, ?)',
            [$user->id, $group->groupKey() . '-%', ...$states]
        );
        foreach ($rows as $row) {
            $held[$row['job_id']][$row['sha256']] = true;
        }
        $wanted = array_flip(array_map(fn (RawSub $sub) => $sub->sha256, $subs));
        foreach ($held as $hashes) {
            if (array_diff_key($wanted, $hashes) === []) {
                return true;
            }
        }

        return false;
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

    /** @return list<int> jobs no worker has claimed, oldest first */
    private function waitingJobs(User $user, FrameGroup $group): array
    {
        return array_map('intval', array_column($this->database->all(
            'SELECT id FROM stacking_jobs WHERE user_id = ? AND group_key LIKE ? AND status = ? ORDER BY id',
            [$user->id, $group->groupKey() . '-%', JobStatus::Pending->value]
        ), 'id'));
    }

    /** Keeps a waiting job from being claimed until this transaction ends; false if it is too late. */
    private function holdBack(int $jobId): bool
    {
        return $this->database->execute(
            'UPDATE stacking_jobs SET updated_at = ? WHERE id = ? AND status = ?',
            [$this->now(), $jobId, JobStatus::Pending->value]
        ) === 1;
    }

    /** @return list<RawSub> */
    private function subsOfJob(int $jobId): array
    {
        return array_map(RawSub::fromRow(...), $this->database->all(
            'SELECT * FROM raw_files WHERE job_id = ? AND deleted_at IS NULL ORDER BY id',
            [$jobId]
        ));
    }

    private function create(UploadSession $session, FrameGroup $group): int
    {
        $first = $group->frames[0];
        $now = $this->now();

        return $this->database->insert('stacking_jobs', [
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
        ] + self::summary($group, 0));
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
        $names = array_fill_keys(array_map(fn (RawSub $sub) => strtolower($sub->filename), $present), true);
        $added = [];
        foreach ($subs as $sub) {
            if (isset($hashes[$sub->sha256])) {
                $this->linkSpare($jobId, $sub);
                continue;
            }
            $name = DisplayName::of($sub->filename)->unlessTaken($names);
            $names[strtolower($name)] = true;
            $this->database->execute(
                'UPDATE raw_files SET job_id = ?, filename = ? WHERE id = ?',
                [$jobId, $name, $sub->frame->id]
            );
            $added[] = $sub;
        }
        if ($added !== []) {
            $this->describe($jobId, [...$present, ...$added]);
            $event = $present === [] ? 'created' : 'subs_added';
            $detail = count($added) === 1 ? '1 sub' : count($added) . ' subs';
            $this->events->record($jobId, $user->actor(), $event, $detail);
        }
    }

    private function linkSpare(int $jobId, RawSub $sub): void
    {
        $this->database->execute(
            'UPDATE raw_files SET job_id = ?, deleted_at = ? WHERE id = ?',
            [$jobId, $this->now(), $sub->frame->id]
        );
    }

    /** @param non-empty-list<RawSub> $subs everything the job holds */
    private function describe(int $jobId, array $subs): void
    {
        $group = self::groupOf($subs);
        $bytes = array_sum(array_map(fn (RawSub $sub) => $sub->bytes, $subs));
        $summary = self::summary($group, $bytes);
        $columns = implode(', ', array_map(fn (string $column) => "$column = :$column", array_keys($summary)));
        $this->database->execute("UPDATE stacking_jobs SET $columns WHERE id = :id", $summary + ['id' => $jobId]);
        $this->database->execute(
            'UPDATE raw_files SET chunk_key = ?, chunk_key_hp = ? WHERE job_id = ?',
            [$summary['chunk_key'], $summary['chunk_key_hp'], $jobId]
        );
    }

    /** @return array<string, mixed> what a job's row says about its subs, by column */
    private static function summary(FrameGroup $group, int $bytes): array
    {
        $key = $group->chunkKey();
        $position = $group->position();

        return [
            'chunk_key' => $key->label,
            'chunk_key_hp' => $key->healpixLabel,
            'object_name' => $group->objectName(),
            'frame_count' => count($group->frames),
            'total_bytes' => $bytes,
            'ra_deg' => $position?->ra,
            'dec_deg' => $position?->dec,
        ];
    }

    /** @param non-empty-list<RawSub> $subs */
    private static function groupOf(array $subs): FrameGroup
    {
        return new FrameGroup(array_map(fn (RawSub $sub) => $sub->frame, $subs));
    }

    private function now(): string
    {
        return Utc::stored($this->clock->now());
    }
}
