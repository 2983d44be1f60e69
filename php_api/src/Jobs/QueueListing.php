<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Database\Database;

/** The whole queue as operators see it, without checks. */
final class QueueListing
{
    public function __construct(private readonly Database $database)
    {
    }

    /** @return array<string, int> number of jobs by status, with every status present */
    public function countByStatus(): array
    {
        $counts = array_fill_keys(array_column(JobStatus::cases(), 'value'), 0);
        foreach ($this->database->all('SELECT status, COUNT(*) AS n FROM stacking_jobs WHERE checks_job_id IS NULL GROUP BY status') as $row) {
            $counts[$row['status']] = (int) $row['n'];
        }

        return $counts;
    }

    /** @return list<array<string, mixed>> id, key, worker and stage of the jobs that are being processed */
    public function running(): array
    {
        return $this->database->all(
            'SELECT id, api_key_id, worker_name, stage FROM stacking_jobs WHERE status = ? AND checks_job_id IS NULL ORDER BY id',
            [JobStatus::Processing->value]
        );
    }

    /**
     * Jobs of one state or of all: pending ones in the order in which they will be claimed, the others latest first.
     *
     * @return list<array{job: Job, owner: string}>
     */
    public function page(?JobStatus $status, int $limit, int $offset): array
    {
        $order = $status === JobStatus::Pending ? 'j.priority DESC, j.created_at, j.id' : 'j.updated_at DESC, j.id DESC';
        $rows = $this->database->all(
            'SELECT j.*, u.username FROM stacking_jobs j JOIN users u ON u.id = j.user_id'
            . ' WHERE j.checks_job_id IS NULL' . ($status === null ? '' : ' AND j.status = :status')
            . sprintf(' ORDER BY %s LIMIT %d OFFSET %d', $order, $limit, $offset),
            $status === null ? [] : ['status' => $status->value]
        );

        return array_map(fn (array $row) => ['job' => Job::fromRow($row), 'owner' => $row['username']], $rows);
    }
}
