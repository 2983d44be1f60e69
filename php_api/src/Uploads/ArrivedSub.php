<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Chunks\ChunkKey;
use CrowdSky\Fits\SubFrame;
use CrowdSky\Storage\SpooledFile;

/** A sub that was received and whose header was read, but that is not stored yet. */
final class ArrivedSub
{
    public function __construct(
        public readonly User $user,
        public readonly UploadSession $session,
        public readonly DisplayName $name,
        public readonly SpooledFile $file,
        public readonly SubFrame $frame,
        public readonly ChunkKey $chunkKey,
        /** as PixelMark makes it */
        public readonly ?string $pixelMark,
    ) {
    }

    /**
     * @param string $now stored form
     * @return array<string, mixed> row of raw_files
     */
    public function row(string $storageName, string $now): array
    {
        $frame = $this->frame;

        return [
            'upload_session_id' => $this->session->id,
            'user_id' => $this->user->id,
            'filename' => $this->name->text,
            'storage_name' => $storageName,
            'file_size_bytes' => $this->file->size,
            'sha256' => $this->file->sha256,
            'created_at' => $now,
            'chunk_key' => $this->chunkKey->label,
            'chunk_key_hp' => $this->chunkKey->healpixLabel,
            'time_block' => $this->chunkKey->timeBlock,
            'fits_date_obs' => $frame->dateObs->sql(),
            'fits_microsecond' => $frame->dateObs->microsecond,
            'pixel_mark' => $this->pixelMark,
            'fits_exptime' => $frame->exposure,
            'fits_ra' => $frame->position?->ra,
            'fits_dec' => $frame->position?->dec,
            'fits_equinox' => $frame->equinox,
            'fits_object' => $frame->object,
            'telescope' => $frame->telescope,
            'instrument' => $frame->instrument,
            'filter_name' => $frame->filter,
            'naxis1' => $frame->width,
            'naxis2' => $frame->height,
            'bitpix' => $frame->bitpix,
            'bayer_pattern' => $frame->bayerPattern,
            'eq_mode' => $frame->eqMode,
            'gain' => $frame->gain,
            'header_clock' => $frame->clock->value,
            'is_wide' => $frame->isWide,
        ];
    }
}
