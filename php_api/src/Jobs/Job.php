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
    public const NO_PROGRESS = ['stage' => null, 'progress' => null, 'progress_message' => null];

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
    ) {
    }

    /** @param array<string, mixed> $row of stacking_jobs */
    public static function fromRow(array $row): self
    {
        return new self(
            (int) $row['id'],
            JobKind::from($row['kind']),
            (int) $row['user_id'],
            (int) $row['upload_session_id'],
            JobStatus::from($row['status']),
            (int) $row['priority'],
            $row['chunk_key'],
            $row['chunk_key_hp'],
            $row['object_name'],
            (int) $row['frame_count'],
            (int) $row['total_bytes'],
            self::float($row['ra_deg']),
            self::float($row['dec_deg']),
            $row['telescope'],
            $row['filter_name'],
            self::float($row['fits_exptime']),
            self::int($row['eq_mode']),
            (int) $row['attempts'],
            (int) $row['max_attempts'],
            self::int($row['not_before']),
            self::int($row['api_key_id']),
            $row['worker_name'],
            $row['claim_id'],
            $row['lease_token_hash'],
            self::int($row['lease_expires_at']),
            $row['heartbeat_at'],
            $row['stage'],
            self::float($row['progress']),
            $row['progress_message'],
            $row['error_message'],
            $row['last_outcome'],
            $row['created_at'],
            $row['started_at'],
            $row['completed_at'],
            $row['updated_at'],
            self::int($row['stack_id']),
            $row['options'] === null ? null : json_decode($row['options'], true, 4, JSON_THROW_ON_ERROR),
            (int) $row['n_held'],
            self::int($row['checks_job_id']),
        );
    }

    /** Tag that makes the file names of this run unique; empty before the first claim. */
    public function attemptTag(): string
    {
        return $this->leaseTokenHash === null ? '' : LeaseToken::attemptTag($this->attempts, $this->leaseTokenHash);
    }

    /** Id of the job that owns the frames: a check works on those of the job it checks. */
    public function framesJobId(): int
    {
        return $this->checksJobId ?? $this->id;
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
