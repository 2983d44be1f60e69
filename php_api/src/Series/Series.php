<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Jobs\JobStatus;

/** A series that was ordered, and what became of it. */
final class Series
{
    private function __construct(
        public readonly int $id,
        public readonly int $stackId,
        public readonly int $seconds,
        public readonly int $jobId,
        public readonly JobStatus $status,
        /** of the file of the last run that has stored one */
        public readonly ?string $path,
        /** null until the file is proven */
        public readonly ?string $sha256,
        public readonly ?int $bytes,
        public readonly ?int $parts,
        public readonly ?string $errorMessage,
        public readonly ?string $completedAt,
    ) {
    }

    /** @param array<string, mixed> $row of series with status and error_message of its job */
    public static function fromRow(array $row): self
    {
        return new self(
            id: (int) $row['id'],
            stackId: (int) $row['stack_id'],
            seconds: (int) $row['seconds'],
            jobId: (int) $row['job_id'],
            status: JobStatus::from($row['status']),
            path: $row['path'],
            sha256: $row['sha256'],
            bytes: $row['file_size_bytes'] === null ? null : (int) $row['file_size_bytes'],
            parts: $row['n_parts'] === null ? null : (int) $row['n_parts'],
            errorMessage: $row['error_message'],
            completedAt: $row['completed_at'],
        );
    }

    /** Whether its file is proven. */
    public function isThere(): bool
    {
        return $this->sha256 !== null && $this->path !== null && $this->bytes !== null;
    }
}
