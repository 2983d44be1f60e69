<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobAdmin;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Kernel\App;
use CrowdSky\Raws\RawFrames;
use CrowdSky\Raws\RawServices;
use CrowdSky\Results\Leftovers;
use CrowdSky\Results\ReplacedObjects;
use CrowdSky\Results\ResultServices;
use CrowdSky\Storage\ObjectStorage;

/**
 * Removes a job with everything that belongs to it: raws, the archived stack with its companions, its rescans and all
 * rows. A rescan is removed alone; the stack stays as the rescan left it.
 *
 * Files go first and rows last, so that the job is still there and can be removed later if the storage does not answer.
 * The audit trail stays.
 */
final class JobRemoval
{
    private function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobAdmin $admin,
        private readonly JobEvents $events,
        private readonly RawFrames $frames,
        private readonly Leftovers $leftovers,
        private readonly ReplacedObjects $replaced,
        private readonly ObjectStorage $storage,
    ) {
    }

    public static function of(App $app): self
    {
        $jobs = JobServices::of($app);
        $results = ResultServices::of($app);

        return new self(
            $app->database(),
            $jobs->store(),
            $jobs->admin(),
            $jobs->events(),
            RawServices::of($app)->frames(),
            $results->leftovers(),
            $results->replaced(),
            $app->storage(),
        );
    }

    /**
     * @throws Refusal when the job does not exist or is not the user's, when it is being queued again at this moment,
     *                 and when its files cannot be removed now
     */
    public function remove(int $jobId, User $user): void
    {
        $job = $this->jobs->getShown($jobId);
        if ($job->userId !== $user->id && !$user->isAdmin()) {
            throw Refusal::notFound("There is no job $jobId");
        }
        $rescans = $this->rescansOf($job);
        foreach ([$job, ...$rescans] as $doomed) {
            $this->stop($doomed, $user->actor());
        }
        // The rows of checks go with the job's; a volunteer who is working on one is told that it is gone.
        foreach ([$job, ...$rescans, ...$this->jobs->checksOf($jobId)] as $doomed) {
            $this->leftovers->remove($doomed);
        }
        array_map($this->storage->delete(...), $this->archivedPaths($job));
        $this->frames->deleteOfJob($jobId);
        $this->removeRows($job, $user->actor());
    }

    /**
     * Rescans of the stack that the job has made.
     *
     * @return list<Job>
     */
    private function rescansOf(Job $job): array
    {
        return array_map(Job::fromRow(...), $this->database->all(
            'SELECT j.* FROM stacking_jobs j JOIN stacked_frames s ON s.id = j.stack_id WHERE s.job_id = ? ORDER BY j.id',
            [$job->id]
        ));
    }

    /** Cancels an unfinished job; its worker stops at the next heartbeat. */
    private function stop(Job $job, string $actor): void
    {
        if (!$job->status->isFinished()) {
            $this->admin->cancel($job->id, $actor);
        }
    }

    /** @return list<string> files of the stack that the job has made, those a rescan has replaced included */
    private function archivedPaths(Job $job): array
    {
        $stack = $this->database->one(
            'SELECT id, ucloud_path, thumbnail_path, overlay_path, stars_path FROM stacked_frames WHERE job_id = ?',
            [$job->id]
        );
        if ($stack === null) {
            return [];
        }
        $id = (int) array_shift($stack);

        return [...array_filter(array_values($stack)), ...$this->replaced->pathsOf($id)];
    }

    private function removeRows(Job $job, string $actor): void
    {
        $this->database->transaction(function () use ($job, $actor): void {
            // Requests for rescans lock this row too, so none can be added from here on.
            $this->database->execute('UPDATE stacked_frames SET job_id = job_id WHERE job_id = ?', [$job->id]);
            $rescans = $this->rescansOf($job);
            $this->database->execute('DELETE FROM stacked_frames WHERE job_id = ?', [$job->id]);
            foreach ([$this->jobs->get($job->id), ...$rescans] as $doomed) {
                if (!$doomed->status->isFinished()) {
                    throw Refusal::conflict("Job {$doomed->id} has just been queued again; look at it before you delete it");
                }
                $this->database->execute('DELETE FROM raw_files WHERE job_id = ?', [$doomed->id]);
                $this->database->execute('DELETE FROM stacking_jobs WHERE id = ?', [$doomed->id]);
                $this->events->record($doomed->id, $actor, 'deleted', "was {$doomed->status->value}");
            }
        });
    }
}
