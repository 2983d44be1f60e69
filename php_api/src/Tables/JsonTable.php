<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/** JSON: an object with the facts and, under the table's name, a list with an object for each row. */
final class JsonTable implements TableFormat
{
    private const FLAGS = JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE
        | JSON_PRESERVE_ZERO_FRACTION;
    /** Rows that are encoded together. */
    private const AT_ONCE = 100;

    public function mediaType(): string
    {
        return 'application/json';
    }

    public function extension(): string
    {
        return 'json';
    }

    public function write(Table $table, \Closure $sink): void
    {
        $names = array_map(static fn (Column $column): string => $column->name, $table->columns);
        $facts = $table->facts === [] ? '' : substr(json_encode($table->facts, self::FLAGS), 1, -1) . ',';
        $sink('{' . $facts . json_encode($table->name, self::FLAGS) . ':[');
        $between = '';
        foreach (self::batches($table->rows, $names) as $batch) {
            $sink($between . substr(json_encode($batch, self::FLAGS), 1, -1));
            $between = ',';
        }
        $sink(']}');
    }

    /**
     * @param iterable<list<string|int|float|null>> $rows
     * @param list<string> $names of the columns
     * @return \Generator<int, non-empty-list<array<string, string|int|float|null>>>
     */
    private static function batches(iterable $rows, array $names): \Generator
    {
        $batch = [];
        foreach ($rows as $row) {
            $batch[] = array_combine($names, $row);
            if (count($batch) === self::AT_ONCE) {
                yield $batch;
                $batch = [];
            }
        }
        if ($batch !== []) {
            yield $batch;
        }
    }
}
