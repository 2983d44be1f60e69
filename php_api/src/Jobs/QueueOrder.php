<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Database\Database;

/**
 * The order in which waiting jobs are handed out: highest priority first, then the oldest.
 *
 * One sorted query over both waiting states would read all that wait, since no index holds two states in one order.
 * Each state and priority is asked for by itself instead, which reads a few rows however long the queue is.
 */
final class QueueOrder
{
    private const WAITING = [JobStatus::Pending, JobStatus::Retry];

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @param list<JobKind> $kinds
     * @param int $now Unix time in milliseconds; jobs whose pause is not over are left out
     * @return list<array<string, mixed>> at most $limit rows of jobs, the first one first
     */
    public function first(int $limit, array $kinds, int $now): array
    {
        $rows = [];
        foreach ($this->highestPriorities() as [$status, $priority]) {
            array_push($rows, ...$this->ofStatus($status, $priority, $limit, $kinds, $now));
        }
        usort($rows, self::compare(...));
        return array_slice($rows, 0, $limit);
    }

    /** @return list<array{JobStatus, int}> the waiting states that have jobs, in one question: idle workers ask often */
    private function highestPriorities(): array
    {
        $highest = 'SELECT MAX(priority) FROM stacking_jobs WHERE status =';
        $row = $this->database->one("SELECT ($highest 'pending') AS pending, ($highest 'retry') AS retry");
        $found = [];
        foreach (self::WAITING as $status) {
            if ($row[$status->value] !== null) {
                $found[] = [$status, (int) $row[$status->value]];
            }
        }
        return $found;
    }

    /**
     * @param list<JobKind> $kinds
     * @return list<array<string, mixed>>
     */
    private function ofStatus(JobStatus $status, ?int $priority, int $limit, array $kinds, int $now): array
    {
        $rows = [];
        while ($priority !== null && count($rows) < $limit) {
            array_push($rows, ...$this->ofPriority($status, $priority, $limit - count($rows), $kinds, $now));
            $lower = $this->database->value(
                'SELECT MAX(priority) FROM stacking_jobs WHERE status = ? AND priority < ?',
                [$status->value, $priority],
            );
            $priority = $lower === null ? null : (int) $lower;
        }
        return $rows;
    }

    /**
     * @param list<JobKind> $kinds
     * @return list<array<string, mixed>>
     */
    private function ofPriority(JobStatus $status, int $priority, int $limit, array $kinds, int $now): array
    {
        $marks = implode(', ', array_fill(0, count($kinds), '?'));
        return $this->database->all(
            "SELECT * FROM stacking_jobs WHERE status = ? AND priority = ? AND kind IN ($marks)
               AND (not_before IS NULL OR not_before <= ?)
             ORDER BY created_at, id LIMIT $limit",
            [$status->value, $priority, ...array_column($kinds, 'value'), $now],
        );
    }

    /**
     * @param array<string, mixed> $a
     * @param array<string, mixed> $b
     */
    private static function compare(array $a, array $b): int
    {
        return [$b['priority'], $a['created_at'], $a['id']] <=> [$a['priority'], $b['created_at'], $b['id']];
    }
}
