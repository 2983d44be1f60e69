<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Reads archived series and calibrations back, longest unread first, and compares them with what was archived: a series
 * may be all that is left of its raws.
 *
 * Only an intact file gets a new date, so a damaged one comes first in every run until it is put back.
 */
final class ProductAudit
{
    /** Consecutive files without an answer after which the storage counts as unreachable. */
    private const PATIENCE = 3;
    private const DAMAGED = 'file not verified';
    /** What people call a file, by its table. */
    private const NAMES = ['series' => 'series', 'calibrations' => 'calibration'];
    private const FILES = "(SELECT 'series' AS kind, id, COALESCE(verified_at, completed_at) AS seen_at FROM series WHERE sha256 IS NOT NULL
        UNION ALL SELECT 'calibrations', id, COALESCE(verified_at, created_at) FROM calibrations) f";

    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
        private readonly StackVerifier $verifier,
        private readonly JobEvents $events,
        private readonly Logger $log,
        private readonly Clock $clock,
    ) {
    }

    /**
     * @param int|null $limit files to read at most, null for all
     * @param int $olderThanDays only files that were last read back longer ago
     * @param \Closure(string): void $say gets a line for every file that is not intact
     */
    public function run(?int $limit, int $olderThanDays, \Closure $say): AuditReport
    {
        $report = new AuditReport('series and calibrations');
        $silent = 0;
        foreach ($this->files($limit, $olderThanDays) as [$kind, $id]) {
            $file = $this->database->one("SELECT id, job_id, path, file_size_bytes, sha256 FROM $kind WHERE id = ? AND sha256 IS NOT NULL", [$id]);
            $unreadBefore = $report->unread;
            $finding = $file === null ? null : $this->check($kind, $file, $report);
            if ($file !== null && $finding !== null) {
                $say("job {$file['job_id']}: $finding");
                $this->log->error("verify, job {$file['job_id']}: $finding");
            }
            $silent = $report->unread > $unreadBefore ? $silent + 1 : 0;
            if ($silent >= self::PATIENCE) {
                $report->gaveUp = true;
                break;
            }
        }
        $this->log->info('verify: ' . rtrim($report->asText()));
        return $report;
    }

    /** @return \Generator<array{string, int}> table and id */
    private function files(?int $limit, int $olderThanDays): \Generator
    {
        $before = Utc::storedBefore($this->clock->now(), 86400 * $olderThanDays);
        [$where, $values] = $olderThanDays > 0 ? ['seen_at < ?', [$before]] : ['1 = 1', []];
        $most = $limit === null ? '' : " LIMIT $limit";
        $found = [];
        foreach ($this->database->each('SELECT kind, id FROM ' . self::FILES . " WHERE $where ORDER BY seen_at, kind, id$most", $values) as $row) {
            $found[] = "{$row['kind']} {$row['id']}";
        }
        foreach ($found as $one) {
            [$kind, $id] = explode(' ', $one);
            yield [$kind, (int) $id];
        }
    }

    /**
     * @param array<string, mixed> $file
     * @return string|null what is wrong
     */
    private function check(string $kind, array $file, AuditReport $report): ?string
    {
        $path = $file['path'];
        $name = self::NAMES[$kind];
        try {
            $size = $this->storage->size($path);
            if ($size === null) {
                $report->missing++;
                return $this->damaged($file, "the $name $path is missing from storage");
            }
            if ($size !== (int) $file['file_size_bytes']) {
                $report->changed++;
                return $this->damaged($file, "the $name $path has $size bytes in storage, not {$file['file_size_bytes']}");
            }
            if (!$this->verifier->holds($path, $file['sha256'])) {
                $report->changed++;
                return $this->damaged($file, "the $name $path differs from what was archived");
            }
        } catch (StorageUnavailable $error) {
            $report->unread++;
            return "the $name $path could not be read back ({$error->getPrevious()?->getMessage()})";
        }
        $this->database->execute("UPDATE $kind SET verified_at = ? WHERE id = ?", [Utc::stored($this->clock->now()), $file['id']]);
        $report->intact++;
        return null;
    }

    /** @param array<string, mixed> $file */
    private function damaged(array $file, string $finding): string
    {
        $this->events->recordOnce((int) $file['job_id'], 'system', self::DAMAGED, $finding);
        return $finding;
    }
}
