<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Jobs\JobStatus;

/** The job of a stack that its owner has uploaded before. */
final class EarlierStack
{
    private function __construct(
        public readonly int $jobId,
        private readonly string $chunkKey,
        private readonly JobStatus $status,
        /** whether the job has ended without anything that is left of the stack */
        public readonly bool $needsFile,
    ) {
    }

    /** @param array<string, mixed> $row of the job, with damaged_at and stack of its result and is_stored of its file */
    public static function fromRow(array $row): self
    {
        $status = JobStatus::from($row['status']);
        $isArchived = $row['stack'] !== null && $row['damaged_at'] === null;

        return new self((int) $row['id'], $row['chunk_key_hp'], $status, $status->isFinished() && !$isArchived && !$row['is_stored']);
    }

    public function answer(): QueuedStack
    {
        return new QueuedStack($this->jobId, $this->chunkKey, $this->status->isFinished() ? $this->status->value : QueuedStack::QUEUED);
    }
}
