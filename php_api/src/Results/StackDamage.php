<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobRevival;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Raws\RawFrames;

/**
 * Records which archived stacks are missing from storage or changed there. The job of such a stack is not done: it runs
 * again if its raw frames are still there, and else waits for its owner to upload them again.
 *
 * No file is touched here, not even a damaged one.
 */
final class StackDamage
{
    /** Event of a stack that is missing or changed. */
    public const FOUND = 'stack not verified';
    private const HEALED = 'stack intact again';

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobRevival $revival,
        private readonly JobEvents $events,
        private readonly RawFrames $raws,
        private readonly Clock $clock,
        private readonly int $rawGraceHours,
    ) {
    }

    /**
     * Records that a stack was found missing or changed; the first finding and its time stay.
     *
     * @param string $path where it was looked for; a stack that has other files by now is left alone
     */
    public function record(int $jobId, string $path, string $finding): void
    {
        $this->database->transaction(function () use ($jobId, $path, $finding): void {
            $isNew = $this->database->execute(
                'UPDATE stacked_frames SET damaged_at = ?, damage = ? WHERE job_id = ? AND ucloud_path = ? AND damaged_at IS NULL',
                [Utc::stored($this->clock->now()), mb_substr($finding, 0, 500), $jobId, $path],
            );
            if ($isNew === 1) {
                $this->events->record($jobId, 'system', self::FOUND, $finding);
            }
            $job = $this->jobs->find($jobId);
            if ($job?->status === JobStatus::Completed && $this->isDamaged($jobId) && $this->raws->areAllThere($jobId, $job->frameCount)) {
                $this->revival->revive($jobId, 'system', 'its stack is damaged; its raw frames are still there');
            }
        });
    }

    /**
     * Withdraws a finding about a stack that reads back intact, and completes its job if that was to run again and no
     * worker has it.
     */
    public function clear(int $jobId, string $path): void
    {
        $this->database->transaction(function () use ($jobId, $path): void {
            $wasDamaged = $this->database->execute(
                'UPDATE stacked_frames SET damaged_at = NULL, damage = NULL WHERE job_id = ? AND ucloud_path = ? AND damaged_at IS NOT NULL',
                [$jobId, $path],
            );
            $job = $wasDamaged === 1 ? $this->jobs->find($jobId) : null;
            if ($job === null) {
                return;
            }
            $isIdle = in_array($job->status, [JobStatus::Pending, JobStatus::Retry, JobStatus::Failed], true);
            if (!$isIdle || !$this->complete($job)) {
                $this->events->record($jobId, 'system', self::HEALED, $path);
            }
        });
    }

    private function complete(Job $job): bool
    {
        $now = Utc::stored($this->clock->now());
        $frames = $this->database->value('SELECT n_frames_input FROM stacked_frames WHERE job_id = ?', [$job->id]);
        $changes = ['frame_count' => (int) $frames] + JobPublication::finalColumns($now);
        if (!$this->jobs->move($job, JobStatus::Completed, $changes, 'system', self::HEALED)) {
            return false;
        }
        $this->raws->markDue($job->id, Utc::storedBefore($this->clock->now(), -3600 * $this->rawGraceHours));
        return true;
    }

    private function isDamaged(int $jobId): bool
    {
        return $this->database->value('SELECT id FROM stacked_frames WHERE job_id = ? AND damaged_at IS NOT NULL', [$jobId]) !== null;
    }
}
