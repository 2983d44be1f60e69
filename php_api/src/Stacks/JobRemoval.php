<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Accounts\User;
use CrowdSky\App;
use CrowdSky\Database\Database;
use CrowdSky\Http\HttpError;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobAdmin;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Jobs\RawFrames;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\RawStore;
use CrowdSky\Storage\StoragePath;

/**
 * Removes a job with all it has: raws, archived stack and thumbnail, rows.
 *
 * Files go first and rows last: when the storage does not answer, the job is still there and can
 * be removed again later. The audit trail stays.
 */
final class JobRemoval
{
    /** @param string $storageBase such as /crowdsky */
    private function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobAdmin $admin,
        private readonly JobEvents $events,
        private readonly RawFrames $frames,
        private readonly ObjectStorage $storage,
        private readonly RawStore $raws,
        private readonly string $storageBase,
    ) {
    }

    public static function of(App $app): self
    {
        $jobs = $app->jobs();

        return new self(
            $app->database(),
            $jobs->store(),
            $jobs->admin(),
            $jobs->events(),
            $jobs->raws(),
            $app->storage(),
            $app->raws(),
            $app->config()->storageBase,
        );
    }

    /**
     * @throws HttpError 404 when the job does not exist or is not the user's, 409 when it is being
     *                   queued again at this moment, 503 when its files cannot be removed now
     */
    public function remove(int $jobId, User $user): void
    {
        $job = $this->jobs->get($jobId);
        if ($job->userId !== $user->id && !$user->isAdmin()) {
            throw HttpError::notFound("There is no job $jobId");
        }
        $actor = $user->actor();
        if (!$job->status->isFinished()) {
            // The worker finds the job gone at its next heartbeat and stops.
            $this->admin->cancel($jobId, $actor);
        }
        foreach ($this->archivedPaths($job) as $path) {
            $this->storage->delete($path);
        }
        $this->removeRaws($jobId);
        $this->removeRows($job, $actor);
    }

    /**
     * What the job's row of the archive names, and what its last run may have uploaded before it ended.
     *
     * @return list<string>
     */
    private function archivedPaths(Job $job): array
    {
        $stack = $this->database->one(
            'SELECT ucloud_path, thumbnail_path FROM stacked_frames WHERE job_id = ?',
            [$job->id]
        );
        if ($stack !== null) {
            return array_values(array_filter($stack));
        }
        if ($job->attemptTag() === '') {
            return [];
        }
        $path = StoragePath::ofJob($this->storageBase, $job->userId, $job->objectName, $job->chunkKey, $job->id);

        return [...$path->stacks($job->attemptTag()), ...$path->thumbnails($job->attemptTag())];
    }

    /** Rows are marked before files go, so that cleanup can finish what a crash interrupts here. */
    private function removeRaws(int $jobId): void
    {
        $this->frames->markDeletedOfJob($jobId);
        $names = $this->database->all(
            'SELECT storage_name FROM raw_files WHERE job_id = ? AND storage_name IS NOT NULL',
            [$jobId]
        );
        foreach ($names as $row) {
            $this->raws->delete($row['storage_name']);
        }
    }

    private function removeRows(Job $job, string $actor): void
    {
        $this->database->transaction(function () use ($job, $actor): void {
            $status = $this->jobs->get($job->id)->status;
            if (!$status->isFinished()) {
                throw HttpError::conflict("Job {$job->id} has just been queued again; look at it before you delete it");
            }
            $this->database->execute('DELETE FROM stacked_frames WHERE job_id = ?', [$job->id]);
            $this->database->execute('DELETE FROM raw_files WHERE job_id = ?', [$job->id]);
            $this->database->execute('DELETE FROM stacking_jobs WHERE id = ?', [$job->id]);
            $this->events->record($job->id, $actor, 'deleted', "was {$job->status->value}");
        });
    }
}
