<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Statistics\StorageLevels;

/** Measures how full the site is, for the forecast on the page of operators. */
final class NoteStorageLevel implements CleanupStep
{
    public function __construct(private readonly StorageLevels $levels)
    {
    }

    public function run(CleanupReport $report): void
    {
        if (!$report->dryRun) {
            $this->levels->note();
        }
    }
}
