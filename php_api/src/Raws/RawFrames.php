<?php

declare(strict_types=1);

namespace CrowdSky\Raws;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Storage\RawStore;

/**
 * The raw frames of jobs: what workers get, and how they are deleted.
 *
 * They are deleted in two steps. First the rows are marked as deleted, in the transaction that decides this; then
 * purge() unlinks the files of marked rows. A crash in between leaves work for the next purge, never a row without its
 * file.
 */
final class RawFrames
{
    /** Whether the owner wants the position of a frame, or of another one of its job, in no stack. */
    private const IS_HIDDEN = '(r.hides_position = 1 OR EXISTS (SELECT 1 FROM raw_files h WHERE h.job_id = r.job_id AND h.hides_position = 1))';
    private const SELECT = 'SELECT r.*, ' . TelescopePositions::IS_SHARED . ' AS share_position, ' . self::IS_HIDDEN . " AS is_hidden, z.time_zone
          FROM raw_files r JOIN users u ON u.id = r.user_id
          LEFT JOIN telescope_zones z ON z.user_id = r.user_id AND z.telescope = COALESCE(r.telescope, '') " . TelescopePositions::JOIN;

    public function __construct(
        private readonly Database $database,
        private readonly RawStore $store,
        private readonly Clock $clock,
    ) {
    }

    /** @return list<RawFrame> in order of observation */
    public function ofJob(int $jobId): array
    {
        $rows = $this->database->all(self::SELECT . ' WHERE r.job_id = ? AND r.deleted_at IS NULL ORDER BY r.fits_date_obs, r.id', [$jobId]);
        $names = [];
        $frames = [];
        foreach ($rows as $row) {
            $name = PlainName::of($row['filename'], (int) $row['id']);
            if (isset($names[strtolower($name)])) {
                $name = "{$row['id']}_$name";
            }
            $names[strtolower($name)] = true;
            $frames[] = self::frame($row, $name);
        }
        return $frames;
    }

    /**
     * Lists every frame that the job ever had for its page, deleted ones included, but one that was uploaded again only
     * once, and none that was left out.
     *
     * @return list<array<string, mixed>>
     */
    public function listing(int $jobId): array
    {
        return $this->database->all(
            'SELECT id, filename, fits_date_obs, fits_exptime, file_size_bytes, deleted_at, header_clock FROM raw_files r
              WHERE job_id = ? AND left_out IS NULL AND (deleted_at IS NULL OR NOT EXISTS (
                    SELECT 1 FROM raw_files n WHERE n.user_id = r.user_id AND n.sha256 = r.sha256 AND n.job_id = r.job_id AND n.id > r.id))
              ORDER BY fits_date_obs, id',
            [$jobId],
        );
    }

    /**
     * Whether all frames of a job are still stored, so that it can run again.
     *
     * @param int $frameCount of the job
     */
    public function areAllThere(int $jobId, int $frameCount): bool
    {
        $left = (int) $this->database->value('SELECT COUNT(*) FROM raw_files WHERE job_id = ? AND deleted_at IS NULL', [$jobId]);
        return $left > 0 && $left >= $frameCount;
    }

    /**
     * Records which frames of a job are in no stack any more: those that were deleted and of which no copy is stored. They
     * may be uploaded again. Call it in the transaction that puts another stack in the place of a damaged one.
     */
    public function markLost(int $jobId): void
    {
        $rows = $this->database->all('SELECT id, sha256, deleted_at FROM raw_files WHERE job_id = ?', [$jobId]);
        $stored = array_column(array_filter($rows, static fn (array $row): bool => $row['deleted_at'] === null), 'id', 'sha256');
        foreach ($rows as $row) {
            if (!isset($stored[$row['sha256']])) {
                $this->database->execute('UPDATE raw_files SET lost_at = ? WHERE id = ? AND lost_at IS NULL', [$this->now(), $row['id']]);
            }
        }
    }

    /**
     * Width and height of the frames of a job, deleted ones included; null when that is not known.
     *
     * @return array{int, int}|null pixels
     */
    public function sizeOfJob(int $jobId): ?array
    {
        $row = $this->database->one('SELECT naxis1, naxis2 FROM raw_files WHERE job_id = ? AND naxis1 IS NOT NULL AND naxis2 IS NOT NULL LIMIT 1', [$jobId]);
        return $row === null ? null : [(int) $row['naxis1'], (int) $row['naxis2']];
    }

    /** Whether frames of a job have a Bayer pattern. */
    public function haveColours(int $jobId): bool
    {
        return $this->database->one('SELECT 1 FROM raw_files WHERE job_id = ? AND bayer_pattern IS NOT NULL LIMIT 1', [$jobId]) !== null;
    }

