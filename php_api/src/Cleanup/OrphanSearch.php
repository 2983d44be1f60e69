<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Clock;
use CrowdSky\Custody\CustodyInDoubt;
use CrowdSky\Custody\Fate;
use CrowdSky\Custody\Grounds;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Results\ArchivedName;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;
use CrowdSky\Storage\StoredObject;

/**
 * Finds results in storage that nothing refers to: uploads of runs that lost their lease and of workers that died.
 *
 * When in doubt it keeps a file. A file is an orphan only if its name is one that the site makes, it is old enough,
 * its job is not running, nothing in the database points to it, and a run in the database's own audit trail has
 * written it. Files of runs without a trail belong to another site on the same share, or are newer than the backup
 * this database was restored from; they are listed separately and kept unless the caller insists. What becomes of an
 * orphan is decided by StorageGate.
 */
final class OrphanSearch
{
    public function __construct(
        private readonly ObjectStorage $storage,
        private readonly StorageDeletion $deletion,
        private readonly JobEvents $events,
        private readonly ReferredPaths $referred,
        private readonly OrphanJobs $jobs,
        private readonly Clock $clock,
        private readonly string $storageBase,
        private readonly int $minAgeHours,
    ) {
    }

    /**
     * @param bool $delete whether orphans are deleted or moved to trash, or only listed
     * @param bool $withUnknown also treats files of unknown runs as orphans
     * @param \Closure(string): void $say receives a line for every file that is or may be an orphan
     * @throws StorageUnavailable when the storage cannot be listed, or a file cannot be deleted
     * @throws CustodyInDoubt when something would be deleted and may not
     */
    public function run(bool $delete, bool $withUnknown, \Closure $say): OrphanReport
    {
        $report = new OrphanReport($delete);
        foreach ($this->storage->list("{$this->storageBase}/stacks") as $object) {
            $name = ArchivedName::parse($this->storageBase, $object->path);
            if ($name === null) {
                $report->foreign++;
            } elseif (!$this->isOld($object)) {
                $report->young++;
            } elseif ($this->referred->has($name, $object->path)) {
                $report->referred++;
            } else {
                $this->judge($name, $object, $withUnknown, $say, $report);
            }
        }
        return $report;
    }

    private function judge(ArchivedName $name, StoredObject $object, bool $withUnknown, \Closure $say, OrphanReport $report): void
    {
        if ($this->jobs->isRunning($name)) {
            $report->running++;
            return;
        }
        if (!$withUnknown && !$this->jobs->isKnown($name)) {
            $report->unknown++;
            $say("unknown run\t{$object->path}\t{$object->size}");
            return;
        }
        // A job that ran a moment ago may have just been completed: look again, past what was read before.
        $this->referred->forget();
        if ($this->referred->has($name, $object->path)) {
            $report->referred++;
            return;
        }
        $fate = $this->treat($name, $object->path, $report->delete);
        $report->add($fate, $object);
        $say("{$report->word($fate)}\t{$object->path}\t{$object->size}");
    }

    private function treat(ArchivedName $name, string $path, bool $delete): Fate
    {
        $grounds = fn (): Grounds => $this->jobs->grounds($name, !$delete);
        if (!$delete) {
            return $this->deletion->fate($path, $grounds);
        }
        $fate = $this->deletion->discard($path, $grounds, 'nothing refers to it');
        if ($fate === Fate::Deleted || $fate === Fate::Trashed) {
            $this->events->record($name->jobId, 'system', $fate === Fate::Deleted ? 'orphan deleted' : 'orphan moved to trash', $path);
        }
        return $fate;
    }

    private function isOld(StoredObject $object): bool
    {
        return $object->modifiedAt !== null && $object->modifiedAt <= $this->clock->now()->getTimestamp() - 3600 * $this->minAgeHours;
    }
}
