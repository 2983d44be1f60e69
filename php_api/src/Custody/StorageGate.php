<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

use CrowdSky\Base\Logger;
use CrowdSky\Base\Refusal;
use CrowdSky\Results\ArchivedName;
use CrowdSky\Storage\MoveRefused;
use CrowdSky\Storage\ObjectExists;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;

/**
 * The only way to delete or move a result in storage. What may be the only copy of a stack is not deleted.
 *
 * - Nothing is touched while the custody of the storage is in doubt, and never anything outside of its folder.
 * - A final name, which says only the number of a job, is deleted only if this database has published it.
 * - A run's name is deleted only if the stack of its job was just proven or its job was deleted, and if the run is in
 *   this database's own audit trail.
 * - Everything else that should go is moved to trash if this archive has made it since its last restored backup, and
 *   kept if it has not: `site.php` and cleanup list it for their operator.
 */
final class StorageGate
{
    /** Deletions after which the mark is looked at again. */
    private const TRUST = 50;
    private int $trust = 0;
    private bool $cannotMove = false;

    public function __construct(
        private readonly ObjectStorage $storage,
        private readonly Custody $custody,
        private readonly Ownership $ownership,
        private readonly Trash $trash,
        private readonly Logger $log,
        private readonly string $storageBase,
    ) {
    }

    /**
     * @throws CustodyInDoubt when nothing may be deleted or moved now
     * @throws StorageUnavailable when the storage cannot say
     */
    public function requireOpen(): void
    {
        if ($this->trust-- > 0) {
            return;
        }
        $this->trust = 0;
        $doubt = $this->custody->look();
        if ($doubt !== null) {
            throw new CustodyInDoubt($doubt);
        }
        $this->trust = self::TRUST;
    }

    /**
     * Deletes a file that this database has published as one of a stack: its owner deletes it, or a rescan has replaced
     * it and its successor was just proven.
     *
     * @throws CustodyInDoubt when nothing may be deleted now
     * @throws StorageUnavailable when it may still be there
     */
    public function deletePublished(int $stackId, string $path): Fate
    {
        $this->requireOpen();
        if (!$this->isInside($path) || !$this->ownership->isPublishedOf($stackId, $path)) {
            $this->log->error("gate: $path is kept, since it was not published here as a file of stack $stackId");
            return Fate::Kept;
        }
        $this->storage->delete($path);
        return Fate::Deleted;
    }

    /**
     * Gets rid of a file that a run has stored and that is not in the archive.
     *
     * @param \Closure(): Grounds $grounds asked only if there is a file
     * @param string $why goes into the list of the trash
     * @throws CustodyInDoubt when nothing may be deleted or moved now
     * @throws StorageUnavailable when it may still be there
     */
    public function discard(string $path, \Closure $grounds, string $why): Fate
    {
        $this->requireOpen();
        return match ($fate = $this->fate($path, $grounds)) {
            Fate::Deleted => $this->delete($path),
            Fate::Trashed => $this->moveToTrash($path, $why),
            default => $fate,
        };
    }

    /**
     * Foretells what discard() would do, and changes nothing.
     *
     * @param \Closure(): Grounds $grounds
     * @throws StorageUnavailable when the storage cannot say
     */
    public function fate(string $path, \Closure $grounds): Fate
    {
        if ($this->storage->size($path) === null) {
            return Fate::Absent;
        }
        $name = ArchivedName::parse($this->storageBase, $path);
        $isKept = $name === null || $this->ownership->isPublished($path);
        return $isKept ? Fate::Kept : $this->verdict($name, $path, $grounds());
    }

    /** Deletes a file that has been in trash for long enough. */
    public function deleteTrashed(TrashedObject $object): void
    {
        $this->requireOpen();
        $this->storage->delete($object->trashPath);
        $this->trash->forget($object);
    }

    /**
     * Moves a file in trash back to where it was.
     *
     * @throws Refusal when it is not in trash, or another file is in its place
     */
    public function restore(TrashedObject $object): void
    {
        $this->requireOpen();
        try {
            $this->storage->move($object->trashPath, $object->path);
        } catch (ObjectMissing $missing) {
            if ($this->storage->size($object->path) === null) {
                throw $missing;
            }
            // An interrupted move: it is where it belongs.
        }
        $this->trash->forget($object);
    }

    private function verdict(ArchivedName $name, string $path, Grounds $grounds): Fate
    {
        if ($name->attemptTag === null) {
            return $this->ownership->isOurs($path) && $this->ownership->isClaimed($name->jobId) ? Fate::Trashed : Fate::Kept;
        }
        $claimedAt = $this->ownership->claimedAt($name);
        if ($claimedAt === null) {
            // A stack of this archive by a run that this database does not know was made with another copy of it.
            return $grounds === Grounds::OperatorInsists && !$this->ownership->namesArchive($path) ? Fate::Trashed : Fate::Kept;
        }
        if ($name->isPartial || $grounds === Grounds::StackProven || $grounds === Grounds::JobDeleted) {
            return Fate::Deleted;
        }
        return $this->ownership->isSinceRestored($claimedAt) ? Fate::Trashed : Fate::Kept;
    }

    private function delete(string $path): Fate
    {
        $this->storage->delete($path);
        return Fate::Deleted;
    }

    private function moveToTrash(string $path, string $why): Fate
    {
        $entry = $this->trash->enter($path, $why);
        try {
            $this->storage->move($path, $entry->trashPath);
        } catch (ObjectMissing) {
            return Fate::Absent;
        } catch (ObjectExists) {
            // A file of this name went to trash earlier, and is there still; this one follows when it has left.
            $this->log->info('gate: stays until the file of the same name has left the trash', ['path' => $path]);
            return Fate::Kept;
        } catch (MoveRefused $error) {
            $this->trash->forget($entry);
            if (!$this->cannotMove) {
                $this->log->warning("gate: the storage cannot move files, so nothing goes to trash and all stays: {$error->getMessage()}");
            }
            $this->cannotMove = true;
            return Fate::Kept;
        }
        $this->log->info('moved to trash', ['path' => $path, 'why' => $why]);
        return Fate::Trashed;
    }

    private function isInside(string $path): bool
    {
        return str_starts_with($path, "{$this->storageBase}/");
    }
}