    /** @throws Refusal when there is no such frame, it belongs to no job, or it was deleted */
    public function get(int $fileId): RawFrame
    {
        $row = $this->database->one(self::SELECT . ' WHERE r.id = ? AND r.deleted_at IS NULL AND r.job_id IS NOT NULL', [$fileId]);
        if ($row === null) {
            throw Refusal::notFound("There is no raw frame $fileId");
        }
        return self::frame($row, PlainName::of($row['filename'], $fileId));
    }

    /**
     * Whether a stack may have where its frames were taken.
     *
     * @param int $jobId of the job that owns the frames
     */
    public function mayTellPosition(int $ownerId, int $jobId): bool
    {
        // All frames of a job are of one telescope; without any, the account decides.
        $row = $this->database->one(
            'SELECT MIN(' . TelescopePositions::IS_SHARED . ') AS is_shared, MAX(r.hides_position) AS is_hidden FROM users u
               LEFT JOIN raw_files r ON r.job_id = ? AND r.user_id = u.id ' . TelescopePositions::JOIN . ' WHERE u.id = ?',
            [$jobId, $ownerId],
        );
        return $row !== null && (int) $row['is_shared'] === 1 && (int) $row['is_hidden'] === 0;
    }

    /** Stores length and hash of the public copy. */
    public function keepPublicCopy(RawFrame $frame, CopyOfFrame $copy): void
    {
        $this->database->forgettable(fn () => $this->database->execute(
            'UPDATE raw_files SET public_sha256 = ?, public_bytes = ? WHERE id = ?',
            [$copy->sha256, $copy->size, $frame->id],
        ));
    }

    /** Sets when the frames of a completed job may be deleted. Call it in the transaction that completes the job. */
    public function markDue(int $jobId, string $dueAt): void
    {
        $this->database->execute('UPDATE raw_files SET delete_due_at = ? WHERE job_id = ? AND deleted_at IS NULL', [$dueAt, $jobId]);
    }

    /**
     * Marks the frames of a job as deleted; purge() then removes the files.
     *
     * @return int frames marked
     */
    public function markDeletedOfJob(int $jobId): int
    {
        return $this->database->execute('UPDATE raw_files SET deleted_at = ? WHERE job_id = ? AND deleted_at IS NULL', [$this->now(), $jobId]);
    }

    /**
     * Deletes the frames of a job and their files at once. The rows, which stay, are marked before any file goes, so
     * that purge() can finish what a crash interrupts here.
     */
    public function deleteOfJob(int $jobId): void
    {
        $this->markDeletedOfJob($jobId);
        $files = $this->database->all('SELECT storage_name FROM raw_files WHERE job_id = ? AND storage_name IS NOT NULL', [$jobId]);
        foreach ($files as $row) {
            $this->store->delete($row['storage_name']);
        }
    }

    /**
     * Marks the frames of an upload session that no job has taken.
     *
     * @return int frames marked
     */
    public function markDeletedOfSession(int $sessionId): int
    {
        return $this->database->execute(
            'UPDATE raw_files SET deleted_at = ? WHERE upload_session_id = ? AND job_id IS NULL AND deleted_at IS NULL',
            [$this->now(), $sessionId],
        );
    }

    /**
     * Unlinks the files of all frames marked as deleted. Must not be called inside a transaction.
     *
     * @return int files removed
     */
    public function purge(): int
    {
        $rows = $this->database->all('SELECT id, storage_name FROM raw_files WHERE deleted_at IS NOT NULL AND storage_name IS NOT NULL');
        $this->database->forgettable(function () use ($rows): void {
            foreach ($rows as $row) {
                $this->store->delete($row['storage_name']);
                $this->database->execute('UPDATE raw_files SET storage_name = NULL WHERE id = ?', [$row['id']]);
            }
        });
        return count($rows);
    }

    public function pathOf(RawFrame $frame): string
    {
        return $this->store->path($frame->storageName);
    }

    /** @param array<string, mixed> $row */
    private static function frame(array $row, string $name): RawFrame
    {
        $float = static fn (mixed $value): ?float => $value === null ? null : (float) $value;
        return new RawFrame(
            id: (int) $row['id'],
            jobId: (int) $row['job_id'],
            filename: $name,
            storageName: $row['storage_name'],
            size: (int) $row['file_size_bytes'],
            sha256: $row['sha256'],
            dateObs: $row['fits_date_obs'],
            exposureSeconds: $float($row['fits_exptime']),
            raDeg: $float($row['fits_ra']),
            decDeg: $float($row['fits_dec']),
            public: $row['public_bytes'] === null ? null : new CopyOfFrame((int) $row['public_bytes'], $row['public_sha256']),
            sharesPosition: (bool) $row['share_position'],
            hidesPosition: (bool) $row['is_hidden'],
            isStack: (bool) $row['is_stack'],
            clock: FrameClock::fromRow($row),
        );
    }

    private function now(): string
    {
        return Utc::stored($this->clock->now());
    }
}
