<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Raws\RawFrames;
use CrowdSky\Storage\RawStore;

/**
 * Removes the files of all frames that are marked as deleted, and the folders this empties.
 */
final class UnlinkDeletedRaws implements CleanupStep
{
    public function __construct(
        private readonly RawFrames $raws,
        private readonly RawStore $store,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        if (!$report->dryRun) {
            $report->removedFiles = $this->raws->purge();
            $report->removedFolders = $this->store->removeEmptyFolders();
        }
    }
}
