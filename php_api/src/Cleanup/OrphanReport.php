<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Custody\Fate;
use CrowdSky\Storage\StoredObject;

/**
 * What a search for orphans found.
 */
final class OrphanReport
{
    public int $orphans = 0;
    public int $orphanBytes = 0;
    public int $deleted = 0;
    public int $trashed = 0;
    /** Files of the archive, and those that cleanup will delete in its own time. */
    public int $referred = 0;
    /** Files of jobs that a worker is busy with. */
    public int $running = 0;
    /** Files too new to judge, and those whose age the storage does not report. */
    public int $young = 0;
    /** Files that no run known to this database has written. */
    public int $unknown = 0;
    /** Files with names that the site does not generate. */
    public int $foreign = 0;
    /** Files that may be another site's, or the only copy of a stack that this database does not know the end of. */
    public int $withheld = 0;

    /** @param bool $delete whether orphans are deleted or moved to trash, or only listed */
    public function __construct(public readonly bool $delete)
    {
    }

    public function add(Fate $fate, StoredObject $object): void
    {
        if ($fate === Fate::Kept) {
            $this->withheld++;
        }
        if ($fate === Fate::Deleted || $fate === Fate::Trashed) {
            $this->orphans++;
            $this->orphanBytes += $object->size ?? 0;
            $this->deleted += (int) ($this->delete && $fate === Fate::Deleted);
            $this->trashed += (int) ($this->delete && $fate === Fate::Trashed);
        }
    }

    /** Returns the word before the path of a file. */
    public function word(Fate $fate): string
    {
        return match ($fate) {
            Fate::Deleted => $this->delete ? 'deleted' : 'orphan',
            Fate::Trashed => $this->delete ? 'moved to trash' : 'orphan',
            Fate::Kept => 'not ours to delete',
            Fate::Absent => 'gone',
        };
    }

    public function asText(): string
    {
        return "orphans: {$this->orphans} ({$this->orphanBytes} bytes), deleted: {$this->deleted}, moved to trash: {$this->trashed}; kept: {$this->referred} in the archive, "
            . "{$this->running} of running jobs, {$this->young} too young, {$this->unknown} of unknown runs, {$this->foreign} with other names, "
            . "{$this->withheld} not ours to delete\n";
    }
}
