<?php

declare(strict_types=1);

namespace CrowdSky\Bulk;

/** One action on many jobs or stacks, as far as it has come. */
final class BulkRun
{
    /**
     * @param array<string, mixed> $options priority, or solver of a rescan
     * @param string|null $state that a job must still have; null for any
     * @param list<int> $ids of jobs, or of stacks for a rescan
     * @param array<string, array{n: int, example: string}> $reasons why some stay as they are, alike ones together
     */
    private function __construct(
        public readonly int $id,
        public readonly int $userId,
        public readonly BulkAction $action,
        public readonly array $options,
        public readonly ?string $state,
        public readonly array $ids,
        public readonly int $total,
        public readonly int $done,
        public readonly int $changed,
        public readonly array $reasons,
        public readonly string $returnTo,
    ) {
    }

    /** @param array<string, mixed> $row of bulk_runs */
    public static function fromRow(array $row): self
    {
        return new self(
            id: (int) $row['id'],
            userId: (int) $row['user_id'],
            action: BulkAction::from($row['action']),
            options: json_decode($row['options'], true, 4, JSON_THROW_ON_ERROR),
            state: $row['state'],
            ids: $row['ids'] === '' ? [] : array_map('intval', explode(',', $row['ids'])),
            total: (int) $row['total'],
            done: (int) $row['done'],
            changed: (int) $row['changed'],
            reasons: json_decode($row['reasons'], true, 5, JSON_THROW_ON_ERROR),
            returnTo: $row['return_to'],
        );
    }

    public function isDone(): bool
    {
        return $this->done >= $this->total;
    }
}
