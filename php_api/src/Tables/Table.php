<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/** A table with what is to be known about it, whatever the format. */
final class Table
{
    /**
     * @param string $name such as `points`; of the list of rows in JSON
     * @param non-empty-list<Column> $columns
     * @param array<string, mixed> $facts about the whole, of which JSON can be made
     * @param iterable<list<string|int|float|null>> $rows values in the order of the columns; read once
     */
    public function __construct(
        public readonly string $name,
        public readonly string $description,
        public readonly array $columns,
        public readonly array $facts,
        public readonly iterable $rows,
        /** VOTables describe it */
        public readonly ?LinkedCall $linked = null,
    ) {
    }
}
