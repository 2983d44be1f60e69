<?php

declare(strict_types=1);

namespace CrowdSky\Timekeeping;

use CrowdSky\Base\Logger;
use CrowdSky\Database\Database;

/**
 * The record of all cleanups, by which each new one knows whether its clock can be believed.
 *
 * A run in doubt is compared with the last run that was not, however long ago: rows that were written meanwhile carry
 * the doubtful time.
 */
final class CleanupRuns
{
    private const KEPT = 1000;

    public function __construct(
        private readonly Database $database,
        private readonly ClockReader $reader,
        private readonly ClockJudge $judge,
        private readonly Logger $log,
    ) {
    }

    /**
     * Reads the clocks, judges them, and records the run unless it is dry.
     *
     * @param bool $isClockRight whether an operator has looked and confirms the clock
     */
    public function begin(bool $dryRun, bool $isClockRight = false): CleanupRun
    {
        $reading = $this->reader->read();
        $run = $this->database->transaction(fn (): CleanupRun => $this->record($reading, $dryRun, $isClockRight));
        if ($run->doubt !== null) {
            $this->log->error("cleanup: nothing is deleted by its age: {$run->doubt}. If the clock is right, run cleanup --clock-is-right");
        }
        return $run;
    }

    /** What the last run found wrong with the clock, as a part of a sentence for those who run the site. */
    public function lastWarning(): ?string
    {
        $doubt = $this->last('')?->doubt;
        return $doubt === null ? null : "cleanup deletes nothing by its age: $doubt";
    }

    private function record(ClockReading $reading, bool $dryRun, bool $isClockRight): CleanupRun
    {
        $last = $this->last('');
        $trusted = $last?->doubt === null ? $last : $this->last('WHERE doubt IS NULL');
        $proven = $last === null ? 0 : $last->provenSeconds + ClockJudge::passed($last->reading, $reading);
        $doubt = $isClockRight ? null : $this->judge->doubt($reading, $proven, $trusted, $last);
        $accepted = $isClockRight
            ? [$reading->databaseOffset, $reading->diskOffset]
            : [$last->acceptedDatabaseOffset ?? 0, $last->acceptedDiskOffset ?? 0];
        $row = [
            'wall' => $reading->wall,
            'boot_id' => $reading->bootId,
            'uptime' => $reading->uptime,
            'database_offset' => $reading->databaseOffset,
            'disk_offset' => $reading->diskOffset,
            'accepted_database_offset' => $accepted[0],
            'accepted_disk_offset' => $accepted[1],
            'proven_seconds' => $proven,
            'doubt' => $doubt,
        ];
        $id = $dryRun ? ($last->id ?? 0) + 1 : $this->database->insert('cleanup_runs', $row);
        if (!$dryRun) {
            $this->database->execute('DELETE FROM cleanup_runs WHERE id < ? AND id <> ?', [$id - self::KEPT, $trusted->id ?? 0]);
        }
        return new CleanupRun($id, $dryRun, $reading, $proven, $accepted[0], $accepted[1], $doubt);
    }

    private function last(string $where): ?CleanupRun
    {
        $row = $this->database->one("SELECT * FROM cleanup_runs $where ORDER BY id DESC LIMIT 1");
        return $row === null ? null : CleanupRun::fromRow($row);
    }
}
