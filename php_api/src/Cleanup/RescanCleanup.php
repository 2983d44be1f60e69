<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Results\Leftovers;
use CrowdSky\Results\ReplacedObjects;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Deletes what rescans leave in storage: files they have replaced, and results of runs that were never completed.
 */
final class RescanCleanup
{
    private const CLEARED_EVENT = 'leftovers removed';
    /** Seconds after its end during which a run that lost its lease may still be uploading. */
    private const LEFTOVER_SECONDS = 86400;

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobEvents $events,
        private readonly ReplacedObjects $replaced,
        private readonly Leftovers $leftovers,
        private readonly ArchiveProof $proof,
        private readonly ObjectStorage $storage,
        private readonly Logger $log,
        private readonly Clock $clock,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        foreach ($this->replaced->due(Utc::stored($this->clock->now())) as $stackId => $paths) {
            $this->deleteReplaced($stackId, $paths, $report);
        }
        foreach ($report->dryRun ? [] : $this->unclearedJobs() as $row) {
            $this->clear($this->jobs->get((int) $row['id']));
        }
    }

    /**
     * Deletes replaced files, but only once the stack that replaced them has been read back with the right hash.
     *
     * @param array<int, string> $paths by id of their entry
     */
    private function deleteReplaced(int $stackId, array $paths, CleanupReport $report): void
    {
        $stack = $this->database->one('SELECT job_id, ucloud_path, sha256 FROM stacked_frames WHERE id = ?', [$stackId]);
        if ($stack === null) {
            // Its owner deleted it a moment ago, including these files.
            return;
        }
        if (!$this->proof->isGiven((int) $stack['job_id'], $stack['ucloud_path'], $stack['sha256'], 'replaced files', $report->dryRun)) {
            $report->unverifiedStacks++;
            return;
        }
        foreach ($paths as $id => $path) {
            $report->replacedFiles += (int) ($report->dryRun || $this->delete($id, $path));
        }
    }

    private function delete(int $id, string $path): bool
    {
        try {
            $this->storage->delete($path);
        } catch (StorageUnavailable $error) {
            $this->log->warning("cleanup: the replaced file $path may be left in storage: {$error->getPrevious()?->getMessage()}");
            return false;
        }
        $this->replaced->forget($id);
        return true;
    }

    /**
     * Rescans that ended at least a day ago and have had runs since the last time their leftovers were removed.
     *
     * @return list<array<string, mixed>>
     */
    private function unclearedJobs(): array
    {
        return $this->database->all(
            'SELECT j.id FROM stacking_jobs j JOIN job_events e ON e.job_id = j.id AND e.event IN (:claimed, :cleared)
              WHERE j.kind = :kind AND j.status IN (:completed, :failed, :cancelled) AND j.completed_at < :before
              GROUP BY j.id
             HAVING MAX(CASE WHEN e.event = :claimed_last THEN e.id END) > COALESCE(MAX(CASE WHEN e.event = :cleared_last THEN e.id END), 0)',
            [
                'claimed' => JobEvents::CLAIMED,
                'cleared' => self::CLEARED_EVENT,
                'kind' => JobKind::Rescan->value,
                'completed' => JobStatus::Completed->value,
                'failed' => JobStatus::Failed->value,
                'cancelled' => JobStatus::Cancelled->value,
                'before' => Utc::storedBefore($this->clock->now(), self::LEFTOVER_SECONDS),
                'claimed_last' => JobEvents::CLAIMED,
                'cleared_last' => self::CLEARED_EVENT,
            ],
        );
    }

    private function clear(Job $job): void
    {
        try {
            $this->leftovers->remove($job);
            $this->events->record($job->id, 'system', self::CLEARED_EVENT);
        } catch (StorageUnavailable $error) {
            $this->log->warning("cleanup, job {$job->id}: results of earlier runs may be left in storage: {$error->getPrevious()?->getMessage()}");
        }
    }
}
