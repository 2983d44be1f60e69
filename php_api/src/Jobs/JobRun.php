<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

/** One run of a job. Times are in stored form. */
final class JobRun
{
    /** Outcomes of runs that did not succeed, as the audit trail names them. */
    public const FAILURES = ['fail, will retry', 'fail, given up', 'expired, will retry', 'expired, given up'];

    private function __construct(
        public readonly int $attempt,
        public readonly ?string $workerName,
        /** seconds for which the job could have been taken; null where that is not known */
        public readonly ?int $waited,
        public readonly string $claimedAt,
        /** null while it runs */
        public readonly ?string $endedAt,
        public readonly ?int $seconds,
        /** event of the audit trail that ended it; null while it runs */
        public readonly ?string $outcome,
        public readonly StageTimes $stageTimes,
    ) {
    }

    /** @param array<string, mixed> $row of job_runs */
    public static function fromRow(array $row): self
    {
        return new self(
            (int) $row['attempt'],
            $row['worker_name'],
            $row['waited_seconds'] === null ? null : (int) $row['waited_seconds'],
            $row['claimed_at'],
            $row['ended_at'],
            $row['seconds'] === null ? null : (int) $row['seconds'],
            $row['outcome'],
            StageTimes::ofStored($row['stages']),
        );
    }

    /** Unix milliseconds at which it ended; null while it runs. */
    public function endedMs(): ?int
    {
        return $this->endedAt === null ? null : 1000 * (new \DateTimeImmutable($this->endedAt, new \DateTimeZone('UTC')))->getTimestamp();
    }
}
