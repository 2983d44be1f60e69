<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

/**
 * An entry in the list of the trash.
 */
final class TrashedObject
{
    private function __construct(
        public readonly int $id,
        /** where the file was */
        public readonly string $path,
        public readonly string $trashPath,
        public readonly string $reason,
        /** stored form */
        public readonly string $trashedAt,
    ) {
    }

    /** @param array<string, mixed> $row of trashed_objects */
    public static function fromRow(array $row): self
    {
        return new self((int) $row['id'], $row['path'], $row['trash_path'], $row['reason'], $row['trashed_at']);
    }
}
