<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Database\Database;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StoragePath;

/**
 * Results that runs of a job have stored without being completed: uploaded, then lost the lease.
 *
 * Every run writes under a name of its own, so nothing else ever has these names.
 */
final class Leftovers
{
    /** Event of a claim; its detail is the tag of the run. */
    public const CLAIM_EVENT = 'claimed';

    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
        private readonly string $storageBase,
    ) {
    }

    /**
     * Removes what the runs of a finished job have left, except what is in the archive.
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
    public function paths(Job $job): array
    {
        $names = StoragePath::ofJob($this->storageBase, $job->userId, $job->objectName, $job->chunkKey, $job->id);
        $claims = $this->database->all('SELECT detail FROM job_events WHERE job_id = ? AND event = ?', [$job->id, self::CLAIM_EVENT]);
        $used = [];
        foreach ($claims as $claim) {
            array_push($used, $names->attemptStack($claim['detail']), $names->attemptThumbnail($claim['detail']));
        }
        $kept = $this->database->one('SELECT ucloud_path, thumbnail_path FROM stacked_frames WHERE job_id = ?', [$job->id]);
        return array_values(array_diff(array_unique($used), array_filter($kept ?? [])));
    }
}
