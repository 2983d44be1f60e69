<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Logger;
use CrowdSky\Custody\Grounds;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Reads a stack back from storage before anything is deleted that it could be made from again.
 */
final class ArchiveProof
{
    public function __construct(
        private readonly Database $database,
        private readonly StackVerifier $verifier,
        private readonly FoundDamage $damage,
        private readonly JobEvents $events,
        private readonly Logger $log,
    ) {
    }

    /**
     * Reads the stack back. One that cannot be read is not necessarily lost, but what it was made from stays. A failure
     * is logged and, except in a dry run, recorded on the job's page; a stack that is missing or changed is recorded as
     * damaged.
     *
     * @param string $kept what stays if the proof fails, such as `raw frames`
     */
    public function isGiven(int $jobId, string $path, string $sha256, string $kept, bool $dryRun): bool
    {
        try {
            if ($this->verifier->holds($path, $sha256)) {
                return true;
            }
            $finding = "the stack $path is missing from storage or differs from what was archived; the $kept are kept";
            $this->log->error("cleanup, job $jobId: $finding");
            if (!$dryRun) {
                $this->damage->record($jobId, $path, $finding);
            }
            return false;
        } catch (StorageUnavailable $error) {
            $finding = "the stack $path could not be read back ({$error->getPrevious()?->getMessage()}); the $kept are kept";
        }
        $this->log->error("cleanup, job $jobId: $finding");
        if (!$dryRun) {
            $this->events->recordOnce($jobId, 'system', 'stack not verified', $finding);
        }
        return false;
    }

    /**
     * Reads back the stack that the job has made, solves again or checks, and so learns what may happen to the files of
     * its other runs.
     */
    public function groundsFor(Job $job, bool $dryRun): Grounds
    {
        $stack = $this->database->one(
            'SELECT job_id, ucloud_path, sha256 FROM stacked_frames WHERE job_id = :job OR id = :stack OR job_id = :checked ORDER BY id LIMIT 1',
            ['job' => $job->id, 'stack' => $job->stackId ?? 0, 'checked' => $job->checksJobId ?? 0],
        );
        $isProven = $stack !== null && $this->isGiven((int) $stack['job_id'], $stack['ucloud_path'], $stack['sha256'], 'files of other runs', $dryRun);
        return $isProven ? Grounds::StackProven : Grounds::NotNeeded;
    }
}
