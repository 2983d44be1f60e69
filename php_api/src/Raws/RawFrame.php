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
        /** of the copy without position, null until it is first listed */
        public readonly ?string $publicSha256,
        /** whether its owner shares where it was taken */
        public readonly bool $sharesPosition,
    ) {
    }

    /**
     * @param string $sha256 of the copy that will be sent
     * @return array<string, mixed> the entry of job_files
     */
    public function toJson(string $sha256): array
    {
        return [
            'id' => $this->id,
            'filename' => $this->filename,
            'ucloud_path' => null,
            'file_size_bytes' => $this->size,
            'sha256' => $sha256,
            'fits_date_obs' => $this->dateObs,
            'fits_exptime' => $this->exposureSeconds,
            'fits_ra' => $this->raDeg,
            'fits_dec' => $this->decDeg,
        ];
    }
}
