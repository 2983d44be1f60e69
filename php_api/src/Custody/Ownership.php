<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

use CrowdSky\Database\Database;
use CrowdSky\Fits\StackHeader;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Results\ArchivedName;
use CrowdSky\Results\ResultKind;
use CrowdSky\Results\ResultPath;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;

/**
 * Knows which files in storage this archive has made or published, by its rows, its audit trail and the stacks' headers.
 */
final class Ownership
{
    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
        private readonly ArchiveIds $ids,
    ) {
    }

    /**
     * Whether a stack consists of the file, or did so until a rescan replaced it. The path names the account that the
     * stack was made for, which is not always its owner: another one may have adopted it.
     */
    public function isPublished(string $path): bool
    {
        return $this->database->value(
            'SELECT id FROM stacked_frames WHERE :path IN (' . self::files() . ')
              UNION SELECT stack_id FROM replaced_objects WHERE path = :replaced',
            ['path' => $path, 'replaced' => $path],
        ) !== null;
    }

    private static function files(): string
    {
        return implode(', ', ResultKind::columns());
    }

    /** Whether this database has published the file as one of that stack. */
    public function isPublishedOf(int $stackId, string $path): bool
    {
        return $this->database->value(
            'SELECT id FROM stacked_frames WHERE id = :stack AND :path IN (' . self::files() . ')
              UNION SELECT id FROM replaced_objects WHERE stack_id = :same AND path = :replaced
              UNION SELECT id FROM series WHERE stack_id = :whole AND path = :series',
            ['stack' => $stackId, 'path' => $path, 'same' => $stackId, 'replaced' => $path, 'whole' => $stackId, 'series' => $path],
        ) !== null;
    }

    /**
     * When the run was claimed that wrote under this name.
     *
     * @return string|null stored form; null for a run that is not in the audit trail
     */
    public function claimedAt(ArchivedName $name): ?string
    {
        return $this->database->value(
            'SELECT at FROM job_events WHERE job_id = ? AND event IN (?, ?) AND detail = ? ORDER BY id DESC LIMIT 1',
            [$name->jobId, JobEvents::CLAIMED, JobEvents::CHECK_CLAIMED, (string) $name->attemptTag],
        );
    }

    /** Whether a worker was ever given the job by this database; if not, another copy of it has made the job's stack. */
    public function isClaimed(int $jobId): bool
    {
        return $this->database->value(
            'SELECT id FROM job_events WHERE job_id = ? AND event IN (?, ?) LIMIT 1',
            [$jobId, JobEvents::CLAIMED, JobEvents::CHECK_CLAIMED],
        ) !== null;
    }

    /**
     * Whether a moment lies after the last restored backup. Before it, jobs may have gone on that this database does not
     * know the end of; times have whole seconds, so the second of the restoration counts as before it.
     */
    public function isSinceRestored(string $moment): bool
    {
        return $this->ids->former() === [] || $moment > $this->ids->current()->createdAt;
    }

    /**
     * Whether the header of the stack to which a file belongs names this archive. A companion whose stack is gone is
     * nobody's, unless the stack is in trash, where only our own go.
     */
    public function isOurs(string $path): bool
    {
        return $this->archiveOf($path) === $this->ids->current()->id
            || $this->database->value('SELECT id FROM trashed_objects WHERE path = ?', [ResultPath::stackOf($path)]) !== null;
    }

    /** Whether the header of the stack to which a file belongs names an archive, this one or another. */
    public function namesArchive(string $path): bool
    {
        return $this->archiveOf($path) !== null;
    }

    private function archiveOf(string $path): ?string
    {
        $stack = ResultPath::stackOf($path);
        $size = $this->storage->size($stack);
        if ($size === null) {
            return null;
        }
        try {
            return StackHeader::ofStored($this->storage, $stack, $size)->archiveId();
        } catch (ObjectMissing) {
            return null;
        }
    }
}
