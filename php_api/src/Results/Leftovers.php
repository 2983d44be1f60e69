<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Storage\ObjectStorage;

/**
 * Results that runs of a job stored without completing it, such as runs that lost their lease after the upload.
 *
 * Every run writes under a name of its own, so nothing else ever uses these names.
 */
final class Leftovers
{
    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
        private readonly ReplacedObjects $replaced,
        private readonly string $storageBase,
    ) {
    }

    /**
     * Removes what the runs of a finished job left behind, except what is in the archive.
     *
     * @throws \CrowdSky\Storage\StorageUnavailable when something may still be there
     */
    public function remove(Job $job): void
    {
        foreach ($this->paths($job) as $path) {
            $this->storage->delete($path);
        }
    }

    /** @return list<string> names that runs of the job may have used, without those in the archive */
    private function paths(Job $job): array
    {
        $names = ResultPath::ofJob($this->storageBase, $job->userId, $job->objectName, $job->chunkKey, $job->id);
        $claims = $this->database->all(
            'SELECT detail FROM job_events WHERE job_id = ? AND event IN (?, ?)',
            [$job->id, JobEvents::CLAIMED, JobEvents::CHECK_CLAIMED],
        );
        $used = [];
        foreach ($claims as $claim) {
            foreach (ResultKind::cases() as $kind) {
                array_push($used, ...$names->names($kind, $claim['detail']));
            }
        }
        return array_values(array_diff(array_unique($used), $this->archived($job)));
    }

    /** @return list<string> files of the stack that the job has made or solved again, those about to go included */
    private function archived(Job $job): array
    {
        $stacks = $this->database->all(
            'SELECT id, ucloud_path, thumbnail_path, overlay_path, stars_path FROM stacked_frames WHERE job_id = ? OR id = ?',
            [$job->id, $job->stackId ?? 0],
        );
        $paths = [];
        foreach ($stacks as $stack) {
            $id = array_shift($stack);
            array_push($paths, ...array_filter(array_values($stack)), ...$this->replaced->pathsOf((int) $id));
        }
        return $paths;
    }
}
