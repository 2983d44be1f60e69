<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Chunks\Closeness;
use CrowdSky\Chunks\ExposureLinks;
use CrowdSky\Chunks\Frame;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Chunks\PointingIndex;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;

/**
 * The jobs of one owner and block of time, read once however many chunks are compared with them.
 *
 * They are compared by their subs, not by their own keys, which older versions of the site made by other rules.
 */
final class QueuedChunks
{
    /** @var array<string, array<int, true>> ids of the jobs that are running or done, by SHA-256 of a sub */
    private array $stacked = [];
    /** @var array<string, array<int, true>> ids of the jobs whose stack is damaged and that nobody works on, likewise */
    private array $damaged = [];
    /** @var array<int, list<RawSub>> subs of the jobs that no worker has claimed, by job */
    private array $waiting = [];
    /** @var array<int, non-empty-list<Frame>> frames of these jobs, with those that are about to join them */
    private array $frames = [];
    /** @var array<string, PointingIndex> of these jobs, by the key of their frames */
    private array $pointings = [];

    public function __construct(
        private readonly Database $database,
        int $ownerId,
        string $timeBlock,
        private readonly Closeness $closeness,
    ) {
        if (!$this->hasJobs($ownerId, $timeBlock)) {
            return;
        }
        // A run that is to replace a damaged stack has only the subs that are stored. A job is done if its stack is intact.
        $states = [JobStatus::Processing->value, JobStatus::Retry->value, JobStatus::Completed->value];
        $isStacked = '(j.status IN (?, ?) AND (s.damaged_at IS NULL OR f.deleted_at IS NULL) OR j.status = ? AND s.damaged_at IS NULL)';
        foreach ($this->subs('f.job_id, f.sha256', $ownerId, $timeBlock, "$isStacked AND f.lost_at IS NULL", $states) as $row) {
            $this->stacked[$row['sha256']][(int) $row['job_id']] = true;
        }
        $states = [JobStatus::Completed->value, JobStatus::Failed->value, JobStatus::Cancelled->value];
        foreach ($this->subs('f.job_id, f.sha256', $ownerId, $timeBlock, 'j.status IN (?, ?, ?) AND s.damaged_at IS NOT NULL', $states) as $row) {
            $this->damaged[$row['sha256']][(int) $row['job_id']] = true;
        }
        $isWaiting = 'j.status = ? AND f.deleted_at IS NULL';
        foreach ($this->subs('f.*', $ownerId, $timeBlock, $isWaiting, [JobStatus::Pending->value]) as $row) {
            $this->waiting[(int) $row['job_id']][] = RawSub::fromRow($row);
        }
        foreach ($this->waiting as $jobId => $subs) {
            $this->extend($jobId, RawSub::group($subs));
        }
    }

    /**
     * Whether one job that is running or done already holds each of these subs.
     *
     * @param non-empty-list<RawSub> $subs
     */
    public function isStacked(array $subs): bool
    {
        $jobs = $this->stacked[$subs[0]->sha256] ?? [];
        foreach ($subs as $sub) {
            $jobs = array_intersect_key($jobs, $this->stacked[$sub->sha256] ?? []);
            if ($jobs === []) {
                return false;
            }
        }

        return true;
    }

    /**
     * @param non-empty-list<RawSub> $subs
     * @return list<int> jobs, oldest first, whose stack is damaged and held one of these subs
     */
    public function damagedWith(array $subs): array
    {
        $jobs = [];
        foreach ($subs as $sub) {
            $jobs += $this->damaged[$sub->sha256] ?? [];
        }
        ksort($jobs);

        return array_keys($jobs);
    }

    /** Counts a job that was queued again among those that subs may join. */
    public function takeBack(int $jobId): void
    {
        $this->damaged = array_map(static fn (array $jobs): array => array_diff_key($jobs, [$jobId => true]), $this->damaged);
        $rows = $this->database->all('SELECT * FROM raw_files WHERE job_id = ? AND deleted_at IS NULL ORDER BY id', [$jobId]);
        $this->waiting[$jobId] = array_map(RawSub::fromRow(...), $rows);
        if ($this->waiting[$jobId] !== []) {
            $this->extend($jobId, RawSub::group($this->waiting[$jobId]));
        }
    }

    /** @return list<int> jobs no worker has claimed whose frames belong to the group's chunk, oldest first */
    public function waitingFor(FrameGroup $group): array
    {
        return array_values(array_filter(
            ($this->pointings[$group->groupKey()] ?? null)?->near($group) ?? [],
            fn (int $jobId) => ExposureLinks::areLinked($this->frames[$jobId], $group->frames),
        ));
    }

    /** @return list<RawSub> what a waiting job held when this was read; none if it was queued again without frames */
    public function subsOf(int $jobId): array
    {
        return $this->waiting[$jobId];
    }

    /** Lets a waiting job be found by the frames of a group, too, which is about to join it. */
    public function extend(int $jobId, FrameGroup $group): void
    {
        $key = $group->groupKey();
        $this->pointings[$key] ??= new PointingIndex($this->closeness);
        $this->pointings[$key]->add($jobId, $group);
        $this->frames[$jobId] = [...$this->frames[$jobId] ?? [], ...$group->frames];
    }

    private function hasJobs(int $ownerId, string $timeBlock): bool
    {
        $found = 'SELECT id FROM stacking_jobs WHERE user_id = ? AND time_block = ? LIMIT 1';

        return $this->database->value($found, [$ownerId, $timeBlock]) !== null;
    }

    /**
     * @param list<string> $values of the condition
     * @return list<array<string, mixed>>
     */
    private function subs(string $columns, int $ownerId, string $timeBlock, string $condition, array $values): array
    {
        return $this->database->all(
            "SELECT $columns FROM stacking_jobs j JOIN raw_files f ON f.job_id = j.id LEFT JOIN stacked_frames s ON s.job_id = j.id
              WHERE j.user_id = ? AND j.time_block = ? AND $condition ORDER BY j.id, f.id",
            [$ownerId, $timeBlock, ...$values]
        );
    }
}
