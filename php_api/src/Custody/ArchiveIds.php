<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;

/**
 * The ids of this archive in the database: the current one, and those from before a restored backup.
 */
final class ArchiveIds
{
    private const ID_BYTES = 8;
    /** Earlier marks that are remembered: those of several days with a cleanup every hour. */
    private const PAST_MARKS = 100;

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** The current id; the first call chooses it. */
    public function current(): ArchiveId
    {
        $row = $this->row();
        if ($row === null) {
            try {
                $this->add();
            } catch (DuplicateKey) {
                // Another process has just chosen it.
            }
            $row = $this->row() ?? throw new \LogicException('The archive has no id though one was just added');
        }
        $past = array_values(array_filter(explode(',', (string) $row['past_marks'])));
        return new ArchiveId($row['archive_id'], $row['created_at'], $row['last_mark'], $row['pending_mark'], $past);
    }

    /** @return list<string> ids that the archive had before it was restored, the latest first */
    public function former(): array
    {
        return array_column($this->database->all('SELECT archive_id FROM archive_ids WHERE is_current IS NULL ORDER BY created_at DESC'), 'archive_id');
    }

    /**
     * The id that telescopes without a unit are named by, see Fits\TelescopeId: files in storage bear those names, so
     * a restored backup must not change it.
     */
    public function oldest(): string
    {
        $this->current();
        return $this->database->value('SELECT archive_id FROM archive_ids ORDER BY created_at, archive_id LIMIT 1');
    }

    /** Retires the current id and chooses a new one. */
    public function replace(): ArchiveId
    {
        // A backup of an older version has none; what it knows is from before the restoration all the same.
        $this->current();
        $this->database->transaction(function (): void {
            $this->database->execute('UPDATE archive_ids SET is_current = NULL WHERE is_current = 1');
            $this->add();
        });
        return $this->current();
    }

    /**
     * Records that this archive continues another one, whose database is lost.
     *
     * Its ids come before those of a database that has no stack yet: the telescopes keep the names that are in its files.
     *
     * @param list<string> $ids that the other archive had, the latest first
     */
    public function inherit(array $ids): void
    {
        $known = array_column($this->database->all('SELECT archive_id FROM archive_ids'), 'archive_id');
        $hasStacks = $this->database->value('SELECT id FROM stacked_frames LIMIT 1') !== null;
        $isNew = !$hasStacks && array_intersect($ids, $known) === [];
        $oldest = new \DateTimeImmutable((string) $this->database->value('SELECT MIN(created_at) FROM archive_ids'), new \DateTimeZone('UTC'));
        $latest = new \DateTimeImmutable((string) $this->database->value('SELECT MAX(created_at) FROM archive_ids'), new \DateTimeZone('UTC'));
        $after = max($this->clock->now(), $latest->modify('+1 second'));  // dates are whole seconds, and order the ids
        foreach (array_values($ids) as $place => $id) {
            $seconds = $place + 1;
            try {
                $this->database->insert('archive_ids', [
                    'archive_id' => $id,
                    'created_at' => $isNew ? Utc::stored($oldest->modify("-$seconds seconds")) : Utc::stored($after),
                ]);
            } catch (DuplicateKey) {
                // It is this archive's own already.
                continue;
            }
        }
    }

    /**
     * Records which mark will be written next, unless one is about to be.
     *
     * @return ArchiveId with the mark that is pending, whoever has chosen it
     */
    public function beginMark(ArchiveId $id): ArchiveId
    {
        $this->database->execute(
            'UPDATE archive_ids SET pending_mark = ? WHERE archive_id = ? AND pending_mark IS NULL',
            [bin2hex(random_bytes(self::ID_BYTES)), $id->id],
        );
        return $this->current();
    }

    /** Records that the pending mark is the only one in storage. */
    public function endMark(ArchiveId $id): void
    {
        $this->database->execute(
            'UPDATE archive_ids SET past_marks = ?, last_mark = pending_mark, pending_mark = NULL WHERE archive_id = ? AND pending_mark = ?',
            [implode(',', array_slice(array_filter([$id->lastMark, ...$id->pastMarks]), 0, self::PAST_MARKS)), $id->id, $id->pendingMark],
        );
    }

    /** What the last check found; null when nothing was wrong, or nothing was checked yet. */
    public function lastDoubt(): ?Doubt
    {
        return Doubt::tryFrom((string) $this->database->value('SELECT doubt FROM archive_ids WHERE is_current = 1'));
    }

    /**
     * Records what a check found.
     *
     * @param int $silence seconds after a log entry during which the same finding is not logged again
     * @return bool whether it is to be logged now
     */
    public function note(ArchiveId $id, ?Doubt $doubt, int $silence): bool
    {
        if ($doubt === null) {
            $this->database->execute('UPDATE archive_ids SET doubt = NULL, doubt_logged_at = NULL WHERE archive_id = ? AND doubt IS NOT NULL', [$id->id]);
            return false;
        }
        return $this->database->execute(
            'UPDATE archive_ids SET doubt = :doubt, doubt_logged_at = :now
              WHERE archive_id = :id AND (doubt IS NULL OR doubt <> :same OR doubt_logged_at IS NULL OR doubt_logged_at <= :before OR doubt_logged_at > :later)',
            [
                'doubt' => $doubt->value,
                'now' => Utc::stored($this->clock->now()),
                'id' => $id->id,
                'same' => $doubt->value,
                'before' => Utc::storedBefore($this->clock->now(), $silence),
                'later' => Utc::stored($this->clock->now()),
            ],
        ) > 0;
    }

    /** @return array<string, mixed>|null */
    private function row(): ?array
    {
        return $this->database->one('SELECT * FROM archive_ids WHERE is_current = 1');
    }

    private function add(): void
    {
        $this->database->insert('archive_ids', [
            'archive_id' => bin2hex(random_bytes(self::ID_BYTES)),
            'is_current' => 1,
            'created_at' => $this->afterAll(),
        ]);
    }

    /** Now, or a second after the latest id if the clock does not agree: a restored host may have a wrong one. */
    private function afterAll(): string
    {
        $now = Utc::stored($this->clock->now());
        $latest = $this->database->value('SELECT MAX(created_at) FROM archive_ids');
        return $latest === null || $latest < $now
            ? $now
            : Utc::stored((new \DateTimeImmutable($latest, new \DateTimeZone('UTC')))->modify('+1 second'));
    }
}
