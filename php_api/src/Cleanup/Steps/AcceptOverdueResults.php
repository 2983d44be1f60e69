<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Trust\HeldDecisions;
use CrowdSky\Trust\HeldResults;

/**
 * Publishes results that have waited for second_opinion_hours. One that cannot be accepted goes on waiting, and the
 * log says why. None is published while the clock is in doubt.
 */
final class AcceptOverdueResults implements CleanupStep
{
    /** @param int $secondOpinionHours 0 means never */
    public function __construct(
        private readonly HeldResults $held,
        private readonly HeldDecisions $decisions,
        private readonly Logger $log,
        private readonly Clock $clock,
        private readonly int $secondOpinionHours,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        if ($report->dryRun || $report->run->doubt !== null || $this->secondOpinionHours === 0) {
            return;
        }
        $before = Utc::storedBefore($this->clock->now(), 3600 * $this->secondOpinionHours);
        foreach ($this->held->aloneSince($before) as $heldId) {
            try {
                $this->decisions->accept($heldId, 'system');
            } catch (Refusal $error) {
                $this->log->warning("cleanup, held result $heldId: {$error->getMessage()}");
            }
        }
    }
}
