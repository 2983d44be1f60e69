<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Cleanup\RawDeletion;
use CrowdSky\Custody\Grounds;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Timekeeping\DueKind;
use CrowdSky\Timekeeping\DueMarks;

/**
 * Deletes the frames of jobs that have been failed or cancelled for a long time.
 */
final class DeleteAbandonedRaws implements CleanupStep
{
    private const DAY_SECONDS = 86400;

    public function __construct(
        private readonly Database $database,
        private readonly RawDeletion $deletion,
        private readonly DueMarks $marks,
        private readonly Clock $clock,
        private readonly int $failedRawDays,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        $abandoned = $this->database->all(
            'SELECT DISTINCT j.id FROM stacking_jobs j JOIN raw_files r ON r.job_id = j.id AND r.deleted_at IS NULL
             WHERE j.status IN (?, ?) AND j.completed_at < ? ORDER BY j.id',
            [
                JobStatus::Failed->value,
                JobStatus::Cancelled->value,
                Utc::storedBefore($this->clock->now(), self::DAY_SECONDS * $this->failedRawDays),
            ],
        );
        foreach ($this->marks->confirmed($report->run, DueKind::AbandonedRaws, array_column($abandoned, 'id')) as $jobId) {
            $report->abandonedRaws += $this->deletion->deleteOfJob(
                (int) $jobId,
                [JobStatus::Failed, JobStatus::Cancelled],
                Grounds::NotNeeded,
                $report->dryRun,
            );
        }
    }
}
