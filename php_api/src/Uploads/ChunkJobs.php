<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStatus;

/** Writes the job of a chunk and gives it its subs. Runs inside the transaction of finalize. */
final class ChunkJobs
{
    public function __construct(
        private readonly Database $database,
        private readonly JobEvents $events,
        private readonly LeftOutSubs $leftOut,
        private readonly Clock $clock,
        private readonly int $maxAttempts,
    ) {
    }

    /** Keeps a waiting job from being claimed until this transaction ends; false if it is too late. */
    public function holdBack(int $jobId): bool
    {
        return $this->hold($jobId, JobStatus::Pending);
    }

    /** Keeps a job that waits or runs from ending until this transaction does; false if it is too late. */
    public function holdUnfinished(int $jobId): bool
    {
        return $this->hold($jobId, JobStatus::Pending, JobStatus::Processing, JobStatus::Retry);
    }

    private function hold(int $jobId, JobStatus ...$states): bool
    {
        $marks = implode(', ', array_fill(0, count($states), '?'));

        return $this->database->execute(
            "UPDATE stacking_jobs SET updated_at = ? WHERE id = ? AND status IN ($marks)",
            [$this->now(), $jobId, ...array_column($states, 'value')]
        ) === 1;
    }

    /** @param non-empty-list<RawSub> $subs */
    public function create(UploadSession $session, string $actor, FrameGroup $group, array $subs): void
    {
        $first = $group->first();
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
            'header_clock' => $first->oddClock(),
            'max_attempts' => $this->maxAttempts,
            'created_at' => $now,
            'updated_at' => $now,
        ] + $summary);
        $this->link($jobId, $subs, [], $summary);
        $this->events->record($jobId, $actor, 'created', self::counted($subs));
    }

    /**
     * Adds subs to a job that nobody has claimed; those whose light it already holds are left out.
     *
     * @param list<RawSub> $present what the job holds
     * @param non-empty-list<RawSub> $subs
     */
    public function add(int $jobId, array $present, array $subs, string $actor): void
    {
        $seen = new SeenLight($present);
        $added = [];
        foreach ($subs as $sub) {
            $same = $seen->find($sub);
            $same === null ? $added[] = $sub : $this->leftOut->leaveOut($sub, $same, $jobId);
        }
        if ($added !== []) {
            $all = [...$present, ...$added];
            $summary = self::summary(RawSub::group($all), $all);
            $this->link($jobId, $added, $present, $summary);
            $this->describe($jobId, $summary);
            $this->events->record($jobId, $actor, 'subs_added', self::counted($added));
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
    public static function summary(FrameGroup $group, array $subs): array
    {
        $key = $group->chunkKey();
        $sky = $group->sky();

        return [
            'chunk_key' => $key->label,
            'chunk_key_hp' => $key->healpixLabel,
            'object_name' => $group->objectName(),
            'frame_count' => count($group->frames),
            'total_bytes' => array_sum(array_map(fn (RawSub $sub) => $sub->bytes, $subs)),
            'ra_deg' => $sky?->ra,
            'dec_deg' => $sky?->dec,
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
