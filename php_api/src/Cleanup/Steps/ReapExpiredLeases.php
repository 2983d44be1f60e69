<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Database\Database;
use CrowdSky\Queue\LeaseReaper;

/**
 * Takes jobs back from workers that fell silent. Claims do this too; here it helps a queue that no worker asks for.
 */
final class ReapExpiredLeases implements CleanupStep
{
    public function __construct(
        private readonly Database $database,
        private readonly LeaseReaper $reaper,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        if (!$report->dryRun) {
            $report->expiredLeases = $this->database->transaction($this->reaper->reap(...));
        }
    }
}
