<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

use CrowdSky\Database\Database;
use CrowdSky\Fits\CardTable;
use CrowdSky\Jobs\JobStatus;

/** The stacks of all users as operators see them. */
final class StackListing
{
    /** Condition for unsolved stacks; one that is not measured counts as unsolved. */
    private const UNSOLVED = ' WHERE COALESCE(m.solved, 0) = 0';

    public function __construct(private readonly Database $database)
    {
    }

    public function count(bool $onlyUnsolved): int
    {
        return (int) $this->database->value(
            'SELECT COUNT(*) FROM stacked_frames s LEFT JOIN stack_solutions m ON m.stack_id = s.id'
            . ($onlyUnsolved ? self::UNSOLVED : '')
        );
    }

    /**
     * Lists the latest stack first.
     *
     * @return list<array{id: int, object_name: ?string, date_obs_start: ?string, username: string, solved: ?int,
     *                    solver: ?string, verdict: ?string, reason: ?string, rescan_id: ?int, rescan: ?JobStatus}>
     */
    public function page(bool $onlyUnsolved, int $limit, int $offset): array
    {
        $rows = $this->database->all(
            'SELECT s.id, s.object_name, s.date_obs_start, u.username, m.solved, m.solver, m.verdict, m.reason,
                    j.id AS rescan_id, j.status AS rescan
               FROM stacked_frames s JOIN users u ON u.id = s.user_id
               LEFT JOIN stack_solutions m ON m.stack_id = s.id
               LEFT JOIN stacking_jobs j ON j.id = (SELECT MAX(r.id) FROM stacking_jobs r WHERE r.stack_id = s.id)'
            . ($onlyUnsolved ? self::UNSOLVED : '')
            . sprintf(' ORDER BY s.id DESC LIMIT %d OFFSET %d', $limit, $offset)
        );

        return array_map(
            fn (array $row) => [
                'rescan' => $row['rescan'] === null ? null : JobStatus::from($row['rescan']),
                'object_name' => CardTable::get()->publicText('OBJECT', $row['object_name']),
            ] + $row,
            $rows
        );
    }

    /** @return list<int> unsolved stacks without a rescan under way, latest first */
    public function idleUnsolved(int $limit): array
    {
        return array_map('intval', array_column($this->database->all(
            'SELECT s.id FROM stacked_frames s LEFT JOIN stack_solutions m ON m.stack_id = s.id' . self::UNSOLVED
            . ' AND NOT EXISTS (SELECT 1 FROM stacking_jobs j WHERE j.stack_id = s.id AND j.status IN (?, ?, ?))'
            . " ORDER BY s.id DESC LIMIT $limit",
            [JobStatus::Pending->value, JobStatus::Retry->value, JobStatus::Processing->value]
        ), 'id'));
    }
}
