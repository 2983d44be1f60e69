<?php

declare(strict_types=1);

namespace CrowdSky\Raws;

/**
 * A raw frame of a job, as workers see it.
 */
final class RawFrame
{
    public function __construct(
        public readonly int $id,
        public readonly int $jobId,
        /** safe as a local file name and unique within the job */
        public readonly string $filename,
        public readonly string $storageName,
        /** bytes */
        public readonly int $size,
        public readonly string $sha256,
        public readonly ?string $dateObs,
        public readonly ?float $exposureSeconds,
        public readonly ?float $raDeg,
        public readonly ?float $decDeg,
        /** null until it is first listed for a worker that gets it */
        public readonly ?CopyOfFrame $public,
        /** whether its owner shares where it was taken */
        public readonly bool $sharesPosition,
        /** whether its owner wants nobody to have it, not even trusted workers */
        public readonly bool $hidesPosition,
        /** whether it is no frame but an uploaded stack */
        public readonly bool $isStack,
        /** null for frames that were uploaded before clocks were read */
        public readonly ?FrameClock $clock,
    ) {
    }

    public function withPublic(CopyOfFrame $public): self
    {
        return $this->changed(['public' => $public]);
    }

    /** The frame under the name, and with the length and hash, of its public copy. */
    public function disguised(): self
    {
        return $this->changed([
            'filename' => self::publicName($this->id),
            'size' => $this->public->size ?? $this->size,
            'sha256' => $this->public->sha256 ?? $this->sha256,
        ]);
    }

    public static function publicName(int $id): string
    {
        return "frame_$id.fits";
    }

    /** @return array<string, mixed> the entry of job_files */
    public function toJson(): array
    {
        return [
            'id' => $this->id,
            'filename' => $this->filename,
            'ucloud_path' => null,
            'file_size_bytes' => $this->size,
            'sha256' => $this->sha256,
            'fits_date_obs' => $this->dateObs,
            'fits_exptime' => $this->exposureSeconds,
            'fits_ra' => $this->raDeg,
            'fits_dec' => $this->decDeg,
            'clock' => $this->clock?->toJson(),
        ];
    }

    /** @param array<string, mixed> $changes by the name of the property */
    private function changed(array $changes): self
    {
        return new self(...($changes + get_object_vars($this)));
    }
}
