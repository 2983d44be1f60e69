<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Cleanup\ArchiveProof;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Cleanup\StorageDeletion;
use CrowdSky\Custody\Grounds;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Timekeeping\DueKind;
use CrowdSky\Timekeeping\DueMarks;

/**
 * Deletes what runs of ended rescans have stored without completing the job.
 */
final class DeleteRescanLeftovers implements CleanupStep
{
    private const DELETED_EVENT = 'leftovers removed';
    /** Seconds after the end of a rescan: a run that lost its lease may still be uploading for a while. */
    private const AGE_SECONDS = 86400;

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobEvents $events,
        private readonly ArchiveProof $proof,
        private readonly StorageDeletion $deletion,
        private readonly DueMarks $marks,
        private readonly Clock $clock,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        $due = $this->marks->confirmed($report->run, DueKind::RescanLeftovers, array_column($this->due(), 'id'));
        foreach ($report->dryRun ? [] : $due as $id) {
            $job = $this->jobs->get((int) $id);
            if ($this->deletion->deleteLeftovers($job, fn (): Grounds => $this->proof->groundsFor($job, false))) {
                $this->events->record($job->id, 'system', self::DELETED_EVENT);
            }
        }
    }

    /** @return list<array<string, mixed>> rescans that ended a day ago and had a run since their leftovers were last deleted */
    private function due(): array
    {
        return $this->database->all(
            'SELECT j.id FROM stacking_jobs j JOIN job_events e ON e.job_id = j.id AND e.event IN (:claimed, :deleted)
              WHERE j.kind = :kind AND j.status IN (:completed, :failed, :cancelled) AND j.completed_at < :before
              GROUP BY j.id
             HAVING MAX(CASE WHEN e.event = :claimed_last THEN e.id END) > COALESCE(MAX(CASE WHEN e.event = :deleted_last THEN e.id END), 0)',
            [
                'claimed' => JobEvents::CLAIMED,
                'deleted' => self::DELETED_EVENT,
                'kind' => JobKind::Rescan->value,
                'completed' => JobStatus::Completed->value,
                'failed' => JobStatus::Failed->value,
                'cancelled' => JobStatus::Cancelled->value,
                'before' => Utc::storedBefore($this->clock->now(), self::AGE_SECONDS),
                'claimed_last' => JobEvents::CLAIMED,
                'deleted_last' => self::DELETED_EVENT,
            ],
        );
    }
}
