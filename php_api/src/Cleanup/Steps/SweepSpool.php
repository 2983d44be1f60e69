<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Storage\Spool;

/**
 * Removes the remains of uploads that broke off while they were received.
 */
final class SweepSpool implements CleanupStep
{
    /** Seconds since the last byte arrived. */
    private const AGE_SECONDS = 86400;

    public function __construct(private readonly Spool $spool)
    {
    }

    public function run(CleanupReport $report): void
    {
        $report->sweptFiles = $this->spool->sweep(self::AGE_SECONDS, $report->dryRun);
    }
}
