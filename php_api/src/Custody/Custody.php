<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

use CrowdSky\Base\Logger;
use CrowdSky\Hosts\HostIdentity;
use CrowdSky\Storage\ObjectExists;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\StorageUnavailable;
use CrowdSky\Storage\StoredBytes;

/**
 * Knows whether the stacks in storage are this site's to delete, by the mark that it keeps there.
 *
 * The mark gets a new name with every cleanup, and the database knows only the names it has given itself. So a copy of
 * the database that was restored from a backup, or that runs on another machine, finds a name it does not know. A copy
 * that would find the latest name is recognised by its data folder, unless that was copied too.
 */
final class Custody
{
    private const SILENCE_SECONDS = 3600;
    /** Times that a finding is looked at again because the mark was renewed meanwhile. */
    private const LOOKS = 5;
    private const MAX_BYTES = 4096;
    /** Former ids of the archive that a mark lists. */
    private const LISTED_IDS = 100;

    public function __construct(
        private readonly ArchiveIds $ids,
        private readonly ObjectStorage $storage,
        private readonly Spool $spool,
        private readonly Logger $log,
        private readonly HostIdentity $host,
        private readonly string $storageBase,
    ) {
    }

    /**
     * Looks for whose mark is in storage, and writes the first one of a site that has none yet.
     *
     * @throws StorageUnavailable when the storage cannot say
     */
    public function look(): ?Doubt
    {
        $id = $this->ids->current();
        $doubt = $this->finding($id) ?? ($this->host->isOwnFolder() ? null : Doubt::AnotherHost);
        if ($doubt === null && $id->lastMark === null) {
            $this->renewMark($id);
            // Another site may have written its own first mark at the same time; then neither is alone.
            $doubt = $this->finding($this->ids->current());
        }
        if ($this->ids->note($id, $doubt, self::SILENCE_SECONDS)) {
            $this->log->error("custody: {$doubt?->sentence()}");
        }
        return $doubt;
    }

    /**
     * Gives the mark a new name, unless there is a doubt.
     *
     * @throws StorageUnavailable when the storage does not do what it is asked; the next renewal goes on from there
     */
    public function renew(): ?Doubt
    {
        $doubt = $this->look();
        if ($doubt === null) {
            $this->renewMark($this->ids->current());
            $id = $this->ids->current();
            foreach (array_filter($this->marks(), $id->isPast(...)) as $mark) {
                $this->storage->delete($mark->path($this->storageBase));
            }
        }
        return $doubt;
    }

    /**
     * Takes the storage over under a new id of the archive, after a backup was restored. Marks of its former ids give
     * way; those of other sites stay, and so does the doubt.
     *
     * @param string|null $lost id of an archive whose database is lost and that this one continues
     */
    public function takeOver(?string $lost): ?Doubt
    {
        $this->ids->replace();
        if ($lost !== null) {
            $this->ids->inherit([$lost, ...$this->formerIdsOf($lost)]);
        }
        $former = $this->ids->former();
        foreach ($this->marks() as $mark) {
            if (in_array($mark->archiveId, $former, true)) {
                $this->storage->delete($mark->path($this->storageBase));
            }
        }
        return $this->look();
    }

    /** @return list<string> ids of the archives of which marks are in storage */
    public function markedBy(): array
    {
        return array_values(array_unique(array_map(static fn (Mark $mark): string => $mark->archiveId, $this->marks())));
    }

    private function finding(ArchiveId $id): ?Doubt
    {
        for ($look = 1;; $look++) {
            $doubt = $this->compare($id, $this->marks());
            $now = $this->ids->current();
            if ($doubt === null || $now == $id || $look >= self::LOOKS) {
                return $doubt;
            }
            // Another process has renewed the mark while the storage was listed.
            $id = $now;
        }
    }

    /** @param list<Mark> $marks */
    private function compare(ArchiveId $id, array $marks): ?Doubt
    {
        // Listings may be late: what decides is whether the file itself is there.
        foreach ($marks as $mark) {
            if (!$id->owns($mark) && !$id->isPast($mark) && $this->isStored($mark)) {
                return $mark->archiveId === $id->id ? Doubt::AnotherCopy : Doubt::AnotherSite;
            }
        }
        $own = array_map(static fn (string $nonce): Mark => new Mark($id->id, $nonce), array_filter([$id->lastMark, $id->pendingMark]));
        foreach ($own as $mark) {
            if ($this->isStored($mark)) {
                return null;
            }
        }
        // With a first mark that is only pending, its writing was interrupted; there was never one to be missing.
        return $id->lastMark === null ? null : Doubt::MarkGone;
    }

    private function renewMark(ArchiveId $id): void
    {
        $id = $this->ids->beginMark($id);
        if ($id->pendingMark === null) {
            // Another process began and ended a renewal meanwhile.
            return;
        }
        $pending = new Mark($id->id, $id->pendingMark);
        $this->write($pending);
        if (!$this->ids->current()->owns($pending)) {
            // Another process has ended this renewal and begun the next one.
            $this->storage->delete($pending->path($this->storageBase));
            return;
        }
        if ($id->lastMark !== null) {
            $this->storage->delete((new Mark($id->id, $id->lastMark))->path($this->storageBase));
        }
        $this->ids->endMark($id);
    }

    private function write(Mark $mark): void
    {
        $text = "A CrowdSky site keeps its stacks here and renames this file whenever it cleans up. Do not delete, rename or copy it.\n";
        $content = fopen('php://memory', 'w+b');
        $fields = [
            'archive_id' => $mark->archiveId,
            'mark' => $mark->nonce,
            'former_ids' => array_slice($this->ids->former(), 0, self::LISTED_IDS),
            'note' => $text,
        ];
        fwrite($content, json_encode($fields, JSON_THROW_ON_ERROR));
        rewind($content);
        $file = $this->spool->receive($content, self::MAX_BYTES, null, 'The mark');
        try {
            $this->storage->put($file, $mark->path($this->storageBase));
        } catch (ObjectExists) {
            // An interrupted renewal had come this far.
            return;
        } finally {
            $file->discard();
        }
    }

    /**
     * Reads from the mark of an archive whose database is lost which ids it had before backups were restored: its older
     * stacks bear those.
     *
     * @return list<string> empty where no mark says so, as those of older versions
     */
    private function formerIdsOf(string $archiveId): array
    {
        $found = [];
        foreach ($this->marks() as $mark) {
            if ($mark->archiveId === $archiveId) {
                array_push($found, ...$this->formerIdsIn($mark));
            }
        }
        return array_values(array_unique($found));
    }

    /** @return list<string> */
    private function formerIdsIn(Mark $mark): array
    {
        try {
            $text = StoredBytes::of($this->storage, $mark->path($this->storageBase), 0, self::MAX_BYTES);
        } catch (ObjectMissing) {
            return [];
        }
        $ids = json_decode($text, true)['former_ids'] ?? [];
        $isId = static fn (mixed $id): bool => is_string($id) && preg_match('/^[0-9a-f]{16}$/D', $id) === 1;
        return is_array($ids) ? array_values(array_filter($ids, $isId)) : [];
    }

    private function isStored(Mark $mark): bool
    {
        return $this->storage->size($mark->path($this->storageBase)) !== null;
    }

    /** @return list<Mark> */
    private function marks(): array
    {
        $marks = [];
        foreach ($this->storage->list(Mark::folder($this->storageBase)) as $object) {
            $mark = Mark::parse($this->storageBase, $object->path);
            if ($mark !== null) {
                $marks[] = $mark;
            }
        }
        return $marks;
    }
}
