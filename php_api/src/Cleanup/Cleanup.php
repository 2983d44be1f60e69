<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Logger;

/**
 * Discards what the site no longer needs, step by step. It can stop anywhere and be run again.
 *
 * Nothing else deletes raw frames, except owners and admins who delete a job, and finalize, which drops duplicates.
 * Frames go when their upload was abandoned; when their job is completed, the grace period is over and the stack was
 * just read back from storage with the right hash; or when their job has been failed or cancelled for a long time.
 * The frames of a job that may still run are never touched. CleanupServices lists the steps in their order.
 */
final class Cleanup
{
    /** @param list<CleanupStep> $steps in the order in which they run */
    public function __construct(
        private readonly array $steps,
        private readonly Logger $log,
    ) {
    }

    public function run(bool $dryRun): CleanupReport
    {
        $report = new CleanupReport($dryRun);
        foreach ($this->steps as $step) {
            $step->run($report);
        }
        $this->log->info('cleanup: ' . rtrim($report->asText()));
        return $report;
    }
}
