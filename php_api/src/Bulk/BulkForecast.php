<?php

declare(strict_types=1);

namespace CrowdSky\Bulk;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;

/** Counts what a bulk action would not change, before it is confirmed. */
final class BulkForecast
{
    private const BATCH = 500;

    public function __construct(private readonly Database $database)
    {
    }

    /** @return array<string, int> how many there are of each Obstacle, by its value; those without any are left out */
    public function of(BulkRun $run): array
    {
        $counts = [];
        foreach (array_chunk($run->ids, self::BATCH) as $batch) {
            foreach ($run->action === BulkAction::Rescan ? $this->ofStacks($batch) : $this->ofJobs($run->action, $batch) as $obstacle) {
                $counts[$obstacle->value] = ($counts[$obstacle->value] ?? 0) + 1;
            }
        }

        return $counts;
    }

    /**
     * Finds the stacks that jobs have made or measured.
     *
     * @param list<int> $jobIds
     * @return list<int> each once
     */
    public function stacksOf(array $jobIds): array
    {
        $stacks = [];
        foreach (array_chunk($jobIds, self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $found = $this->database->column("SELECT id FROM stacked_frames WHERE job_id IN ($marks)", $batch);
            $measured = $this->database->column("SELECT DISTINCT stack_id FROM stacking_jobs WHERE id IN ($marks) AND stack_id IS NOT NULL", $batch);
            array_push($stacks, ...array_map('intval', [...$found, ...$measured]));
        }
        $stacks = array_values(array_unique($stacks));
        sort($stacks);

        return $stacks;
    }

    /**
     * @param non-empty-list<int> $ids
     * @return list<Obstacle>
     */
    private function ofStacks(array $ids): array
    {
        $marks = implode(', ', array_fill(0, count($ids), '?'));
        $open = [JobStatus::Pending->value, JobStatus::Retry->value, JobStatus::Processing->value];
        $busy = $this->database->column("SELECT DISTINCT stack_id FROM stacking_jobs WHERE stack_id IN ($marks) AND status IN (?, ?, ?)", [...$ids, ...$open]);

        return array_fill(0, count($busy), Obstacle::Rescanning);
    }

    /**
     * @param non-empty-list<int> $ids
     * @return list<Obstacle>
     */
    private function ofJobs(BulkAction $action, array $ids): array
    {
        $marks = implode(', ', array_fill(0, count($ids), '?'));
        $rows = $this->database->all("SELECT id, status, kind, frame_count FROM stacking_jobs WHERE id IN ($marks)", $ids);
        $left = $action !== BulkAction::Requeue ? [] : array_column($this->database->all(
            "SELECT job_id, COUNT(*) AS n FROM raw_files WHERE job_id IN ($marks) AND deleted_at IS NULL GROUP BY job_id",
            $ids,
        ), 'n', 'job_id');
        $found = array_map(static fn (array $row): ?Obstacle => self::obstacle($action, $row, (int) ($left[$row['id']] ?? 0)), $rows);

        return array_values(array_filter($found));
    }

    /** @param array<string, mixed> $row of a job */
    private static function obstacle(BulkAction $action, array $row, int $subsLeft): ?Obstacle
    {
        $status = JobStatus::from($row['status']);
        $isOfSubs = in_array($row['kind'], [JobKind::Stack->value, JobKind::Uploaded->value], true);

        return match (true) {
            $action === BulkAction::Priority => $status->isFinished() ? Obstacle::Finished : null,
            $status === JobStatus::Completed => Obstacle::Completed,
            $action === BulkAction::Cancel || $status === JobStatus::Pending => null,
            $status === JobStatus::Processing => Obstacle::Running,
            default => $isOfSubs && $subsLeft < max(1, (int) $row['frame_count']) ? Obstacle::NoSubs : null,
        };
    }
}
