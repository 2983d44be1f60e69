<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Base\Logger;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Custody\Custody;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Gives the site's mark in storage a new name, so that older copies of the database are recognised, or reports why the
 * stacks there may not be this site's to delete.
 */
final class RenewMark implements CleanupStep
{
    public function __construct(
        private readonly Custody $custody,
        private readonly Logger $log,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        if ($report->dryRun) {
            return;
        }
        try {
            $report->doubt = $this->custody->renew()?->sentence();
        } catch (StorageUnavailable $error) {
            $this->log->warning("cleanup: the mark in storage could not be renewed: {$error->getPrevious()?->getMessage()}");
        }
    }
}
