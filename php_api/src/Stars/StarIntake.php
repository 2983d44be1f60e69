<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Base\Logger;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Turns the stars of stacks into rows: of one that was just completed, and of all that have not been read yet, such as
 * those of a restored database or of an earlier version of the site.
 */
final class StarIntake
{
    private const PENDING = 's.damaged_at IS NULL AND NOT EXISTS (SELECT 1 FROM epochs e WHERE e.stack_id = s.id
        AND e.series_seconds = 0 AND e.part = 0 AND e.superseded_at IS NULL AND e.source_sha256 = s.sha256)';
    private const BATCH = 100;
    private const SMOOTHED = 'the noise of its pixels was smoothed, so that fluxes and their errors are not those of the sky';

    public function __construct(
        private readonly Database $database,
        private readonly StackReader $reader,
        private readonly EpochRegister $epochs,
        private readonly Logger $log,
    ) {
    }

    /**
     * Reads the stars of a stack that was just archived and is solved; of others, the back-fill finds out why there are none.
     * It never fails: what cannot be read now is left to the back-fill too, and the stack is complete without.
     */
    public function tryStack(int $stackId): void
    {
        try {
            if ($this->database->value('SELECT solved FROM stack_solutions WHERE stack_id = ?', [$stackId])) {
                $this->take($stackId);
            }
        } catch (\Throwable $error) {
            $this->log->warning("The stars of stack $stackId are not in the list yet; cleanup tries again: {$error->getMessage()}");
        }
    }

    /**
     * Reads the stars of stacks that have none in the archive, the earliest observation first.
     *
     * @param int|null $limit number of stacks; null for all
     * @param callable(): bool $goesOn asked before each stack
     */
    public function catchUp(?int $limit, callable $goesOn): IntakeReport
    {
        $report = new IntakeReport();
        $after = ['', 0];
        while (($rows = $this->pending($after)) !== []) {
            foreach ($rows as $row) {
                if ($report->stacks() >= ($limit ?? PHP_INT_MAX) || !$goesOn()) {
                    $report->isComplete = false;
                    return $report;
                }
                $after = [(string) $row['date_obs_start'], (int) $row['id']];
                $this->takeReported((int) $row['id'], $report);
            }
        }
        return $report;
    }

    /**
     * @return int|null id of the epoch; null when there is no such stack
     * @throws ObjectMissing
     * @throws StorageUnavailable
     */
    public function take(int $stackId): ?int
    {
        $stack = $this->database->one(
            'SELECT ucloud_path, file_size_bytes, sha256, is_smoothed, smoothing_known FROM stacked_frames WHERE id = ?',
            [$stackId],
        );
        if ($stack === null) {
            return null;
        }
        $measured = $this->reader->read($stack['ucloud_path'], (int) $stack['file_size_bytes']);
        // Uploaded stacks do not say whether they are smoothed; those are measured as they are.
        $isSmoothed = (bool) $stack['is_smoothed'] && (bool) $stack['smoothing_known'];
        return $this->epochs->add($stackId, $stack['sha256'], $isSmoothed ? $measured->without(self::SMOOTHED) : $measured);
    }

    /** @throws StorageUnavailable when the storage is away, and others would fail too */
    private function takeReported(int $stackId, IntakeReport $report): void
    {
        try {
            $epochId = $this->take($stackId);
        } catch (ObjectMissing) {
            $report->missing[] = $stackId;
            return;
        }
        if ($epochId !== null) {
            $epoch = $this->database->one('SELECT reason, n_stars FROM epochs WHERE id = ?', [$epochId]);
            $report->add((int) ($epoch['n_stars'] ?? 0), $epoch['reason'] ?? null);
        }
    }

    /**
     * @param array{string, int} $after time and id of the stack before
     * @return list<array<string, mixed>>
     */
    private function pending(array $after): array
    {
        [$time, $id] = $after;
        $later = new Condition(
            "(COALESCE(s.date_obs_start, '') > ? OR (COALESCE(s.date_obs_start, '') = ? AND s.id > ?))",
            [$time, $time, $id],
        );
        return $this->database->all(
            "SELECT s.id, s.date_obs_start FROM stacked_frames s WHERE {$later->sql} AND " . self::PENDING
                . " ORDER BY COALESCE(s.date_obs_start, ''), s.id LIMIT " . self::BATCH,
            $later->values,
        );
    }
}
