<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Database\DatabaseBusy;
use CrowdSky\Fits\HeaderClock;
use CrowdSky\Fits\Precession;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Storage\SpooledFile;

/** Writes the job of an uploaded stack, and the row of its file, which is kept as a raw frame is. */
final class StackJobs
{
    public function __construct(
        private readonly Database $database,
        private readonly JobEvents $events,
        private readonly Clock $clock,
        private readonly int $maxAttempts,
    ) {
    }

    /** Of two uploads of the same stack, the second waits here until the first is recorded. */
    public function lockOwner(User $user): void
    {
        $this->database->execute('UPDATE users SET session_epoch = session_epoch WHERE id = ?', [$user->id]);
    }

    /** The latest job of a file; null when the owner has never uploaded it, or has deleted the job. */
    public function ofFile(int $ownerId, string $sha256): ?EarlierStack
    {
        $row = $this->database->one(
            'SELECT j.id, j.status, j.chunk_key_hp, s.id AS stack, s.damaged_at,
                    CASE WHEN f.deleted_at IS NULL THEN 1 ELSE 0 END AS is_stored
               FROM raw_files f JOIN stacking_jobs j ON j.id = f.job_id LEFT JOIN stacked_frames s ON s.job_id = j.id
              WHERE f.user_id = ? AND f.sha256 = ? AND j.kind = ? ORDER BY f.id DESC LIMIT 1',
            [$ownerId, $sha256, JobKind::Uploaded->value]
        );

        return $row === null ? null : EarlierStack::fromRow($row);
    }

    public function hidePosition(int $jobId): void
    {
        $this->database->execute('UPDATE raw_files SET hides_position = 1 WHERE job_id = ?', [$jobId]);
    }

    /** @return int id of the new job */
    public function create(User $user, UploadSession $session, DisplayName $name, SpooledFile $file, UploadedStack $stack): int
    {
        $header = $stack->header;
        $sky = $header->position === null ? null : Precession::toJ2000($header->position, $header->equinox);
        $now = $this->now();
        $jobId = $this->database->insert('stacking_jobs', [
            'kind' => JobKind::Uploaded->value,
            'user_id' => $user->id,
            'upload_session_id' => $session->id,
            'status' => JobStatus::Pending->value,
            'chunk_key' => $stack->key->label,
            'chunk_key_hp' => $stack->key->healpixLabel,
            'time_block' => $stack->key->timeBlock,
            'group_key' => JobKind::UPLOADED_GROUP . $file->sha256,
            'object_name' => $stack->object,
            'frame_count' => 1,
            'total_bytes' => $file->size,
            'ra_deg' => $sky?->ra,
            'dec_deg' => $sky?->dec,
            'telescope' => $header->telescope,
            'filter_name' => $stack->filter,
            'fits_exptime' => $stack->totalExposure / $stack->framesAligned,
            'eq_mode' => $header->eqMode,
            'header_clock' => $header->clock === HeaderClock::Utc ? null : $header->clock->value,
            'options' => json_encode([
                'frames_input' => $stack->framesInput,
                'frames_aligned' => $stack->framesAligned,
                'total_exptime' => $stack->totalExposure,
            ], JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION),
            'max_attempts' => $this->maxAttempts,
            'created_at' => $now,
            'updated_at' => $now,
        ]);
        $this->events->record($jobId, $user->actor(), 'created', "uploaded stack {$name->text}");

        return $jobId;
    }

    /** Records the stored file of a job. */
    public function keepFile(
        int $jobId,
        User $user,
        UploadSession $session,
        DisplayName $name,
        SpooledFile $file,
        string $storageName,
        UploadedStack $stack,
        StackWish $wish,
    ): void {
        $header = $stack->header;
        $this->database->insert('raw_files', [
            'upload_session_id' => $session->id,
            'user_id' => $user->id,
            'job_id' => $jobId,
            'filename' => $name->text,
            'storage_name' => $storageName,
            'file_size_bytes' => $file->size,
            'sha256' => $file->sha256,
            'created_at' => $this->now(),
            'chunk_key' => $stack->key->label,
            'chunk_key_hp' => $stack->key->healpixLabel,
            'time_block' => $stack->key->timeBlock,
            'fits_date_obs' => $header->dateObs?->sql(),
            'fits_exptime' => $stack->totalExposure,
            'fits_ra' => $header->position?->ra,
            'fits_dec' => $header->position?->dec,
            'fits_equinox' => $header->equinox,
            'fits_object' => $stack->object,
            'telescope' => $header->telescope,
            'instrument' => $header->instrument,
            'filter_name' => $stack->filter,
            'naxis1' => $header->picture->width,
            'naxis2' => $header->picture->height,
            'bitpix' => $header->picture->bitpix,
            'eq_mode' => $header->eqMode,
            'gain' => $header->gain,
            'header_clock' => $header->clock->value,
            'is_wide' => $header->isWide,
            'hides_position' => $wish->hidesPosition,
            'is_stack' => true,
        ]);
    }

    /** Whether a file may have a row; also when that cannot be found out: one without a row only takes up space. */
    public function mayBeRecorded(string $storageName): bool
    {
        try {
            return $this->database->value('SELECT id FROM raw_files WHERE storage_name = ?', [$storageName]) !== null;
        } catch (\PDOException | DatabaseBusy) {
            return true;
        }
    }

    private function now(): string
    {
        return Utc::stored($this->clock->now());
    }
}
