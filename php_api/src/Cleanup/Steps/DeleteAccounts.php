<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Stacks\AccountDeletion;

/** Goes on with accounts whose owners want them deleted. Nothing there is deleted by its age, so that no clock matters. */
final class DeleteAccounts implements CleanupStep
{
    public function __construct(private readonly AccountDeletion $deletion)
    {
    }

    public function run(CleanupReport $report): void
    {
        foreach ($this->deletion->due() as $userId) {
            $report->deletedAccounts += $report->dryRun || $this->deletion->proceed($userId) ? 1 : 0;
        }
    }
}
