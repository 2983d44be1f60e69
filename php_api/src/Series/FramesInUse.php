<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Base\Logger;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Storage\StorageUnavailable;

/** Whether raw frames are still needed for series: one that waits or runs, or one whose file does not read back. */
final class FramesInUse
{
    public function __construct(
        private readonly Database $database,
        private readonly SeriesStore $series,
        private readonly StackVerifier $verifier,
        private readonly Logger $log,
    ) {
    }

    /** Whether a series of the job's frames waits or is being made. */
    public function areAwaited(int $framesJobId): bool
    {
        return $this->database->value(
            'SELECT id FROM stacking_jobs WHERE frames_job_id = ? AND status IN (?, ?, ?)',
            [$framesJobId, JobStatus::Pending->value, JobStatus::Retry->value, JobStatus::Processing->value],
        ) !== null;
    }

    /** Whether every series that was made of the job's frames reads back; one that does not is logged. */
    public function areProven(int $framesJobId): bool
    {
        foreach ($this->series->madeOfFrames($framesJobId) as $series) {
            if (!$this->readsBack($series)) {
                return false;
            }
        }
        return true;
    }

    private function readsBack(Series $series): bool
    {
        try {
            $isThere = $this->verifier->holds((string) $series->path, (string) $series->sha256);
            $finding = 'is missing from storage or differs from what was archived; order it again';
        } catch (StorageUnavailable $error) {
            $isThere = false;
            $finding = "could not be read back ({$error->getPrevious()?->getMessage()})";
        }
        if (!$isThere) {
            $this->log->error("cleanup: the series {$series->path} of stack {$series->stackId} $finding; the raw frames are kept");
        }
        return $isThere;
    }
}
