<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Logger;
use CrowdSky\Database\Database;
use CrowdSky\Hosts\HostIdentity;
use CrowdSky\Storage\RawStore;
use CrowdSky\Timekeeping\CleanupRun;
use CrowdSky\Timekeeping\DueKind;
use CrowdSky\Timekeeping\DueMarks;

/**
 * Finds raw files that no row refers to: those of uploads that were killed after their file was stored.
 *
 * Files of upload sessions that this database does not know may be newer than the backup it was restored from; they are
 * listed separately and kept unless the caller insists. Like everything that goes by its age, an orphan is marked by one
 * run and deleted by a later one.
 */
final class RawOrphanSearch
{
    /** Files looked up with one query. */
    private const BATCH = 500;
    /** Hours that always pass between a file and the end of the request that records it. */
    private const LEAST_AGE_HOURS = 1;

    public function __construct(
        private readonly Database $database,
        private readonly RawStore $raws,
        private readonly DueMarks $marks,
        private readonly HostIdentity $host,
        private readonly Logger $log,
        private readonly int $minAgeHours,
    ) {
    }

    /**
     * @param CleanupRun $run a dry one only lists them
     * @param bool $withUnknown also treats files of unknown sessions as orphans
     * @param \Closure(string): void $say receives a line for every file that is or may be an orphan
     */
    public function run(CleanupRun $run, bool $withUnknown, \Closure $say): RawOrphanReport
    {
        $report = new RawOrphanReport();
        if (!$this->host->isOwnFolder()) {
            $say('raw files were not searched: ' . HostIdentity::OTHER_FOLDER);
            return $report;
        }
        $old = $this->raws->lastWrittenBefore(3600 * max($this->minAgeHours, self::LEAST_AGE_HOURS));
        $orphans = [];
        foreach (array_chunk($old, self::BATCH) as $names) {
            $lost = array_diff($names, $this->recorded($names));
            array_push($orphans, ...array_filter($lost, fn (string $name): bool => $withUnknown || $this->isOfKnownSession($name, $say, $report)));
        }
        $due = array_flip($this->marks->confirmed($run, DueKind::RawOrphan, $orphans));
        foreach ($orphans as $name) {
            $this->settle($name, !$run->dryRun && isset($due[$name]), $say, $report);
        }
        $report->waiting = $run->dryRun ? 0 : $report->orphans - $report->deleted;

        return $report;
    }

    private function isOfKnownSession(string $name, \Closure $say, RawOrphanReport $report): bool
    {
        if ($this->isKnown($name)) {
            return true;
        }
        $report->unknown++;
        $say("unknown session\t$name\t{$this->raws->size($name)}");
        return false;
    }

    private function settle(string $name, bool $delete, \Closure $say, RawOrphanReport $report): void
    {
        $bytes = $this->raws->size($name);
        $report->orphans++;
        $report->orphanBytes += $bytes;
        $say(($delete ? 'deleted' : 'orphan') . "\t$name\t$bytes");
        if ($delete) {
            $this->raws->delete($name);
            $this->log->info('raw file without a row deleted', ['file' => $name, 'bytes' => $bytes]);
            $report->deleted++;
        }
    }

    /**
     * @param non-empty-list<string> $names
     * @return list<string> those that rows refer to
     */
    private function recorded(array $names): array
    {
        $marks = implode(', ', array_fill(0, count($names), '?'));

        return array_column(
            $this->database->all("SELECT storage_name FROM raw_files WHERE storage_name IN ($marks)", $names),
            'storage_name'
        );
    }

    private function isKnown(string $name): bool
    {
        [$userId, $sessionId] = RawStore::ownerOf($name);

        return $this->database->value('SELECT id FROM upload_sessions WHERE id = ? AND user_id = ?', [$sessionId, $userId]) !== null;
    }
}
