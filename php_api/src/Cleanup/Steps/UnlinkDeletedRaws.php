<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Hosts\HostIdentity;
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
        private readonly HostIdentity $host,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        // In another folder the files are not there, and the rows would forget where they are.
        if (!$report->dryRun && $this->host->isOwnFolder()) {
            $report->removedFiles = $this->raws->purge();
            $report->removedFolders = $this->store->removeEmptyFolders();
        }
    }
}
