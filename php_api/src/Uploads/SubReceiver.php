<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Chunks\ChunkKey;
use CrowdSky\Database\Database;
use CrowdSky\Database\DatabaseBusy;
use CrowdSky\Fits\HeaderReader;
use CrowdSky\Fits\SubFrame;
use CrowdSky\Storage\RawStore;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\SpooledFile;

/** Receives one sub, checks its header, stores the file and records it. */
final class SubReceiver
{
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly UploadSessions $sessions,
        private readonly Quota $quota,
        private readonly Spool $spool,
        private readonly RawStore $raws,
        private readonly HeaderReader $reader,
        private readonly int $maxFileBytes,
        private readonly int $chunkMinutes,
    ) {
    }

    /**
     * @param string $sentName the file name as the client gave it
     * @param resource $source the bytes
     * @param int|null $announced number of bytes to come, if the client announced it
     * @return array<string, mixed> the answer for the client
     * @throws Refusal when this file cannot be taken, which does not affect others: it is no raw sub, too large or
     *                 without a size where one is needed, there is no room for it, or the session takes no more files
     */
    public function receive(User $user, string $token, string $sentName, mixed $source, ?int $announced): array
    {
        $session = $this->sessions->open($user, $token);
        $name = DisplayName::of($sentName);
        $reservation = $this->reserve($user, $announced);
        try {
            $file = $this->spool->receive($source, $this->maxFileBytes, $announced, 'The file');
            $answer = $this->take($user, $session, $name, $file, $reservation);
        } finally {
            $this->quota->release($reservation);
        }

        return $answer + $this->quota->room($user)->asJson();
    }

    private function reserve(User $user, ?int $announced): ?int
    {
        if ($announced === null && $this->quota->room($user)->quotaBytes !== null) {
            throw Refusal::sizeNeeded();
        }
        if ($announced > $this->maxFileBytes) {
            throw Refusal::tooLarge('The file', $this->maxFileBytes);
        }

        return $this->quota->reserve($user, $announced ?? 0);
    }

    /** @return array<string, mixed> */
    private function take(User $user, UploadSession $session, DisplayName $name, SpooledFile $file, ?int $reservation): array
    {
        try {
            $sub = $this->reader->read($file->path);
            $isNew = $this->keepUnlessKnown($user, $session, $name, $file, $sub, $reservation);
        } finally {
            $file->discard();
        }

        return $this->answer($name, $sub) + ($isNew ? [] : ['duplicate' => true]);
    }

    /** Stores the file and returns true, or false if the session already has exactly these bytes. */
    private function keepUnlessKnown(
        User $user,
        UploadSession $session,
        DisplayName $name,
        SpooledFile $file,
        SubFrame $sub,
        ?int $reservation,
    ): bool {
        $known = $this->knownName($session, $file);
        if ($known !== null) {
            $this->raws->keepIfMissing($file, $known);
            return false;
        }
        $storageName = $this->raws->newName($user->id, $session->id);
        $this->raws->keep($file, $storageName);
        $row = [
            'upload_session_id' => $session->id,
            'user_id' => $user->id,
            'filename' => $name->text,
            'storage_name' => $storageName,
            'file_size_bytes' => $file->size,
            'sha256' => $file->sha256,
            'created_at' => Utc::stored($this->clock->now()),
        ] + $this->columns($sub);
        try {
            $isNew = $this->writeDown($user, $session, $file, $row, $reservation);
        } catch (\Throwable $error) {
            $this->removeUnlessWritten($storageName);
            throw $error;
        }
        if (!$isNew) {
            $this->raws->delete($storageName);
        }

        return $isNew;
    }

    /** @param array<string, mixed> $row of raw_files */
    private function writeDown(User $user, UploadSession $session, SpooledFile $file, array $row, ?int $reservation): bool
    {
        return $this->database->transaction(function () use ($user, $session, $file, $row, $reservation): bool {
            $this->sessions->touch($session);
            if ($this->knownName($session, $file) !== null) {
                return false;
            }
            $this->quota->redeem($user, $reservation, $file->size);
            $this->database->insert('raw_files', $row);

            return true;
        });
    }

    /**
     * Cleans up after an error. The commit may have succeeded although its answer was lost, and the row must not lose
     * its file. If that cannot be found out, the file stays: one without a row only takes up space.
     */
    private function removeUnlessWritten(string $storageName): void
    {
        try {
            $isWritten = $this->database->value('SELECT id FROM raw_files WHERE storage_name = ?', [$storageName]) !== null;
        } catch (\PDOException | DatabaseBusy) {
            return;
        }
        if (!$isWritten) {
            $this->raws->delete($storageName);
        }
    }

    /** Name under which the session already has exactly these bytes, null if it has not. */
    private function knownName(UploadSession $session, SpooledFile $file): ?string
    {
        return $this->database->value(
            'SELECT storage_name FROM raw_files WHERE upload_session_id = ? AND sha256 = ? AND deleted_at IS NULL',
            [$session->id, $file->sha256]
        );
    }

    private function chunkKey(SubFrame $sub): ChunkKey
    {
        return ChunkKey::of($sub->dateObs->block($this->chunkMinutes), $sub->position);
    }

    /** @return array<string, mixed> what the header says, by column of raw_files */
    private function columns(SubFrame $sub): array
    {
        $key = $this->chunkKey($sub);

        return [
            'chunk_key' => $key->label,
            'chunk_key_hp' => $key->healpixLabel,
            'time_block' => $key->timeBlock,
            'fits_date_obs' => $sub->dateObs->sql(),
            'fits_exptime' => $sub->exposure,
            'fits_ra' => $sub->position?->ra,
            'fits_dec' => $sub->position?->dec,
            'fits_object' => $sub->object,
            'telescope' => $sub->telescope,
            'instrument' => $sub->instrument,
            'filter_name' => $sub->filter,
            'naxis1' => $sub->width,
            'naxis2' => $sub->height,
            'bitpix' => $sub->bitpix,
            'bayer_pattern' => $sub->bayerPattern,
            'eq_mode' => $sub->eqMode,
            'gain' => $sub->gain,
        ];
    }

    /** @return array<string, mixed> */
    private function answer(DisplayName $name, SubFrame $sub): array
    {
        return [
            'ok' => true,
            'filename' => $name->text,
            'date_obs' => $sub->dateObs->iso(),
            'object' => $sub->object,
            'chunk_key' => $this->chunkKey($sub)->label,
        ];
    }
}
