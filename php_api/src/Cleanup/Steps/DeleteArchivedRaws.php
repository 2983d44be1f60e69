<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Cleanup\ArchiveProof;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Cleanup\RawDeletion;
use CrowdSky\Custody\Grounds;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Timekeeping\DueKind;
use CrowdSky\Timekeeping\DueMarks;

/**
 * Deletes the frames of completed jobs after the grace period, if the stack reads back with the right hash.
 */
final class DeleteArchivedRaws implements CleanupStep
{
    public function __construct(
        private readonly Database $database,
        private readonly ArchiveProof $proof,
        private readonly RawDeletion $deletion,
        private readonly DueMarks $marks,
        private readonly Clock $clock,
        private readonly int $graceHours,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        $stacks = array_column($this->due(), null, 'job_id');
        foreach ($this->marks->confirmed($report->run, DueKind::ArchivedRaws, array_keys($stacks)) as $jobId) {
            $stack = $stacks[$jobId];
            if (!$this->proof->isGiven((int) $jobId, $stack['ucloud_path'], $stack['sha256'], 'raw frames', $report->dryRun)) {
                $report->unverifiedStacks++;
                continue;
            }
            $report->verifiedStacks++;
            $report->archivedRaws += $this->deletion->deleteOfJob((int) $jobId, [JobStatus::Completed], Grounds::StackProven, $report->dryRun);
        }
    }

    /**
     * The grace period that is set now counts, whatever it was when the job was completed.
     *
     * @return list<array<string, mixed>> stacks whose frames are due, that no volunteer is checking at the moment, and of whose
     *     frames no series is still to be made
     */
    private function due(): array
    {
        return $this->database->all(
            "SELECT DISTINCT s.job_id, s.ucloud_path, s.sha256 FROM raw_files r
               JOIN stacked_frames s ON s.job_id = r.job_id JOIN stacking_jobs j ON j.id = r.job_id
             WHERE r.deleted_at IS NULL AND r.delete_due_at IS NOT NULL AND j.completed_at <= ? AND j.status = ?
               AND NOT EXISTS (SELECT 1 FROM stacking_jobs c WHERE c.checks_job_id = j.id AND c.status = ?)
               AND NOT EXISTS (SELECT 1 FROM stacking_jobs w WHERE w.frames_job_id = j.id AND w.status IN (?, ?, ?)) ORDER BY s.job_id",
            [
                Utc::storedBefore($this->clock->now(), 3600 * $this->graceHours),
                JobStatus::Completed->value,
                JobStatus::Processing->value,
                JobStatus::Pending->value,
                JobStatus::Retry->value,
                JobStatus::Processing->value,
            ],
        );
    }
}
