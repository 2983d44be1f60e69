<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Results\ResultKind;
use CrowdSky\Results\ResultPath;

/**
 * Results that runs of a job stored without completing it, such as runs that lost their lease after the upload.
 */
final class Leftovers
{
    public function __construct(
        private readonly Database $database,
        private readonly StorageGate $gate,
        private readonly string $storageBase,
    ) {
    }

    /**
     * Gets rid of what the runs of a job left behind, as far as the gate allows it; what is in the archive stays.
     *
     * @param \Closure(): Grounds $grounds asked only if there is something
     * @throws CustodyInDoubt when nothing may be deleted or moved now
     * @throws \CrowdSky\Storage\StorageUnavailable when something may still be there
     */
    public function remove(Job $job, \Closure $grounds): void
    {
        foreach ($this->paths($job) as $path) {
            $this->gate->discard($path, $grounds, "left by a run of job {$job->id} ({$job->status->value})");
        }
    }

    /** @return list<string> names that runs of the job may have used; a stack comes after its companions, which it identifies */
    private function paths(Job $job): array
    {
        $names = ResultPath::ofJob($this->storageBase, $job->userId, $job->objectName, $job->chunkKey, $job->id);
        $claims = $this->database->all(
            'SELECT detail FROM job_events WHERE job_id = ? AND event IN (?, ?)',
            [$job->id, JobEvents::CLAIMED, JobEvents::CHECK_CLAIMED],
        );
        $used = [];
        foreach ($claims as $claim) {
            foreach (array_reverse(ResultKind::cases()) as $kind) {
                array_push($used, ...$names->names($kind, $claim['detail']));
            }
        }
        return array_values(array_unique($used));
    }
}
