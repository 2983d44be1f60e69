<?php

declare(strict_types=1);

namespace CrowdSky\Queue;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\Claimant;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Workers\TrustLevel;

/**
 * The order in which waiting jobs are handed out: highest priority first, then the oldest.
 *
 * One sorted query over both waiting states would read every waiting job, since no index holds two states in one order.
 * Instead each state and priority is queried separately, which reads a few rows however long the queue is.
 */
final class QueueOrder
{
    private const WAITING = [JobStatus::Pending, JobStatus::Retry];

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @param int $now Unix time in milliseconds; jobs whose pause is not over are left out
     * @return list<array<string, mixed>> at most $limit rows of jobs, the first one first
     */
    public function first(int $limit, Claimant $claimant, int $now): array
    {
        $rows = [];
        foreach ($this->highestPriorities() as [$status, $priority]) {
            array_push($rows, ...$this->ofStatus($status, $priority, $limit, $claimant, $now));
        }
        usort($rows, self::compare(...));
        return array_slice($rows, 0, $limit);
    }

    /** @return list<array{JobStatus, int}> the waiting states that have jobs, in one query: idle workers poll often */
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

    /** @return list<array<string, mixed>> */
    private function ofStatus(JobStatus $status, ?int $priority, int $limit, Claimant $claimant, int $now): array
    {
        $rows = [];
        while ($priority !== null && count($rows) < $limit) {
            array_push($rows, ...$this->ofPriority($status, $priority, $limit - count($rows), $claimant, $now));
            $lower = $this->database->value(
                'SELECT MAX(priority) FROM stacking_jobs WHERE status = ? AND priority < ?',
                [$status->value, $priority],
            );
            $priority = $lower === null ? null : (int) $lower;
        }
        return $rows;
    }

    /** @return list<array<string, mixed>> */
    private function ofPriority(JobStatus $status, int $priority, int $limit, Claimant $claimant, int $now): array
    {
        if ($claimant->kinds === []) {
            return [];
        }
        $marks = implode(', ', array_fill(0, count($claimant->kinds), '?'));
        [$allowed, $values] = self::allowed($claimant);
        return $this->database->all(
            "SELECT * FROM stacking_jobs j WHERE status = ? AND priority = ? AND kind IN ($marks)
               AND (not_before IS NULL OR not_before <= ?) AND after_job_id IS NULL AND $allowed
             ORDER BY created_at, id LIMIT $limit",
            [$status->value, $priority, ...array_column($claimant->kinds, 'value'), $now, ...$values],
        );
    }

    /**
     * Limits jobs to those that the claimant may have: nobody gives a second opinion on their own result, no third
     * volunteer is asked when two disagree, a stack that reveals where it was taken goes to trusted workers only, and
     * frames with local times go to none that would take these for UTC.
     *
     * @return array{string, list<mixed>} condition and its values
     */
    private static function allowed(Claimant $claimant): array
    {
        $open = $claimant->level === TrustLevel::Volunteer ? 'n_held < 2 AND' : '';
        $condition = "(n_held = 0 OR ($open NOT EXISTS (
            SELECT 1 FROM held_results h JOIN api_keys k ON k.id = h.api_key_id
             WHERE h.job_id = j.id AND h.state = 'held' AND h.frame_count = j.frame_count AND (h.api_key_id = ? OR k.user_id = ?))))";
        if ($claimant->level !== TrustLevel::Trusted && in_array(JobKind::Rescan, $claimant->kinds, true)) {
            $condition .= " AND (kind <> 'rescan' OR EXISTS (
                SELECT 1 FROM stacked_frames s JOIN users u ON u.id = s.user_id
                 WHERE s.id = j.stack_id AND (s.tells_position = 0 OR u.share_position = 1)))";
        }
        if (!$claimant->readsClocks) {
            $condition .= ' AND header_clock IS NULL';
        }
        return [$condition, [$claimant->apiKeyId, $claimant->userId]];
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
