<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Storage\Spool;
use CrowdSky\Timekeeping\DueKind;
use CrowdSky\Timekeeping\DueMarks;

/**
 * Removes the remains of uploads that broke off while they were received.
 */
final class SweepSpool implements CleanupStep
{
    /** Seconds since the last byte arrived. */
    private const AGE_SECONDS = 86400;

    public function __construct(
        private readonly Spool $spool,
        private readonly DueMarks $marks,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        $due = $this->marks->confirmed($report->run, DueKind::SpoolFile, $this->spool->abandoned(self::AGE_SECONDS));
        $report->sweptFiles = count($due);
        if (!$report->dryRun) {
            $this->spool->remove($due);
        }
    }
}
