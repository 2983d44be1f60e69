<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Base\Logger;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Results\StackDamage;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Looks again for stacks that were missing or changed: a share that was not mounted, or a file that was put back, makes
 * them intact.
 */
final class ReadDamagedAgain implements CleanupStep
{
    /** Number of stacks in one run; `cleanup --verify` reads all of them. */
    private const BATCH = 100;

    public function __construct(
        private readonly Database $database,
        private readonly StackVerifier $verifier,
        private readonly StackDamage $damage,
        private readonly Logger $log,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        foreach ($report->dryRun ? [] : $this->damaged() as $stack) {
            try {
                if ($this->verifier->holds($stack['ucloud_path'], $stack['sha256'])) {
                    $this->damage->clear((int) $stack['job_id'], $stack['ucloud_path']);
                } elseif ($stack['runs_again']) {
                    $report->unverifiedStacks++;
                }
            } catch (StorageUnavailable $error) {
                $this->log->warning("cleanup: {$stack['ucloud_path']} could not be read: {$error->getPrevious()?->getMessage()}");
                return;
            }
        }
    }

    /** @return list<array<string, mixed>> found latest first, which is where a mistake is likeliest */
    private function damaged(): array
    {
        return $this->database->all(
            'SELECT s.job_id, s.ucloud_path, s.sha256, CASE WHEN j.status = ? THEN 0 ELSE 1 END AS runs_again
               FROM stacked_frames s JOIN stacking_jobs j ON j.id = s.job_id
              WHERE s.damaged_at IS NOT NULL ORDER BY s.damaged_at DESC, s.id DESC LIMIT ' . self::BATCH,
            [JobStatus::Completed->value],
        );
    }
}
