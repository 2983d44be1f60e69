<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;

/** The whole queue as operators see it, without checks. */
final class QueueListing
{
    private const FROM = 'stacking_jobs j JOIN users u ON u.id = j.user_id';

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** @return array<string, int> number of jobs by status, with every status present */
    public function countByStatus(QueueFilter $filter): array
    {
        $counts = array_fill_keys(array_column(JobStatus::cases(), 'value'), 0);
        $where = $filter->inAnyState()->condition($this->clock);
        // Without a choice the index of states is enough.
        $from = $filter->isNarrow() ? self::FROM : 'stacking_jobs j';
        foreach ($this->database->all("SELECT j.status, COUNT(*) AS n FROM $from WHERE {$where->sql} GROUP BY j.status", $where->values) as $row) {
            $counts[$row['status']] = (int) $row['n'];
        }

        return $counts;
    }

    /** @return list<int> the first of these jobs by their numbers: always in rising order, so that two changes of many cannot deadlock */
    public function ids(QueueFilter $filter, int $most): array
    {
        $where = $filter->condition($this->clock);
        $rows = $this->database->all(
            'SELECT j.id FROM ' . self::FROM . " WHERE {$where->sql} ORDER BY j.id LIMIT $most",
            $where->values,
        );

        return array_map(static fn (array $row): int => (int) $row['id'], $rows);
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
     * Jobs of a filter: pending ones in the order in which they will be claimed, the others latest first.
     *
     * @return list<array{job: Job, owner: string}>
     */
    public function page(QueueFilter $filter, int $limit, int $offset): array
    {
        $where = $filter->condition($this->clock);
        $rows = $this->database->all(
            'SELECT j.*, u.username FROM ' . self::FROM . " WHERE {$where->sql}"
            . sprintf(' ORDER BY %s LIMIT %d OFFSET %d', self::order($filter), $limit, $offset),
            $where->values,
        );

        return array_map(fn (array $row) => ['job' => Job::fromRow($row), 'owner' => $row['username']], $rows);
    }

    private static function order(QueueFilter $filter): string
    {
        return $filter->status === JobStatus::Pending ? 'j.priority DESC, j.created_at, j.id' : 'j.updated_at DESC, j.id DESC';
    }
}
