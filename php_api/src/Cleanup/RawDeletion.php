<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Custody\Grounds;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Raws\RawFrames;
use CrowdSky\Series\FramesInUse;
use CrowdSky\Trust\HeldResults;

/**
 * Deletes the frames of a job that a step has found to be due, with what its runs have left in storage.
 *
 * Frames are only marked here; the step UnlinkDeletedRaws removes their files.
 */
final class RawDeletion
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobEvents $events,
        private readonly RawFrames $raws,
        private readonly HeldResults $held,
        private readonly StorageDeletion $storage,
        private readonly FramesInUse $inUse,
    ) {
    }

    /**
     * @param list<JobStatus> $allowed states in which the frames may go; looked at again inside the transaction, where
     *                                 a requeue cannot come in between
     * @param Grounds $grounds what may happen to files that the job's runs have stored
     * @return int frames deleted, or to be deleted in a dry run; none while a series is to be made of them, or one that was made
     *             of them does not read back
     */
    public function deleteOfJob(int $jobId, array $allowed, Grounds $grounds, bool $dryRun): int
    {
        if (!$this->inUse->areProven($jobId)) {
            return 0;
        }
        if ($dryRun) {
            return (int) $this->database->value('SELECT COUNT(*) FROM raw_files WHERE job_id = ? AND deleted_at IS NULL', [$jobId]);
        }
        $count = $this->database->transaction(fn (): int => $this->mark($jobId, $allowed));
        $job = $count > 0 ? $this->jobs->find($jobId) : null;
        if ($job !== null) {
            // Safe from here on: without raw frames the job can never run again.
            $this->storage->deleteLeftovers($job, static fn (): Grounds => $grounds);
        }
        return $count;
    }

    /** @param list<JobStatus> $allowed */
    private function mark(int $jobId, array $allowed): int
    {
        $job = $this->jobs->find($jobId);
        // Orders of series write this row too, so that none can come in from here on.
        $isFree = $job !== null && in_array($job->status, $allowed, true) && $this->jobs->update($job, [])
            && !$this->isBeingChecked($jobId) && !$this->inUse->areAwaited($jobId);
        if (!$isFree) {
            return 0;
        }
        $count = $this->raws->markDeletedOfJob($jobId);
        $this->held->drop($jobId);
        $this->events->record($jobId, 'system', 'raws deleted', "$count raw frames");
        return $count;
    }

    /** Whether a volunteer is working on a check of the job, which needs the frames. */
    private function isBeingChecked(int $jobId): bool
    {
        $running = JobStatus::Processing->value;
        return $this->database->value('SELECT id FROM stacking_jobs WHERE checks_job_id = ? AND status = ?', [$jobId, $running]) !== null;
    }
}
