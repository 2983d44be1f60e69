<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Results\JobPublication;
use CrowdSky\Results\StackRegister;
use CrowdSky\Results\VerifiedResult;

/**
 * Writes the rows of a found stack, all or none of them.
 */
final class StackAdmission
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobEvents $events,
        private readonly JobPublication $publication,
        private readonly StackRegister $register,
        private readonly MeasurementStore $measurements,
        private readonly Clock $clock,
    ) {
    }

    /**
     * @param int $above numbers of new jobs are higher than this
     * @return int|null number of the job that has the stack now; null if rows have changed since the decision
     */
    public function admit(FoundStack $stack, VerifiedResult $result, Placement $placement, int $ownerId, int $above): ?int
    {
        try {
            return $this->database->transaction(fn (): ?int => $this->write($stack, $result, $placement, $ownerId, $above));
        } catch (DuplicateKey) {
            // Another process was faster with the number, the session or the stack itself.
            return null;
        }
    }

    private function write(FoundStack $stack, VerifiedResult $result, Placement $placement, int $ownerId, int $above): ?int
    {
        $now = Utc::stored($this->clock->now());
        $createdAt = $stack->createdAt ?? $now;
        $worker = $stack->facts->workerName;
        $job = $placement->job ?? $this->addJob($stack, $placement->number ?? $this->freeNumber($above), $ownerId, $now, $createdAt);
        $stackId = match (true) {
            $placement->job === null => $this->register->add($job, $stack->report, $result, $worker, $now, $createdAt),
            $job->status === JobStatus::Completed => $this->register->replaceLost($job, $stack->report, $result, $now),
            default => $this->publication->adopt($job, $stack->report, $result, $worker, $createdAt),
        };
        if ($stackId === null) {
            return null;
        }
        if ($job->status === JobStatus::Completed) {
            // The publication of a job that waited records it itself.
            $this->events->record($job->id, 'system', JobEvents::ADOPTED, $stack->path);
        }
        if ($stack->report->measurement !== null) {
            $this->measurements->save($stackId, $this->measuredBy($stack, $job->id), $stack->report->measurement, $stack->measuredAt ?? $now);
        }
        return $job->id;
    }

    private function addJob(FoundStack $stack, int $number, int $ownerId, string $now, string $createdAt): Job
    {
        $this->database->insert('stacking_jobs', [
            'id' => $number,
            'kind' => JobKind::ofGroup($stack->facts->columns['group_key'])->value,
            'user_id' => $ownerId,
            'upload_session_id' => $this->session($stack, $ownerId, $createdAt),
            'status' => JobStatus::Completed->value,
            'worker_name' => $stack->facts->workerName,
            'stage' => 'done',
            'progress' => 1.0,
            'last_outcome' => 'complete',
            'completed_at' => $createdAt,
            'updated_at' => $now,
        ] + $stack->facts->columns + ['created_at' => $createdAt]);
        return $this->jobs->get($number);
    }

    /** @return int id of the session that stands for the upload of the stack's subs */
    private function session(FoundStack $stack, int $ownerId, string $createdAt): int
    {
        $token = Placements::sessionToken($stack);
        $id = $this->database->value('SELECT id FROM upload_sessions WHERE session_token = ?', [$token]);
        return $id !== null ? (int) $id : $this->database->insert('upload_sessions', [
            'user_id' => $ownerId,
            'session_token' => $token,
            'status' => 'complete',
            'created_at' => $createdAt,
            'last_activity_at' => $createdAt,
            'finalized_at' => $createdAt,
        ]);
    }

    private function freeNumber(int $above): int
    {
        $used = $this->database->value('SELECT COALESCE(MAX(id), 0) FROM stacking_jobs');
        $deleted = $this->database->value('SELECT COALESCE(MAX(job_id), 0) FROM job_events');
        return max((int) $used, (int) $deleted, $above) + 1;
    }

    /** A rescan has measured it under a number of its own, which is in the name of the file. */
    private function measuredBy(FoundStack $stack, int $jobId): int
    {
        return $stack->isRescan() ? $stack->name->jobId : $jobId;
    }
}
