<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Queue\LeaseReaper;
use CrowdSky\Raws\RawFrames;
use CrowdSky\Results\Leftovers;
use CrowdSky\Storage\RawStore;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\StorageUnavailable;
use CrowdSky\Trust\HeldDecisions;
use CrowdSky\Trust\HeldResults;

/**
 * The only code that deletes raw frames. It can stop at any point and be run again.
 *
 * Frames go when their upload was abandoned; when their job is completed, the grace period is over and the stack was
 * just read back from storage with the right hash; or when their job has been failed or cancelled for a long time.
 * The frames of a job that may still run are never touched.
 */
final class Cleanup
{
    private const SPOOL_SECONDS = 86400;
    private const DAY = 86400;

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobEvents $events,
        private readonly LeaseReaper $reaper,
        private readonly RawFrames $raws,
        private readonly RawStore $rawStore,
        private readonly Spool $spool,
        private readonly ArchiveProof $proof,
        private readonly Leftovers $leftovers,
        private readonly RescanCleanup $rescans,
        private readonly CheckCleanup $checks,
        private readonly HeldResults $held,
        private readonly HeldDecisions $decisions,
        private readonly StackPositions $positions,
        private readonly Logger $log,
        private readonly Clock $clock,
        private readonly int $uploadExpiryHours,
        private readonly int $failedRawDays,
    ) {
    }

    public function run(bool $dryRun): CleanupReport
    {
        $report = new CleanupReport($dryRun);
        $this->expireLeases($report);
        $this->expireSessions($report);
        if (!$dryRun) {
            $this->decisions->acceptOverdue();
            $this->positions->lookUp();
        }
        $this->deleteArchived($report);
        $this->deleteAbandoned($report);
        $this->rescans->run($report);
        if (!$dryRun) {
            $this->checks->run();
            $report->removedFiles = $this->raws->purge();
            $report->removedFolders = $this->rawStore->removeEmptyFolders();
        }
        $report->sweptFiles = $this->spool->sweep(self::SPOOL_SECONDS, $dryRun);
        $this->log->info('cleanup: ' . rtrim($report->asText()));
        return $report;
    }

    /** Claims do this too; here it serves a queue that no worker polls. */
    private function expireLeases(CleanupReport $report): void
    {
        if (!$report->dryRun) {
            $report->expiredLeases = $this->database->transaction($this->reaper->reap(...));
        }
    }

    /** By last activity, so that a slow upload that is still running is left alone. */
    private function expireSessions(CleanupReport $report): void
    {
        $before = Utc::storedBefore($this->clock->now(), 3600 * $this->uploadExpiryHours);
        $sessions = $this->database->all("SELECT id FROM upload_sessions WHERE status = 'uploading' AND last_activity_at < ?", [$before]);
        foreach ($sessions as $session) {
            $report->expiredRaws += $report->dryRun
                ? $this->countRaws('upload_session_id = ? AND job_id IS NULL', (int) $session['id'])
                : $this->expireSession((int) $session['id'], $before);
        }
        $report->expiredSessions = count($sessions);
    }

    private function expireSession(int $sessionId, string $before): int
    {
        return $this->database->transaction(function () use ($sessionId, $before): int {
            $expired = $this->database->execute(
                "UPDATE upload_sessions SET status = 'expired' WHERE id = ? AND status = 'uploading' AND last_activity_at < ?",
                [$sessionId, $before],
            );
            return $expired === 1 ? $this->raws->markDeletedOfSession($sessionId) : 0;
        });
    }

    private function deleteArchived(CleanupReport $report): void
    {
        $due = $this->database->all(
            "SELECT DISTINCT s.job_id, s.ucloud_path, s.sha256 FROM raw_files r
               JOIN stacked_frames s ON s.job_id = r.job_id JOIN stacking_jobs j ON j.id = r.job_id
             WHERE r.deleted_at IS NULL AND r.delete_due_at <= ? AND j.status = ?
               AND NOT EXISTS (SELECT 1 FROM stacking_jobs c WHERE c.checks_job_id = j.id AND c.status = ?) ORDER BY s.job_id",
            [Utc::stored($this->clock->now()), JobStatus::Completed->value, JobStatus::Processing->value],
        );
        foreach ($due as $row) {
            if (!$this->proof->isGiven((int) $row['job_id'], $row['ucloud_path'], $row['sha256'], 'raw frames', $report->dryRun)) {
                $report->unverifiedStacks++;
                continue;
            }
            $report->verifiedStacks++;
            $report->archivedRaws += $this->deleteRaws((int) $row['job_id'], [JobStatus::Completed], $report->dryRun);
        }
    }

    private function deleteAbandoned(CleanupReport $report): void
    {
        $before = Utc::storedBefore($this->clock->now(), self::DAY * $this->failedRawDays);
        $jobs = $this->database->all(
            'SELECT DISTINCT j.id FROM stacking_jobs j JOIN raw_files r ON r.job_id = j.id AND r.deleted_at IS NULL
             WHERE j.status IN (?, ?) AND j.completed_at < ? ORDER BY j.id',
            [JobStatus::Failed->value, JobStatus::Cancelled->value, $before],
        );
        foreach ($jobs as $row) {
            $report->abandonedRaws += $this->deleteRaws((int) $row['id'], [JobStatus::Failed, JobStatus::Cancelled], $report->dryRun);
        }
    }

    /**
     * @param list<JobStatus> $allowed states in which the frames may go; checked again inside the transaction, where no
     *                                 requeue can intervene
     */
    private function deleteRaws(int $jobId, array $allowed, bool $dryRun): int
    {
        if ($dryRun) {
            return $this->countRaws('job_id = ?', $jobId);
        }
        $count = $this->database->transaction(fn (): int => $this->markDeleted($jobId, $allowed));
        if ($count > 0) {
            $this->removeLeftovers($jobId);
        }
        return $count;
    }

    /** @param list<JobStatus> $allowed */
    private function markDeleted(int $jobId, array $allowed): int
    {
        $job = $this->jobs->find($jobId);
        if ($job === null || !in_array($job->status, $allowed, true) || !$this->jobs->update($job, []) || $this->isChecked($jobId)) {
            return 0;
        }
        $count = $this->raws->markDeletedOfJob($jobId);
        $this->held->drop($jobId, Utc::stored($this->clock->now()));
        $this->events->record($jobId, 'system', 'raws deleted', "$count raw frames");
        return $count;
    }

    /** Whether a volunteer is working on these frames as a check. */
    private function isChecked(int $jobId): bool
    {
        $running = JobStatus::Processing->value;
        return $this->database->value('SELECT id FROM stacking_jobs WHERE checks_job_id = ? AND status = ?', [$jobId, $running]) !== null;
    }

    /** Safe from here on: without raw frames the job can never run again. */
    private function removeLeftovers(int $jobId): void
    {
        $job = $this->jobs->find($jobId);
        try {
            if ($job !== null) {
                $this->leftovers->remove($job);
            }
        } catch (StorageUnavailable $error) {
            $this->log->warning("cleanup, job $jobId: results of earlier runs may be left in storage: {$error->getPrevious()?->getMessage()}");
        }
    }

    private function countRaws(string $condition, int $id): int
    {
        return (int) $this->database->value("SELECT COUNT(*) FROM raw_files WHERE $condition AND deleted_at IS NULL", [$id]);
    }
}
