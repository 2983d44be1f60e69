<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Chunks\Closeness;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Chunks\PointingIndex;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;

/** The jobs of one owner whose frames have one group key, read once however many chunks are compared with them. */
final class QueuedChunks
{
    /** @var array<string, array<int, true>> ids of the jobs that are running or done, by SHA-256 of a sub */
    private array $stacked = [];
    /** @var array<int, non-empty-list<RawSub>> subs of the jobs that no worker has claimed, by job */
    private array $waiting = [];
    private readonly PointingIndex $pointings;

    public function __construct(private readonly Database $database, int $ownerId, string $groupKey, Closeness $closeness)
    {
        $this->pointings = new PointingIndex($closeness);
        if (!$this->hasJobs($ownerId, $groupKey)) {
            return;
        }
        $states = [JobStatus::Processing->value, JobStatus::Retry->value, JobStatus::Completed->value];
        foreach ($this->subs('f.job_id, f.sha256', $ownerId, $groupKey, 'j.status IN (?, ?, ?)', $states) as $row) {
            $this->stacked[$row['sha256']][(int) $row['job_id']] = true;
        }
        $isWaiting = 'j.status = ? AND f.deleted_at IS NULL';
        foreach ($this->subs('f.*', $ownerId, $groupKey, $isWaiting, [JobStatus::Pending->value]) as $row) {
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

    /** @return list<int> jobs no worker has claimed that point near the group, oldest first */
    public function waitingNear(FrameGroup $group): array
    {
        return $this->pointings->near($group);
    }

    /** @return non-empty-list<RawSub> what a waiting job held when this was read */
    public function subsOf(int $jobId): array
    {
        return $this->waiting[$jobId];
    }

    /** Lets a waiting job be found by the pointings of a group, too, which is about to join it. */
    public function extend(int $jobId, FrameGroup $group): void
    {
        $this->pointings->add($jobId, $group);
    }

    private function hasJobs(int $ownerId, string $groupKey): bool
    {
        $found = 'SELECT id FROM stacking_jobs WHERE user_id = ? AND group_key > ? AND group_key < ? LIMIT 1';

        return $this->database->value($found, [$ownerId, "$groupKey-", "$groupKey."]) !== null;
    }

    /**
     * @param list<string> $values of the condition
     * @return list<array<string, mixed>>
     */
    private function subs(string $columns, int $ownerId, string $groupKey, string $condition, array $values): array
    {
        // A job's key is that of its frames, a hyphen and a number; the full stop is what follows the hyphen.
        return $this->database->all(
            "SELECT $columns FROM stacking_jobs j JOIN raw_files f ON f.job_id = j.id
              WHERE j.user_id = ? AND j.group_key > ? AND j.group_key < ? AND $condition ORDER BY j.id, f.id",
            [$ownerId, "$groupKey-", "$groupKey.", ...$values]
        );
    }
}
