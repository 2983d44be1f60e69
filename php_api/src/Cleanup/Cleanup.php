<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Logger;
use CrowdSky\Timekeeping\CleanupRuns;

/**
 * Discards what the site no longer needs, step by step. It can stop anywhere and be run again.
 *
 * Nothing else deletes raw frames, except owners and admins who delete a job, and finalize, which drops duplicates.
 * Frames go when their upload was abandoned; when their job is completed, the grace period is over and the stack was
 * just read back from storage with the right hash; or when their job has been failed or cancelled for a long time.
 * The frames of a job that may still run are never touched. What is due by its age is marked by one run and deleted by a
 * later one, see Timekeeping. CleanupServices lists the steps in their order.
 */
final class Cleanup
{
    /** @param list<CleanupStep> $steps in the order in which they run */
    public function __construct(
        private readonly array $steps,
        private readonly CleanupRuns $runs,
        private readonly Logger $log,
    ) {
    }

    /** @param bool $isClockRight whether an operator has looked at the clock and confirms it */
    public function run(bool $dryRun, bool $isClockRight = false): CleanupReport
    {
        $report = new CleanupReport($this->runs->begin($dryRun, $isClockRight));
        foreach ($this->steps as $step) {
            $step->run($report);
        }
        $this->log->info('cleanup: ' . rtrim($report->asText()));
        return $report;
    }
}
