<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

/**
 * One row of the queue, as it was when read.
 */
final class Job
{
    /** Columns of a job whose lease is over. */
    public const NO_LEASE = ['claim_id' => null, 'lease_expires_at' => null];
    /** Columns of a job that has to start over. */
    public const NO_PROGRESS = ['stage' => null, 'progress' => null, 'progress_message' => null, 'stage_times' => null];

    /** Columns of a job that is queued again with a fresh count of runs. */
    public const FRESH_RUNS = ['attempts' => 0, 'not_before' => null, 'completed_at' => null, 'error_message' => null] + self::NO_PROGRESS;

    private function __construct(
        public readonly int $id,
        public readonly JobKind $kind,
        public readonly int $userId,
        public readonly int $uploadSessionId,
        public readonly JobStatus $status,
        public readonly int $priority,
        public readonly string $chunkKey,
        public readonly string $chunkKeyHp,
        public readonly ?string $objectName,
        public readonly int $frameCount,
        /** bytes of all raws */
        public readonly int $totalBytes,
        public readonly ?float $raDeg,
        public readonly ?float $decDeg,
        public readonly ?string $telescope,
        public readonly ?string $filterName,
        /** seconds of one frame */
        public readonly ?float $exposureSeconds,
        public readonly ?int $eqMode,
        /** runs counted so far, the present one included */
        public readonly int $attempts,
        public readonly int $maxAttempts,
        /** unix milliseconds */
        public readonly ?int $notBefore,
        public readonly ?int $apiKeyId,
        public readonly ?string $workerName,
        public readonly ?string $claimId,
        /** SHA-256 of the token of the present or last lease */
        public readonly ?string $leaseTokenHash,
        /** unix milliseconds */
        public readonly ?int $leaseExpiresAt,
        public readonly ?string $heartbeatAt,
        public readonly ?string $stage,
        /** 0 to 1 */
        public readonly ?float $progress,
        public readonly ?string $progressMessage,
        public readonly StageTimes $stageTimes,
        public readonly ?string $errorMessage,
        public readonly ?string $lastOutcome,
        public readonly string $createdAt,
        public readonly ?string $startedAt,
        public readonly ?string $completedAt,
        public readonly string $updatedAt,
        /** the stack that a rescan solves again */
        public readonly ?int $stackId,
        /** @var array<string, mixed>|null what whoever asked for a rescan has chosen */
        public readonly ?array $options,
        /** results of volunteers that wait for a second opinion */
        public readonly int $nHeld,
        /** the completed job whose frames a check gives out again */
        public readonly ?int $checksJobId,
        /** the completed job whose frames a series is made of */
        public readonly ?int $sharesJobId,
        /** the clock of its frames, where only some workers read it rightly; see Fits\HeaderClock */
        public readonly ?string $headerClock,
        /** whether its result shall take the place of a stack that is intact */
        public readonly bool $replacesStack,
        /** the job that has its subs since chunks were merged by hand */
        public readonly ?int $mergedIntoId,
        /** the job whose new stack has to be there first, because its present one has the light of this job's subs */
        public readonly ?int $afterJobId,
    ) {
    }

    /** Whether it was given up before its runs were used up, because the worker said that another one would fail too. */
    public function isHopeless(): bool
    {
        return $this->status === JobStatus::Failed && $this->lastOutcome === FailedRun::FAILED && $this->attempts < $this->maxAttempts;
    }

    /** @param array<string, mixed> $row of stacking_jobs */
    public static function fromRow(array $row): self
    {
        return new self(
            id: (int) $row['id'],
            kind: JobKind::from($row['kind']),
            userId: (int) $row['user_id'],
            uploadSessionId: (int) $row['upload_session_id'],
            status: JobStatus::from($row['status']),
            priority: (int) $row['priority'],
            chunkKey: $row['chunk_key'],
            chunkKeyHp: $row['chunk_key_hp'],
            objectName: $row['object_name'],
            frameCount: (int) $row['frame_count'],
            totalBytes: (int) $row['total_bytes'],
            raDeg: self::float($row['ra_deg']),
            decDeg: self::float($row['dec_deg']),
            telescope: $row['telescope'],
            filterName: $row['filter_name'],
            exposureSeconds: self::float($row['fits_exptime']),
            eqMode: self::int($row['eq_mode']),
            attempts: (int) $row['attempts'],
            maxAttempts: (int) $row['max_attempts'],
            notBefore: self::int($row['not_before']),
            apiKeyId: self::int($row['api_key_id']),
            workerName: $row['worker_name'],
            claimId: $row['claim_id'],
            leaseTokenHash: $row['lease_token_hash'],
            leaseExpiresAt: self::int($row['lease_expires_at']),
            heartbeatAt: $row['heartbeat_at'],
            stage: $row['stage'],
            progress: self::float($row['progress']),
            progressMessage: $row['progress_message'],
            stageTimes: StageTimes::ofStored($row['stage_times']),
            errorMessage: $row['error_message'],
            lastOutcome: $row['last_outcome'],
            createdAt: $row['created_at'],
            startedAt: $row['started_at'],
            completedAt: $row['completed_at'],
            updatedAt: $row['updated_at'],
            stackId: self::int($row['stack_id']),
            options: $row['options'] === null ? null : json_decode($row['options'], true, 4, JSON_THROW_ON_ERROR),
            nHeld: (int) $row['n_held'],
            checksJobId: self::int($row['checks_job_id']),
            sharesJobId: self::int($row['frames_job_id']),
            headerClock: $row['header_clock'],
            replacesStack: (bool) $row['replaces_stack'],
            mergedIntoId: self::int($row['merged_into_id']),
            afterJobId: self::int($row['after_job_id']),
        );
    }

    /** Tag that makes the file names of this run unique; empty before the first claim. */
    public function attemptTag(): string
    {
        return $this->leaseTokenHash === null ? '' : LeaseToken::attemptTag($this->attempts, $this->leaseTokenHash);
    }

    /** Id of the job that owns the frames: a check works on those of the job it checks, a series on those of its stack. */
    public function framesJobId(): int
    {
        return $this->checksJobId ?? $this->sharesJobId ?? $this->id;
    }

    /** The state as reported to workers: a check that has ended looks like a job that continues without them. */
    public function statusTold(): JobStatus
    {
        return match (true) {
            $this->kind !== JobKind::Check || $this->status !== JobStatus::Failed => $this->status,
            $this->notBefore !== null => JobStatus::Retry,
            in_array($this->lastOutcome, [FailedRun::FAILED, FailedRun::EXPIRED], true) => JobStatus::Failed,
            default => JobStatus::Pending,
        };
    }

    private static function int(mixed $value): ?int
    {
        return $value === null ? null : (int) $value;
    }

    private static function float(mixed $value): ?float
    {
        return $value === null ? null : (float) $value;
    }
}
