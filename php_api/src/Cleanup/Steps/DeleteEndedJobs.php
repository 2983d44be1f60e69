<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Timekeeping\DueKind;
use CrowdSky\Timekeeping\DueMarks;

/**
 * Deletes the rows of jobs without a stack that ended long ago: such a job comes back whenever its field, region or
 * partition changes, and its order names each of a thousand epochs.
 *
 * What plans the next one looks at the last one, which stays, as do the job of a series that is there and the one that a region
 * of the HiPS was built by: it says of which stacks. Who made a
 * version, and when, is in the audit trail, which outlives its jobs.
 */
final class DeleteEndedJobs implements CleanupStep
{
    /** Seconds after the end of a job: reports may be repeated, and an operator looks at failures. */
    private const AGE_SECONDS = 30 * 86400;
    /** Jobs of one run; the next run goes on. */
    private const LIMIT = 1000;

    public function __construct(
        private readonly Database $database,
        private readonly DueMarks $marks,
        private readonly Clock $clock,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        $confirmed = $this->marks->confirmed($report->run, DueKind::EndedJob, $this->due());
        foreach ($report->dryRun ? [] : $confirmed as $jobId) {
            // Somebody may have queued it again since.
            $report->endedJobs += $this->database->execute('DELETE FROM stacking_jobs WHERE id = ? AND status IN (?, ?, ?)', [$jobId, ...self::ended()]);
        }
    }

    /** @return list<int> */
    private function due(): array
    {
        $kinds = array_filter(JobKind::withoutStack(), static fn (JobKind $kind): bool => $kind !== JobKind::Series);
        $values = array_map(static fn (JobKind $kind): string => $kind->value, array_values($kinds));
        $marks = implode(', ', array_fill(0, count($values), '?'));
        return array_map(intval(...), $this->database->column(
            "SELECT j.id FROM stacking_jobs j WHERE j.status IN (?, ?, ?) AND j.updated_at < ? AND (
                j.kind IN ($marks) AND EXISTS (SELECT 1 FROM stacking_jobs n WHERE n.kind = j.kind AND n.chunk_key = j.chunk_key AND n.id > j.id)
                    AND NOT EXISTS (SELECT 1 FROM hips_cells c WHERE c.job_id = j.id)
                OR j.kind = ? AND NOT EXISTS (SELECT 1 FROM series r WHERE r.job_id = j.id)) ORDER BY j.id LIMIT " . self::LIMIT,
            [...self::ended(), Utc::storedBefore($this->clock->now(), self::AGE_SECONDS), ...$values, JobKind::Series->value],
        ));
    }

    /** @return list<string> */
    private static function ended(): array
    {
        return [JobStatus::Completed->value, JobStatus::Failed->value, JobStatus::Cancelled->value];
    }
}
