<?php

declare(strict_types=1);

namespace CrowdSky\Database;

/**
 * The different values of an indexed column, each found behind the one before by the index: what that takes is a matter of
 * how many there are and not of the number of rows.
 */
final class DistinctValues
{
    /**
     * @param string $table name of a table of ours, as $column is that of its first column in an index
     * @return list<string> in their order, without NULL; the first $most
     */
    public static function of(Database $database, string $table, string $column, int $most): array
    {
        // MariaDB skips from value to value by itself, and could not in a recursive query; SQLite could only there.
        return $database->column($database->engine === Engine::MariaDb
            ? "SELECT $column FROM $table WHERE $column > '' GROUP BY $column ORDER BY $column LIMIT $most"
            : "WITH RECURSIVE known (value, n) AS (
                SELECT (SELECT MIN($column) FROM $table), 1
                UNION ALL SELECT (SELECT MIN($column) FROM $table WHERE $column > value), n + 1 FROM known WHERE value IS NOT NULL AND n < $most
             ) SELECT value FROM known WHERE value IS NOT NULL");
    }
}
