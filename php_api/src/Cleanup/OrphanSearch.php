<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Results\ArchivedName;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;
use CrowdSky\Storage\StoredObject;
use CrowdSky\Trust\HeldResults;

/**
 * Finds results in storage that nothing refers to: uploads of runs that lost their lease and of workers that died.
 *
 * When in doubt it keeps a file. A file is an orphan only if its name is one that the site makes, it is old enough,
 * its job is not running, nothing in the database points to it, and a run in the database's own audit trail has
 * written it. Files of runs without a trail belong to another site on the same share, or are newer than the backup
 * this database was restored from; they are listed separately and kept unless the caller insists.
 */
final class OrphanSearch
{
    private int $user = 0;
    /** @var array<string, true> paths that rows of $user point to */
    private array $referred = [];

    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
        private readonly StorageDeletion $deletion,
        private readonly JobEvents $events,
        private readonly HeldResults $held,
        private readonly Clock $clock,
        private readonly string $storageBase,
        private readonly int $minAgeHours,
    ) {
    }

    /**
     * @param bool $delete whether orphans are deleted, or only listed
     * @param bool $withUnknown also treats files of unknown runs as orphans
     * @param \Closure(string): void $say receives a line for every file that is or may be an orphan
     * @throws StorageUnavailable when the storage cannot be listed, or a file cannot be deleted
     */
    public function run(bool $delete, bool $withUnknown, \Closure $say): OrphanReport
    {
        $report = new OrphanReport();
        foreach ($this->storage->list("{$this->storageBase}/stacks") as $object) {
            $name = ArchivedName::parse($this->storageBase, $object->path);
            if ($name === null) {
                $report->foreign++;
            } elseif (!$this->isOld($object)) {
                $report->young++;
            } elseif ($this->isReferredTo($name, $object->path)) {
                $report->referred++;
            } else {
                $this->judge($name, $object, $delete, $withUnknown, $say, $report);
            }
        }
        return $report;
    }

    private function judge(ArchivedName $name, StoredObject $object, bool $delete, bool $withUnknown, \Closure $say, OrphanReport $report): void
    {
        if ($this->isRunning($name)) {
            $report->running++;
            return;
        }
        if (!$withUnknown && !$this->isKnown($name)) {
            $report->unknown++;
            $say("unknown run\t{$object->path}\t{$object->size}");
            return;
        }
        // A job that ran a moment ago may have just been completed: look again, past what was read before.
        $this->user = 0;
        if ($this->isReferredTo($name, $object->path)) {
            $report->referred++;
            return;
        }
        $report->orphans++;
        $report->orphanBytes += $object->size ?? 0;
        $say(($delete ? 'deleted' : 'orphan') . "\t{$object->path}\t{$object->size}");
        if ($delete) {
            $this->deletion->delete($object->path);
            $this->events->record($name->jobId, 'system', 'orphan deleted', $object->path);
            $report->deleted++;
        }
    }

    private function isOld(StoredObject $object): bool
    {
        return $object->modifiedAt !== null && $object->modifiedAt <= $this->clock->now()->getTimestamp() - 3600 * $this->minAgeHours;
    }

    private function isRunning(ArchivedName $name): bool
    {
        return $this->database->value('SELECT status FROM stacking_jobs WHERE id = ?', [$name->jobId]) === JobStatus::Processing->value;
    }

    /** Whether the audit trail, which outlives deleted jobs, has the run; a final name gives only the job. */
    private function isKnown(ArchivedName $name): bool
    {
        $claims = 'SELECT id FROM job_events WHERE job_id = ? AND event IN (?, ?)';
        $known = [$name->jobId, JobEvents::CLAIMED, JobEvents::CHECK_CLAIMED];
        $claim = $name->attemptTag === null
            ? $this->database->value("$claims LIMIT 1", $known)
            : $this->database->value("$claims AND detail = ? LIMIT 1", [...$known, $name->attemptTag]);
        return $claim !== null;
    }

    /** Keeps the paths of one user at a time, which is enough since listings come folder by folder. */
    private function isReferredTo(ArchivedName $name, string $path): bool
    {
        if ($this->user !== $name->userId) {
            $this->user = $name->userId;
            $this->referred = array_fill_keys($this->pathsOf($name->userId), true);
        }
        return isset($this->referred[$path]);
    }

    /** @return list<string> */
    private function pathsOf(int $userId): array
    {
        $paths = [];
        $columns = 'ucloud_path, thumbnail_path, overlay_path, stars_path';
        foreach ($this->database->all("SELECT $columns FROM stacked_frames WHERE user_id = ?", [$userId]) as $row) {
            array_push($paths, ...array_filter(array_values($row)));
        }
        $replaced = $this->database->all(
            'SELECT r.path FROM replaced_objects r JOIN stacked_frames s ON s.id = r.stack_id WHERE s.user_id = ?',
            [$userId],
        );
        return [...$paths, ...array_column($replaced, 'path'), ...$this->held->pathsOf($userId)];
    }
}
