<?php

declare(strict_types=1);

namespace CrowdSky\Regrouping;

/** Chunks that an admin has merged or split. */
final class ChunkChange
{
    public const MERGED = 'merged';
    public const SPLIT = 'split';

    /**
     * @param int $jobId the job that has kept its number
     * @param list<int> $otherJobs those that were merged into it, or the one that was split off
     * @param array{jobs: array<int, array<string, mixed>>, subs: array<int, int>}|null $undo rows of the jobs before, and the
     *        job that each moved sub was in; null where the change cannot be undone
     */
    private function __construct(
        public readonly int $id,
        public readonly string $kind,
        public readonly int $userId,
        public readonly int $jobId,
        public readonly array $otherJobs,
        public readonly string $actor,
        public readonly string $createdAt,
        public readonly ?string $undoneAt,
        public readonly ?array $undo,
    ) {
    }

    /** @param array<string, mixed> $row of chunk_changes */
    public static function fromRow(array $row): self
    {
        return new self(
            id: (int) $row['id'],
            kind: $row['kind'],
            userId: (int) $row['user_id'],
            jobId: (int) $row['job_id'],
            otherJobs: array_map('intval', explode(',', $row['other_jobs'])),
            actor: $row['actor'],
            createdAt: $row['created_at'],
            undoneAt: $row['undone_at'],
            undo: $row['former'] === null ? null : json_decode($row['former'], true, 6, JSON_THROW_ON_ERROR),
        );
    }

    /** @return list<int> */
    public function jobs(): array
    {
        return [$this->jobId, ...$this->otherJobs];
    }
}
