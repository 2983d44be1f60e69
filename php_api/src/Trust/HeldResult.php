<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Jobs\Job;
use CrowdSky\Results\CompletionReport;

/**
 * A verified result of a volunteer that waits for a second opinion.
 */
final class HeldResult
{
    private function __construct(
        public readonly int $id,
        public readonly int $jobId,
        public readonly int $apiKeyId,
        public readonly string $workerName,
        public readonly string $path,
        /** bytes */
        public readonly int $size,
        public readonly string $sha256,
        public readonly CompletionReport $report,
        public readonly ResultFigures $figures,
        /** where it differs from the results held before it, in words */
        public readonly ?string $finding,
        public readonly string $heldAt,
        /** frames of the job when the result was made */
        private readonly int $frameCount,
    ) {
    }

    /** @param array<string, mixed> $row of held_results */
    public static function fromRow(array $row): self
    {
        return new self(
            (int) $row['id'],
            (int) $row['job_id'],
            (int) $row['api_key_id'],
            $row['worker_name'],
            $row['path'],
            (int) $row['file_size_bytes'],
            $row['sha256'],
            CompletionReport::fromStored($row['report']),
            ResultFigures::fromStored($row['figures']),
            $row['finding'],
            $row['held_at'],
            (int) $row['frame_count'],
        );
    }

    /** Whether it is made of the frames that the job has now: subs may have joined while it waited. */
    public function isOf(Job $job): bool
    {
        return $this->frameCount === $job->frameCount;
    }
}
