<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;

/** The owner's earlier subs that show exposures of an upload, by what became of them. Read once, under the owner's lock. */
final class EarlierLight
{
    /** Values in one query. */
    private const BATCH = 200;

    private readonly SeenLight $stacked;
    private readonly SeenLight $waiting;
    /** @var list<RawSub> subs of the jobs whose stack is damaged, or shall be replaced, and that nobody works on */
    private array $replaceable = [];

    /**
     * @param list<RawSub> $subs of the upload
     * @param bool $replacesStacks whether intact stacks shall be replaced, too
     * @param list<int> $exceptJobs whose subs are not looked at
     */
    public function __construct(
        private readonly Database $database,
        int $ownerId,
        array $subs,
        public readonly bool $replacesStacks = false,
        array $exceptJobs = [],
    ) {
        [$this->stacked, $this->waiting] = [new SeenLight(), new SeenLight()];
        foreach ($this->candidates($ownerId, $subs) as $row) {
            if (!in_array((int) $row['job_id'], $exceptJobs, true)) {
                $this->sort(RawSub::fromRow($row), $row);
            }
        }
    }

    /** The sub of a job that is running or done that shows the same exposure; null if there is none. */
    public function stackedAs(RawSub $sub): ?SameLight
    {
        return $this->stacked->find($sub);
    }

    /** The sub of a job that no worker has claimed that shows the same exposure; null if there is none. */
    public function waitingAs(RawSub $sub): ?SameLight
    {
        return $this->waiting->find($sub);
    }

    /**
     * @param non-empty-list<RawSub> $subs of one chunk
     * @return list<int> jobs, oldest first, whose stack is to be replaced and held an exposure of this chunk
     */
    public function replaceableWith(array $subs): array
    {
        $seen = new SeenLight($subs);
        $key = $subs[0]->frame->groupKey();
        $jobs = [];
        foreach ($this->replaceable as $sub) {
            if ($sub->frame->groupKey() === $key && $seen->find($sub) !== null) {
                $jobs[(int) $sub->jobId] = true;
            }
        }
        ksort($jobs);

        return array_keys($jobs);
    }

    /** @param array<string, mixed> $row of the sub, with the state of its job */
    private function sort(RawSub $sub, array $row): void
    {
        $status = JobStatus::from($row['job_status']);
        $isDamaged = $row['damaged_at'] !== null;
        $isStored = $row['deleted_at'] === null;
        $isIntact = $row['stacked_at'] !== null && !$isDamaged;
        if ($status === JobStatus::Pending) {
            $isStored && $this->waiting->add($sub);
        } elseif (($isDamaged || ($isIntact && $this->replacesStacks)) && $status->isFinished()) {
            $this->replaceable[] = $sub;
        }
        // A run that is to replace a damaged stack has only the subs that are stored. A job is done if its stack is intact.
        $isStacked = match ($status) {
            JobStatus::Processing, JobStatus::Retry => !$isDamaged || $isStored,
            JobStatus::Completed => !$isDamaged && !$this->replacesStacks,
            // A run that was to replace an intact stack and failed: that stack has what had been sent before it was made.
            JobStatus::Failed, JobStatus::Cancelled => $isIntact && !$this->replacesStacks && $row['created_at'] <= $row['stacked_at'],
            JobStatus::Pending => false,
        };
        // Chunks were merged or split by hand, and the stack that their job had before is there still.
        $isElsewhere = $row['light_stack'] !== null && $status !== JobStatus::Pending;
        if (($isStacked && $row['lost_at'] === null) || $isElsewhere) {
            $this->stacked->add($sub);
        }
    }

    /**
     * @param list<RawSub> $subs
     * @return array<int, array<string, mixed>> rows of raw_files that may show their exposures, by id
     */
    private function candidates(int $ownerId, array $subs): array
    {
        $isCertain = static fn (RawSub $sub): bool => $sub->exposure->beginning() !== null;
        $found = $this->find($ownerId, 'sha256', array_map(fn (RawSub $sub) => $sub->exposure->sha256, $subs))
            + $this->find($ownerId, 'pixel_mark', array_map(fn (RawSub $sub) => $sub->exposure->pixelMark, $subs))
            + $this->find($ownerId, 'fits_date_obs', array_map(fn (RawSub $sub) => $sub->exposure->startedAt, array_filter($subs, $isCertain)));
        ksort($found);

        return $found;
    }

    /**
     * @param array<string|null> $values
     * @return array<int, array<string, mixed>>
     */
    private function find(int $ownerId, string $column, array $values): array
    {
        $found = [];
        foreach (array_chunk(array_values(array_unique(array_filter($values))), self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $rows = $this->database->all(
                "SELECT f.*, j.status AS job_status, s.damaged_at, s.created_at AS stacked_at, l.id AS light_stack FROM raw_files f
                   JOIN stacking_jobs j ON j.id = f.job_id LEFT JOIN stacked_frames s ON s.job_id = j.id
                   LEFT JOIN stacked_frames l ON l.job_id = f.light_job_id AND l.damaged_at IS NULL
                  WHERE f.user_id = ? AND f.left_out IS NULL AND j.kind = 'stack' AND f.$column IN ($marks)",
                [$ownerId, ...$batch]
            );
            $found += array_column($rows, null, 'id');
        }

        return $found;
    }
}
