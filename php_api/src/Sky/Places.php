<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Database\Database;
use CrowdSky\Measurements\Photometry;
use CrowdSky\Results\StackIndex;

/** Writes the columns that stacks are found by for those that were archived before there were such columns. */
final class Places
{
    private const BATCH = 500;

    public function __construct(private readonly Database $database)
    {
    }

    /** Costs one look into an index when there is nothing to do; every search begins with it. */
    public function complete(): void
    {
        while (($ids = $this->missing()) !== []) {
            set_time_limit(0);
            $this->database->transaction(function () use ($ids): void {
                array_map($this->write(...), $this->stacks($ids));
            });
        }
    }

    /** @return list<int> */
    private function missing(): array
    {
        // Nothing but the index is read: MariaDB would count rows that have just been written as still to be found.
        $rows = $this->database->all(sprintf(
            'SELECT id FROM stacked_frames WHERE sky_pixel = %d LIMIT %d',
            StackIndex::NOT_YET,
            self::BATCH,
        ));
        $ids = array_map('intval', array_column($rows, 'id'));
        sort($ids);

        return $ids;
    }

    /**
     * @param non-empty-list<int> $ids
     * @return list<array<string, mixed>>
     */
    private function stacks(array $ids): array
    {
        return $this->database->all(
            'SELECT s.id, s.ra_deg, s.dec_deg, s.chunk_key_hp, s.object_name, m.photometry
               FROM stacked_frames s LEFT JOIN stack_solutions m ON m.stack_id = s.id
              WHERE s.id IN (' . implode(', ', $ids) . ') ORDER BY s.id',
        );
    }

    /** @param array<string, mixed> $row */
    private function write(array $row): void
    {
        $number = static fn (string $column): ?float => $row[$column] === null ? null : (float) $row[$column];
        $columns = StackIndex::place($number('ra_deg'), $number('dec_deg'))
            + StackIndex::labels($row['chunk_key_hp'], $row['object_name'])
            + StackIndex::depth($row['photometry'] === null ? null : Photometry::fromStored($row['photometry']));
        $sets = implode(', ', array_map(static fn (string $column): string => "$column = :$column", array_keys($columns)));
        $this->database->execute(
            "UPDATE stacked_frames SET $sets WHERE id = :stack AND sky_pixel = " . StackIndex::NOT_YET,
            $columns + ['stack' => $row['id']],
        );
    }
}
