<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Base\Logger;
use CrowdSky\Changes\StackChanges;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Series\SeriesStars;
use CrowdSky\Stars\StarIntake;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Writes the stars of stacks and series that have none in the archive yet: those that were adopted or accepted by age, those
 * whose completion could not do it, and those that were archived before there was a list of stars. Compares stacks that were
 * archived before light counted once.
 */
final class ReadStars implements CleanupStep
{
    /** Number of stacks in one run, and seconds after which none is begun; the next run, or stars.php, takes the rest. */
    private const LIMIT = 200;
    private const SECONDS = 60;
    /** Number of stacks in one run that are compared with others after an update: do they show the same light? */
    private const COMPARED = 1000;

    public function __construct(
        private readonly StarIntake $intake,
        private readonly SeriesStars $series,
        private readonly StackChanges $changes,
        private readonly Logger $log,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        if ($report->dryRun) {
            return;
        }
        $this->changes->noteOld(self::COMPARED);
        $end = hrtime(true) + self::SECONDS * 1_000_000_000;
        try {
            $report->starStacks = $this->intake->catchUp(self::LIMIT, static fn (): bool => hrtime(true) < $end)->stacks();
            $report->starStacks += $this->series->catchUp();
        } catch (StorageUnavailable $error) {
            $this->log->warning("cleanup: could not read the stars of a stack or series: {$error->getMessage()}");
        }
    }
}
