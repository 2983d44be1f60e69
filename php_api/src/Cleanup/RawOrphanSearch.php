<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Logger;
use CrowdSky\Database\Database;
use CrowdSky\Storage\RawStore;

/**
 * Finds raw files that no row refers to: those of uploads that were killed after their file was stored.
 *
 * Files of upload sessions that this database does not know may be newer than the backup it was restored from; they are
 * listed separately and kept unless the caller insists.
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
        private readonly Logger $log,
        private readonly int $minAgeHours,
    ) {
    }

    /**
     * @param bool $delete whether orphans are deleted, or only listed
     * @param bool $withUnknown also treats files of unknown sessions as orphans
     * @param \Closure(string): void $say receives a line for every file that is or may be an orphan
     */
    public function run(bool $delete, bool $withUnknown, \Closure $say): RawOrphanReport
    {
        $report = new RawOrphanReport();
        $old = $this->raws->lastWrittenBefore(3600 * max($this->minAgeHours, self::LEAST_AGE_HOURS));
        foreach (array_chunk($old, self::BATCH) as $names) {
            foreach (array_diff($names, $this->recorded($names)) as $name) {
                $this->judge($name, $delete, $withUnknown, $say, $report);
            }
        }

        return $report;
    }

    private function judge(string $name, bool $delete, bool $withUnknown, \Closure $say, RawOrphanReport $report): void
    {
        $bytes = $this->raws->size($name);
        if (!$withUnknown && !$this->isKnown($name)) {
            $report->unknown++;
            $say("unknown session\t$name\t$bytes");
            return;
        }
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
