<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Stars\StarRegister;

/** Removes stars from the list that were seen by deleted stacks only. */
final class ForgetStars implements CleanupStep
{
    /** Stars that are looked at in one run; the next run goes on from there. */
    private const LIMIT = 20_000;

    public function __construct(private readonly StarRegister $stars)
    {
    }

    public function run(CleanupReport $report): void
    {
        if (!$report->dryRun) {
            $report->forgottenStars = $this->stars->forgetUnseen(self::LIMIT);
        }
    }
}
