<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Database\Database;
use CrowdSky\Fits\CardTable;
use CrowdSky\Jobs\JobStatus;

/** Lists the results that wait for a second opinion, for operators. */
final class HeldListing
{
    public function __construct(private readonly Database $database)
    {
    }

    public function count(): int
    {
        return (int) $this->database->value('SELECT COUNT(*) FROM held_results WHERE state = ?', [HeldState::Held->value]);
    }

    /** @return array<int, array<string, int>> number of results that wait, by key and name of the worker */
    public function countByWorker(): array
    {
        $counts = [];
        $rows = $this->database->all(
            'SELECT api_key_id, worker_name, COUNT(*) AS n FROM held_results WHERE state = ? GROUP BY api_key_id, worker_name',
            [HeldState::Held->value]
        );
        foreach ($rows as $row) {
            $counts[(int) $row['api_key_id']][$row['worker_name']] = (int) $row['n'];
        }

        return $counts;
    }

    /**
     * Lists the oldest job first, so that results of the same job are adjacent.
     *
     * @return list<array{held: HeldResult, object: ?string, status: JobStatus, owner: string, key: string}>
     */
    public function page(int $limit, int $offset): array
    {
        $rows = $this->database->all(
            'SELECT h.*, j.object_name, j.status, u.username, k.name AS key_name
               FROM held_results h JOIN stacking_jobs j ON j.id = h.job_id JOIN users u ON u.id = j.user_id
               JOIN api_keys k ON k.id = h.api_key_id
              WHERE h.state = ?' . sprintf(' ORDER BY h.job_id, h.id LIMIT %d OFFSET %d', $limit, $offset),
            [HeldState::Held->value]
        );

        return array_map(fn (array $row) => [
            'held' => HeldResult::fromRow($row),
            'object' => CardTable::get()->publicText('OBJECT', $row['object_name']),
            'status' => JobStatus::from($row['status']),
            'owner' => $row['username'],
            'key' => $row['key_name'],
        ], $rows);
    }
}
