<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Base\Logger;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Series\SeriesWishes;

/** Orders the series that owners want of every stack, before the subs of any of them go. */
final class OrderWantedSeries implements CleanupStep
{
    public function __construct(private readonly SeriesWishes $wishes, private readonly Logger $log)
    {
    }

    public function run(CleanupReport $report): void
    {
        $ordered = $report->dryRun ? 0 : $this->wishes->order();
        if ($ordered > 0) {
            $this->log->info("cleanup: $ordered series ordered for owners who want one of every stack");
        }
    }
}
