<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Refusal;
use CrowdSky\Changes\StackChanges;
use CrowdSky\Custody\CustodyServices;
use CrowdSky\Custody\Grounds;
use CrowdSky\Custody\Leftovers;
use CrowdSky\Custody\StorageGate;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobAdmin;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Kernel\App;
use CrowdSky\Raws\RawFrames;
use CrowdSky\Raws\RawServices;
use CrowdSky\Results\ReplacedObjects;
use CrowdSky\Results\ResultKind;
use CrowdSky\Results\ResultServices;

/**
 * Removes a job with everything that belongs to it: raws, the archived stack with its companions, its rescans and series,
 * and all rows. A rescan or a series is removed alone; the stack stays as the rescan left it.
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
        private readonly StorageGate $gate,
    ) {
    }

    public static function of(App $app): self
    {
        $jobs = JobServices::of($app);
        $custody = CustodyServices::of($app);

        return new self(
            $app->database(),
            $jobs->store(),
            $jobs->admin(),
            $jobs->events(),
            RawServices::of($app)->frames(),
            $custody->leftovers(),
            ResultServices::of($app)->replaced(),
            $custody->gate(),
        );
    }

    /**
     * @throws Refusal when the job does not exist or is not the user's, when it is being queued again at this moment,
     *                 when its files cannot be removed now, and while the custody of the storage is in doubt
     */
    public function remove(int $jobId, User $user): void
    {
        $job = $this->jobs->getShown($jobId);
        if ($job->userId !== $user->id && !$user->isAdmin()) {
            throw Refusal::notFound("There is no job $jobId");
        }
        $this->gate->requireOpen();
        $rescans = $this->rescansOf($job);
        $series = $this->jobs->sharingFrames($jobId);
        foreach ([$job, ...$rescans, ...$series] as $doomed) {
            $this->stop($doomed, $user->actor());
        }
        // The rows of checks go with the job's; a volunteer who is working on one is told that it is gone.
        foreach ([$job, ...$rescans, ...$this->jobs->checksOf($jobId)] as $doomed) {
            $this->leftovers->remove($doomed, static fn (): Grounds => Grounds::JobDeleted);
        }
        $this->deleteSeries($job);
        $this->deleteStack($job);
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

    /** Deletes the files of the stack that the job has made, those a rescan has replaced included. */
    private function deleteStack(Job $job): void
    {
        $stack = $this->database->one(
            'SELECT id, ' . implode(', ', ResultKind::columns()) . ' FROM stacked_frames WHERE job_id = ?',
            [$job->id]
        );
        if ($stack === null) {
            return;
        }
        $id = (int) array_shift($stack);
        foreach ([...array_filter(array_values($stack)), ...$this->replaced->pathsOf($id)] as $path) {
            $this->gate->deletePublished($id, $path);
        }
    }

    /** Deletes the files of the series of the job's stack, or that of the series which the job has made. */
    private function deleteSeries(Job $job): void
    {
        $series = $this->database->all(
            'SELECT r.stack_id, r.path FROM series r LEFT JOIN stacked_frames s ON s.id = r.stack_id AND s.job_id = ?
              WHERE r.path IS NOT NULL AND (r.job_id = ? OR s.id IS NOT NULL)',
            [$job->id, $job->id],
        );
        foreach ($series as $one) {
            $this->gate->deletePublished((int) $one['stack_id'], $one['path']);
        }
    }

    private function removeRows(Job $job, string $actor): void
    {
        $this->database->transaction(function () use ($job, $actor): void {
            // Requests for rescans lock this row too, so none can be added from here on.
            $this->database->execute('UPDATE stacked_frames SET job_id = job_id WHERE job_id = ?', [$job->id]);
            // Orders of series write this row.
            $this->database->execute('UPDATE stacking_jobs SET status = status WHERE id = ?', [$job->id]);
            $later = [...$this->rescansOf($job), ...$this->jobs->sharingFrames($job->id)];
            $this->database->execute(
                'DELETE FROM epochs WHERE series_seconds > 0 AND EXISTS (
                    SELECT 1 FROM series r WHERE r.stack_id = epochs.stack_id AND r.seconds = epochs.series_seconds AND r.job_id = ?)',
                [$job->id],
            );
            $this->database->execute('DELETE FROM series WHERE job_id = ?', [$job->id]);
            $stackId = $this->database->value('SELECT id FROM stacked_frames WHERE job_id = ?', [$job->id]);
            if ($stackId !== null) {
                $remove = fn (): int => $this->database->execute('DELETE FROM stacked_frames WHERE job_id = ?', [$job->id]);
                (new StackChanges($this->database))->noteRemoval((int) $stackId, $remove);
            }
            foreach ([...$later, $this->jobs->get($job->id)] as $doomed) {
                if (!$doomed->status->isFinished()) {
                    throw Refusal::conflict("Job {$doomed->id} has just been queued again; look at it before you delete it");
                }
                $this->database->execute('DELETE FROM raw_files WHERE job_id = ?', [$doomed->id]);
                $this->database->execute('DELETE FROM stacking_jobs WHERE id = ?', [$doomed->id]);
                $this->events->record($doomed->id, $actor, JobEvents::DELETED, "was {$doomed->status->value}");
            }
        });
    }
}
