<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Chunks\Closeness;
use CrowdSky\Chunks\ExposureLinks;
use CrowdSky\Chunks\Frame;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Chunks\PointingIndex;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;

/**
 * The jobs of one owner and block of time that no worker has claimed, read once however many chunks are compared with
 * them.
 *
 * They are compared by their subs, not by their own keys, which older versions of the site made by other rules.
 */
final class QueuedChunks
{
    /** @var array<int, list<RawSub>> subs of these jobs, by job */
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
        $rows = $this->database->all(
            'SELECT f.* FROM stacking_jobs j JOIN raw_files f ON f.job_id = j.id
              WHERE j.user_id = ? AND j.time_block = ? AND j.status = ? AND j.kind = ? AND f.deleted_at IS NULL ORDER BY j.id, f.id',
            [$ownerId, $timeBlock, JobStatus::Pending->value, JobKind::Stack->value]
        );
        foreach ($rows as $row) {
            $this->waiting[(int) $row['job_id']][] = RawSub::fromRow($row);
        }
        foreach ($this->waiting as $jobId => $subs) {
            $this->extend($jobId, RawSub::group($subs));
        }
    }

    /** Counts a job that was queued again among those that subs may join. */
    public function takeBack(int $jobId): void
    {
        $rows = $this->database->all('SELECT * FROM raw_files WHERE job_id = ? AND deleted_at IS NULL ORDER BY id', [$jobId]);
        $this->waiting[$jobId] = array_map(RawSub::fromRow(...), $rows);
        if ($this->waiting[$jobId] !== []) {
            $this->extend($jobId, RawSub::group($this->waiting[$jobId]));
        }
    }

    /** @return list<int> jobs whose frames belong to the group's chunk, oldest first */
    public function waitingFor(FrameGroup $group): array
    {
        return array_values(array_filter(
            ($this->pointings[$group->groupKey()] ?? null)?->near($group) ?? [],
            fn (int $jobId) => ExposureLinks::areLinked($this->frames[$jobId], $group->frames),
        ));
    }

    /** @return list<RawSub> what a job held when this was read; none if it was queued again without frames */
    public function subsOf(int $jobId): array
    {
        return $this->waiting[$jobId];
    }

    /** Lets a job be found by the frames of a group, too, which is about to join it. */
    public function extend(int $jobId, FrameGroup $group): void
    {
        $key = $group->groupKey();
        $this->pointings[$key] ??= new PointingIndex($this->closeness);
        $this->pointings[$key]->add($jobId, $group);
        $this->frames[$jobId] = [...$this->frames[$jobId] ?? [], ...$group->frames];
    }
}
