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
        /** size of the stack in bytes */
        public readonly int $size,
        public readonly string $sha256,
        public readonly CompletionReport $report,
        public readonly ResultFigures $figures,
        /** where it differs from the results held before it, in words */
        public readonly ?string $finding,
        public readonly string $heldAt,
        /** number of frames of the job when the result was made */
        public readonly int $frameCount,
    ) {
    }

    /** @param array<string, mixed> $row of held_results */
    public static function fromRow(array $row): self
    {
        return new self(
            id: (int) $row['id'],
            jobId: (int) $row['job_id'],
            apiKeyId: (int) $row['api_key_id'],
            workerName: $row['worker_name'],
            path: $row['path'],
            size: (int) $row['file_size_bytes'],
            sha256: $row['sha256'],
            report: CompletionReport::fromStored($row['report']),
            figures: ResultFigures::fromStored($row['figures']),
            finding: $row['finding'],
            heldAt: $row['held_at'],
            frameCount: (int) $row['frame_count'],
        );
    }

    /** Whether it was made of the frames that the job has now: subs may have joined the job while it waited. */
    public function isOf(Job $job): bool
    {
        return $this->frameCount === $job->frameCount;
    }
}
