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
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Timekeeping\DueKind;
use CrowdSky\Timekeeping\DueMarks;

/**
 * Deletes checks together with the files that their workers have stored. As long as the frames are there, the rows of
 * checks record which volunteers were given them already.
 */
final class DeleteEndedChecks implements CleanupStep
{
    /** Seconds after the end of a check: reports may be repeated, and a run that lost its lease may still be uploading. */
    private const AGE_SECONDS = 86400;

    public function __construct(
        private readonly Database $database,
        private readonly ArchiveProof $proof,
        private readonly StorageDeletion $deletion,
        private readonly DueMarks $marks,
        private readonly Clock $clock,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        $due = [];
        foreach ($this->due() as $check) {
            $due[$check->id] = $check;
        }
        $confirmed = array_flip($this->marks->confirmed($report->run, DueKind::EndedCheck, array_keys($due)));
        foreach ($report->dryRun ? [] : array_intersect_key($due, $confirmed) as $check) {
            if ($this->deletion->deleteLeftovers($check, fn (): Grounds => $this->proof->groundsFor($check, false))) {
                $this->database->execute('DELETE FROM stacking_jobs WHERE id = ?', [$check->id]);
            }
        }
    }

    /** @return list<Job> */
    private function due(): array
    {
        return array_map(Job::fromRow(...), $this->database->all(
            'SELECT * FROM stacking_jobs c WHERE checks_job_id IS NOT NULL AND status = ? AND completed_at < ?
                AND NOT EXISTS (SELECT 1 FROM raw_files r WHERE r.job_id = c.checks_job_id AND r.deleted_at IS NULL) ORDER BY id',
            [JobStatus::Failed->value, Utc::storedBefore($this->clock->now(), self::AGE_SECONDS)],
        ));
    }
}
