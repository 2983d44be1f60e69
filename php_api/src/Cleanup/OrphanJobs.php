<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Custody\Grounds;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Results\ArchivedName;

/**
 * What is known about the jobs whose files nothing refers to.
 */
final class OrphanJobs
{
    private int $jobId = 0;
    private Grounds $grounds = Grounds::NotNeeded;

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly ArchiveProof $proof,
    ) {
    }

    public function isRunning(ArchivedName $name): bool
    {
        return $this->database->value('SELECT status FROM stacking_jobs WHERE id = ?', [$name->jobId]) === JobStatus::Processing->value;
    }

    /** Whether the audit trail, which outlives deleted jobs, has the run; a final name gives only the job. */
    public function isKnown(ArchivedName $name): bool
    {
        $claims = 'SELECT id FROM job_events WHERE job_id = ? AND event IN (?, ?)';
        $known = [$name->jobId, JobEvents::CLAIMED, JobEvents::CHECK_CLAIMED];
        $claim = $name->attemptTag === null
            ? $this->database->value("$claims LIMIT 1", $known)
            : $this->database->value("$claims AND detail = ? LIMIT 1", [...$known, $name->attemptTag]);
        return $claim !== null;
    }

    /** Reads a job's stack back only once for all its files, which follow each other in a listing. */
    public function grounds(ArchivedName $name, bool $dryRun): Grounds
    {
        if (!$this->isKnown($name)) {
            return Grounds::OperatorInsists;
        }
        if ($this->jobId !== $name->jobId) {
            $this->grounds = $this->look($name->jobId, $dryRun);
            $this->jobId = $name->jobId;
        }
        return $this->grounds;
    }

    private function look(int $jobId, bool $dryRun): Grounds
    {
        $job = $this->jobs->find($jobId);
        if ($job !== null) {
            return $this->proof->groundsFor($job, $dryRun);
        }
        $isDeleted = $this->database->value('SELECT id FROM job_events WHERE job_id = ? AND event = ? LIMIT 1', [$jobId, JobEvents::DELETED]) !== null;
        return $isDeleted ? Grounds::JobDeleted : Grounds::NotNeeded;
    }
}
