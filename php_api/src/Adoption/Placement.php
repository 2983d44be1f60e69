<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;

/**
 * Which row a found stack becomes the result of, or why it is left where it is.
 */
final class Placement
{
    private function __construct(
        /** set when the stack is left */
        public readonly ?string $reason,
        /** a job that waits for the stack, or has lost its own */
        public readonly ?Job $job,
        /** number of a job to be added; null for the next free one */
        public readonly ?int $number,
    ) {
    }

    public static function leave(string $reason): self
    {
        return new self($reason, null, null);
    }

    public static function complete(Job $job): self
    {
        return new self(null, $job, null);
    }

    /** The job's archived stack is gone from storage; this one is of the same subs. */
    public static function replaceLost(Job $job): self
    {
        return new self(null, $job, null);
    }

    public static function add(?int $number): self
    {
        return new self(null, null, $number);
    }

    /** Says in the report which job it is. */
    public function label(): string
    {
        return match (true) {
            $this->job?->status === JobStatus::Completed => "job {$this->job->id}, whose stack was gone",
            $this->job !== null => "job {$this->job->id}, which waited for it",
            $this->number !== null => "job {$this->number}",
            default => 'a job with a new number',
        };
    }
}
