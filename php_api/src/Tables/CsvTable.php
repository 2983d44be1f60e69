<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/** CSV (RFC 4180): the names of the columns, then the rows; what is unknown is empty. */
final class CsvTable implements TableFormat
{
    public function mediaType(): string
    {
        return 'text/csv; charset=utf-8';
    }

    public function extension(): string
    {
        return 'csv';
    }

    public function write(Table $table, \Closure $sink): void
    {
        $sink(self::line(array_map(static fn (Column $column): string => $column->name, $table->columns), "\r\n"));
        foreach ($table->rows as $row) {
            $sink(self::line($row, "\r\n"));
        }
    }

    /** @param list<string|int|float|null> $values */
    public static function line(array $values, string $end): string
    {
        return implode(',', array_map(self::cell(...), $values)) . $end;
    }

    private static function cell(string|int|float|null $value): string
    {
        return match (true) {
            $value === null => '',
            is_string($value) => preg_match('/[",\r\n]/', $value) === 1 ? '"' . str_replace('"', '""', $value) . '"' : $value,
            // All digits, and a point in every float.
            default => json_encode($value, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION),
        };
    }
}
