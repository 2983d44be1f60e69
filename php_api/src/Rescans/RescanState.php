<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;

/** How far a rescan is, in the four words that pages and API use. */
final class RescanState
{
    public const SUBMITTED = 'submitted';
    public const PROCESSING = 'processing';
    public const SOLVED = 'solved';
    public const FAILED = 'failed';

    private function __construct(
        public readonly int $jobId,
        public readonly int $stackId,
        /** submitted, processing, solved or failed */
        public readonly string $state,
        public readonly ?string $stage,
        /** 0 to 1 */
        public readonly ?float $progress,
        public readonly int $attempt,
        public readonly int $maxAttempts,
        /** why it failed, or why its last run did */
        public readonly ?string $reason,
        public readonly string $changedAt,
    ) {
    }

    /** @param Job $job of the kind rescan */
    public static function of(Job $job): self
    {
        $state = self::word($job->status);
        $isRunning = $state === self::PROCESSING;

        return new self(
            jobId: $job->id,
            stackId: (int) $job->stackId,
            state: $state,
            stage: $isRunning ? $job->progressMessage ?? $job->stage : null,
            progress: $isRunning ? $job->progress : null,
            attempt: $job->attempts,
            maxAttempts: $job->maxAttempts,
            reason: $job->status === JobStatus::Cancelled ? 'It was cancelled.' : $job->errorMessage,
            changedAt: $job->updatedAt,
        );
    }

    /** Returns the word for the state of a job of the kind rescan. */
    public static function word(JobStatus $status): string
    {
        return match ($status) {
            JobStatus::Pending, JobStatus::Retry => self::SUBMITTED,
            JobStatus::Processing => self::PROCESSING,
            JobStatus::Completed => self::SOLVED,
            JobStatus::Failed, JobStatus::Cancelled => self::FAILED,
        };
    }

    public function isLive(): bool
    {
        return $this->state === self::SUBMITTED || $this->state === self::PROCESSING;
    }

    /** @return array<string, mixed> the answer of api/rescan.php */
    public function toJson(): array
    {
        return [
            'job_id' => $this->jobId,
            'stack_id' => $this->stackId,
            'state' => $this->state,
            'stage' => $this->stage,
            'progress' => $this->progress,
            'attempt' => $this->attempt,
            'max_attempts' => $this->maxAttempts,
            'reason' => $this->reason,
        ];
    }
}
