<?php

declare(strict_types=1);

namespace CrowdSky\Queue;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Jobs\FailedRun;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Jobs\LeaseLost;
use CrowdSky\Raws\RawFrame;
use CrowdSky\Workers\TrustLevel;

/**
 * Checks and extends leases while a worker is busy with a job.
 */
final class LeaseKeeper
{
    public function __construct(
        private readonly JobStore $jobs,
        private readonly Clock $clock,
        private readonly LeaseTerm $term,
    ) {
    }

    /**
     * @throws LeaseLost unless the holder has a living lease of the job
     * @throws Refusal when there is no such job
     */
    public function require(int $jobId, LeaseHolder $holder): Job
    {
        $job = $this->jobs->get($jobId);
        $this->check($job, $holder);
        return $job;
    }

    /**
     * @return Job the frame's own job, or the check of it that a volunteer was given
     * @throws LeaseLost unless the holder has a living lease of it
     */
    public function requireForFrame(RawFrame $frame, LeaseHolder $holder): Job
    {
        $check = $holder->level === TrustLevel::Volunteer ? $this->jobs->checkOf($frame->jobId, $holder->apiKeyId) : null;
        return $this->require($check ?? $this->jobs->sharing($frame->jobId, $holder)?->id ?? $frame->jobId, $holder);
    }

    /** @throws LeaseLost unless the holder has a living lease of the job */
    public function check(Job $job, LeaseHolder $holder): void
    {
        if ($job->status !== JobStatus::Processing) {
            throw new LeaseLost($job->id, "the job is {$job->statusTold()->value}");
        }
        if (!$holder->matches($job)) {
            throw new LeaseLost($job->id, 'another worker holds it, or the token is wrong');
        }
        if ($this->term->isOver($job)) {
            throw new LeaseLost($job->id, "no run may take longer than {$this->term->maxHours($job->kind)} hours");
        }
        if ($job->leaseExpiresAt <= $this->clock->milliseconds()) {
            throw new LeaseLost($job->id, 'it has expired');
        }
    }

    /**
     * Accepts a result after its lease ran out too, as long as nobody else got the job: after an hour without the site,
     * finished work need not be repeated.
     *
     * @throws LeaseLost unless the holder has the lease, or had it last and only let it run out
     */
    public function checkForResult(Job $job, LeaseHolder $holder): void
    {
        $ranOut = match ($job->status) {
            JobStatus::Processing => $job->leaseExpiresAt <= $this->clock->milliseconds() || $this->term->isOver($job),
            JobStatus::Retry, JobStatus::Failed => $job->lastOutcome === FailedRun::EXPIRED,
            default => false,
        };
        if ($ranOut && $holder->matches($job)) {
            return;
        }
        $this->check($job, $holder);
        $this->touch($job);
    }

    /** Treats a call about a job as a sign of life; most come too soon after the last one to be worth a write. */
    public function touch(Job $job): void
    {
        $left = $job->leaseExpiresAt - $this->clock->milliseconds();
        if ($left < 750 * $this->term->leaseSeconds) {
            $this->prolong($job, []);
        }
    }

    /**
     * Extends the lease and records what the worker is doing, for the job's page.
     *
     * @return bool false when the job was cancelled and the worker should stop
     * @throws LeaseLost unless the holder has a living lease of the job
     */
    public function heartbeat(int $jobId, LeaseHolder $holder, ?string $stage, ?float $progress, ?string $message): bool
    {
        $job = $this->jobs->get($jobId);
        if ($job->status === JobStatus::Cancelled && $holder->matches($job)) {
            return false;
        }
        $this->check($job, $holder);
        $this->prolong($job, [
            'stage' => $stage ?? $job->stage,
            'progress' => $progress ?? $job->progress,
            'progress_message' => $message === '' ? null : $message,
            'stage_times' => $job->stageTimes->entering($stage ?? '', $this->clock->milliseconds())->stored(),
        ]);
        return true;
    }

    /** @param array<string, mixed> $changes */
    private function prolong(Job $job, array $changes): void
    {
        $renewed = $this->jobs->renew($job, $changes + [
            'lease_expires_at' => $this->term->expiry($job->kind, (string) $job->startedAt),
            'heartbeat_at' => Utc::stored($this->clock->now()),
        ]);
        if (!$renewed) {
            throw new LeaseLost($job->id, 'the job was taken back a moment ago');
        }
    }
}
