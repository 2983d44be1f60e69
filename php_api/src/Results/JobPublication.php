<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Format;
use CrowdSky\Base\Utc;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Raws\RawFrames;
use CrowdSky\Workers\WorkerRegistry;

/**
 * Completes a job with a verified result, whoever decided to accept it.
 */
final class JobPublication
{
    public function __construct(
        private readonly JobStore $jobs,
        private readonly RawFrames $raws,
        private readonly StackRegister $register,
        private readonly SupersededStacks $superseded,
        private readonly WorkerRegistry $workers,
        private readonly FrameCounts $frames,
        private readonly Clock $clock,
        private readonly int $rawGraceHours,
    ) {
    }

    /**
     * Completes the job, writes the stack's row and dates the frames for deletion. Call it inside a transaction.
     *
     * The new stack takes the place of a damaged one, unless that turns out to read back after all, and of an intact one
     * that its owner wants to replace.
     *
     * @param int $apiKeyId of the worker that made the result
     * @param string $event of the audit trail
     * @return int|null id of the stack; null if the job has changed since it was read, and nothing was written
     */
    public function publish(
        Job $job,
        CompletionReport $report,
        VerifiedResult $result,
        int $apiKeyId,
        string $workerName,
        string $actor,
        string $event,
    ): ?int {
        $summary = self::summary($job, $report, $result);
        if (!$this->complete($job, $summary, $actor, $event)) {
            return null;
        }
        $this->workers->countCompleted($apiKeyId, $workerName);
        $now = Utc::stored($this->clock->now());
        if ($job->kind === JobKind::Rescan) {
            return $this->register->replace($job, $report, $result, $now, $this->rawsDueAt());
        }
        $this->frames->note($job, $report, $now);
        $this->raws->markDue($job->id, $this->rawsDueAt());
        $stackId = $this->store($job, $report, $result, $workerName, $now);
        $this->superseded->settle($job->id, $stackId, $this->rawsDueAt());
        return $stackId;
    }

    private function store(Job $job, CompletionReport $report, VerifiedResult $result, string $workerName, string $now): int
    {
        if ($this->register->of($job) === null) {
            return $this->register->add($job, $report, $result, $workerName, $now);
        }
        if ($result->found->isArchivedIntact) {
            return $this->register->keep($job);
        }
        $this->raws->markLost($job->id);
        return $this->register->renew($job, $report, $result, $workerName, $now, $this->rawsDueAt());
    }

    /**
     * Completes a job that made a stack with the one that was found in storage, as publish() does with a reported one.
     *
     * @param string|null $workerName of the worker that made it; null if nobody knows
     * @param string $createdAt stored form; when the stack was made
     */
    public function adopt(Job $job, CompletionReport $report, VerifiedResult $result, ?string $workerName, string $createdAt): ?int
    {
        if (!$this->complete($job, self::summary($job, $report, $result), 'system', JobEvents::ADOPTED)) {
            return null;
        }
        $this->raws->markDue($job->id, $this->rawsDueAt());
        return $this->register->add($job, $report, $result, $workerName, Utc::stored($this->clock->now()), $createdAt);
    }

    private function complete(Job $job, string $summary, string $actor, string $event): bool
    {
        $now = Utc::stored($this->clock->now());
        return $this->jobs->move($job, JobStatus::Completed, self::finalColumns($now), $actor, $event, $summary);
    }

    private function rawsDueAt(): string
    {
        return Utc::storedBefore($this->clock->now(), -3600 * $this->rawGraceHours);
    }

    private static function summary(Job $job, CompletionReport $report, VerifiedResult $result): string
    {
        if ($result->found->isArchivedIntact) {
            return "the archived stack reads back after all and stays; {$report->path} is not needed";
        }
        return $job->kind === JobKind::Rescan
            ? "solved by {$report->measurement?->solution?->solver}, {$report->path}"
            : Format::count($report->framesAligned, 'frame', 'frames') . " combined, {$report->path}";
    }

    /** @return array<string, mixed> */
    public static function finalColumns(string $now): array
    {
        return [
            'completed_at' => $now,
            'last_outcome' => 'complete',
            ...Job::NO_LEASE,
            'not_before' => null,
            'error_message' => null,
            'stage' => 'done',
            'progress' => 1.0,
            'progress_message' => null,
            'n_held' => 0,
            'replaces_stack' => false,
        ];
    }
}
