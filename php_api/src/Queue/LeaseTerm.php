<?php

declare(strict_types=1);

namespace CrowdSky\Queue;

use CrowdSky\Base\Clock;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;

/**
 * How long a lease lasts: a short time from the last sign of life, and never beyond the longest run of its kind of job,
 * so that nobody keeps a job for ever by heartbeats.
 */
final class LeaseTerm
{
    /**
     * @param int $maxRunHours from the claim of a stack
     * @param int $maxRescanHours from the claim of a rescan
     */
    public function __construct(
        private readonly Clock $clock,
        public readonly int $leaseSeconds,
        private readonly int $maxRunHours,
        private readonly int $maxRescanHours,
    ) {
    }

    public function maxHours(JobKind $kind): int
    {
        return $kind === JobKind::Rescan ? $this->maxRescanHours : $this->maxRunHours;
    }

    /**
     * Returns when a lease that is given or renewed now ends, in Unix milliseconds.
     *
     * @param string $startedAt when the job was claimed, stored form
     */
    public function expiry(JobKind $kind, string $startedAt): int
    {
        return min($this->clock->milliseconds() + 1000 * $this->leaseSeconds, $this->lastMoment($kind, $startedAt));
    }

    /** Whether the job has been running for longer than it may. */
    public function isOver(Job $job): bool
    {
        return $job->startedAt !== null && $this->clock->milliseconds() >= $this->lastMoment($job->kind, $job->startedAt);
    }

    private function lastMoment(JobKind $kind, string $startedAt): int
    {
        $started = new \DateTimeImmutable($startedAt, new \DateTimeZone('UTC'));

        return 1000 * ($started->getTimestamp() + 3600 * $this->maxHours($kind));
    }
}
