<?php

declare(strict_types=1);

namespace CrowdSky\Database;

/**
 * Inserts many rows of one table with few statements. Call it inside a transaction, and flush() at its end.
 */
final class RowBatch
{
    /** Values of a statement: SQLite before 3.32 takes no more than 999. */
    private const MOST_VALUES = 999;

    /** @var list<mixed> */
    private array $values = [];
    private int $rows = 0;
    private readonly int $most;

    /** @param list<string> $columns */
    public function __construct(private readonly Database $database, private readonly string $table, private readonly array $columns)
    {
        $this->most = intdiv(self::MOST_VALUES, count($columns));
    }

    /** @param list<mixed> $values in the order of the columns */
    public function add(array $values): void
    {
        array_push($this->values, ...$values);
        if (++$this->rows === $this->most) {
            $this->flush();
        }
    }

    public function flush(): void
    {
        if ($this->rows === 0) {
            return;
        }
        $row = '(' . implode(', ', array_fill(0, count($this->columns), '?')) . ')';
        $sql = "INSERT INTO {$this->table} (" . implode(', ', $this->columns) . ') VALUES ' . implode(', ', array_fill(0, $this->rows, $row));
        $this->database->execute($sql, $this->values);
        [$this->values, $this->rows] = [[], 0];
    }
}
