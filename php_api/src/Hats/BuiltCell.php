<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

/** A partition as the database has it. */
final class BuiltCell
{
    private function __construct(
        public readonly HatsCell $cell,
        /** fingerprint of what it is to be built of; null when the partition is not wanted any more */
        public readonly ?string $wanted,
        /** fingerprint of what it was built of; null when it was not yet */
        public readonly ?string $built,
        public readonly bool $isPublished,
        /** @var array<string, array{sha256: string, size: int, rows: int, schema: array{sha256: string, size: int}}> its files by catalogue */
        public readonly array $files,
    ) {
    }

    /** @param array<string, mixed> $row of hats_cells */
    public static function fromRow(array $row): self
    {
        return new self(
            HatsCell::fromRow($row),
            $row['wanted'],
            $row['built'],
            (bool) $row['is_published'],
            $row['files'] === null ? [] : json_decode($row['files'], true, 4, JSON_THROW_ON_ERROR),
        );
    }

    /** @return list<string> hashes of all that belongs to it */
    public function objects(): array
    {
        return [...array_column($this->files, 'sha256'), ...array_column(array_column($this->files, 'schema'), 'sha256')];
    }
}
