<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Database\Database;
use CrowdSky\Fits\StackHeader;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;

/**
 * Determines the figures of an archived stack in the same way as those of a new result.
 */
final class PublishedFigures
{
    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
    ) {
    }

    /**
     * @return ResultFigures|null null when the stack is no longer there
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function ofJob(int $jobId): ?ResultFigures
    {
        $stack = $this->database->one(
            'SELECT s.*, m.solved, m.ra_center_deg, m.dec_center_deg, m.scale_arcsec
               FROM stacked_frames s LEFT JOIN stack_solutions m ON m.stack_id = s.id WHERE s.job_id = ?',
            [$jobId],
        );
        if ($stack === null) {
            return null;
        }
        try {
            $header = StackHeader::ofStored($this->storage, $stack['ucloud_path'], (int) $stack['file_size_bytes']);
        } catch (ObjectMissing) {
            return null;
        }
        return new ResultFigures(
            (int) $stack['n_frames_aligned'],
            $stack['total_exptime'] === null ? null : (float) $stack['total_exptime'],
            $stack['solved'] ? [(float) $stack['ra_center_deg'], (float) $stack['dec_center_deg']] : null,
            $stack['solved'] ? (float) $stack['scale_arcsec'] : null,
            $header->sky(),
            $header->noise(),
            $stack['stars_path'] === null ? [] : StarPositions::ofStored($this->storage, $stack['stars_path']),
        );
    }
}
