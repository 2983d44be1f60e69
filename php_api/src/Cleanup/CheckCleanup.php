<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Results\Leftovers;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Removes ended checks and the files their workers stored. As long as the frames exist, a check records who has already
 * been asked.
 */
final class CheckCleanup
{
    /**
     * Seconds after its end during which a report may be repeated, or a run that lost its lease may still be uploading.
     */
    private const ENDED_SECONDS = 86400;

    public function __construct(
        private readonly Database $database,
        private readonly Leftovers $leftovers,
        private readonly Logger $log,
        private readonly Clock $clock,
    ) {
    }

    public function run(): void
    {
        $ended = $this->database->all(
            'SELECT * FROM stacking_jobs c WHERE checks_job_id IS NOT NULL AND status = ? AND completed_at < ?
                AND NOT EXISTS (SELECT 1 FROM raw_files r WHERE r.job_id = c.checks_job_id AND r.deleted_at IS NULL) ORDER BY id',
            [JobStatus::Failed->value, Utc::storedBefore($this->clock->now(), self::ENDED_SECONDS)],
        );
        foreach (array_map(Job::fromRow(...), $ended) as $check) {
            try {
                $this->leftovers->remove($check);
            } catch (StorageUnavailable $error) {
                $this->log->warning("cleanup, job {$check->id}: its results may be left in storage: {$error->getPrevious()?->getMessage()}");
                continue;
            }
            $this->database->execute('DELETE FROM stacking_jobs WHERE id = ?', [$check->id]);
        }
    }
}
