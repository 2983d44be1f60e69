<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Database\Database;
use CrowdSky\Fits\StackHeader;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Results\ResultKind;
use CrowdSky\Results\VerifiedResult;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Collects the figures by which results are compared, in the same way for new and for archived stacks.
 */
final class FigureReader
{
    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
    ) {
    }

    /** @throws StorageUnavailable when the star list cannot be read */
    public function ofNew(CompletionReport $report, VerifiedResult $result): ResultFigures
    {
        $solution = $report->measurement?->solution;
        $stars = $result->beside->of(ResultKind::Stars);
        return new ResultFigures(
            framesUsed: (int) $report->framesAligned,
            exposure: $report->totalExposure,
            centre: $solution === null ? null : [$solution->ra, $solution->dec],
            scale: $solution?->scale,
            sky: $result->header->sky(),
            noise: $result->header->noise(),
            stars: $stars === null ? [] : StarPositions::ofStored($this->storage, $stars),
        );
    }

    /**
     * @return ResultFigures|null null when the job has no stack, or storage no longer has its file
     * @throws StorageUnavailable when the stack's header or star list cannot be read
     */
    public function ofArchived(int $jobId): ?ResultFigures
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
            framesUsed: (int) $stack['n_frames_aligned'],
            exposure: $stack['total_exptime'] === null ? null : (float) $stack['total_exptime'],
            centre: $stack['solved'] ? [(float) $stack['ra_center_deg'], (float) $stack['dec_center_deg']] : null,
            scale: $stack['solved'] ? (float) $stack['scale_arcsec'] : null,
            sky: $header->sky(),
            noise: $header->noise(),
            stars: $stack['stars_path'] === null ? [] : StarPositions::ofStored($this->storage, $stack['stars_path']),
        );
    }
}
