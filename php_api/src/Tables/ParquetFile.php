<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/**
 * Apache Parquet: a flat table whose columns may all have unknown values
 * (https://parquet.apache.org/docs/file-format/, and parquet.thrift of the format 2.10).
 *
 * The facts are its key-value metadata, as JSON where they are more than a text; `columns` has the units and
 * descriptions.
 */
final class ParquetFile implements TableFormat
{
    private const MAGIC = 'PAR1';
    private const VERSION = 1;
    private const ROWS_AT_ONCE = 10_000;
    private const FLAGS = JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE
        | JSON_PRESERVE_ZERO_FRACTION;

    public function mediaType(): string
    {
        return 'application/vnd.apache.parquet';
    }

    public function extension(): string
    {
        return 'parquet';
    }

    public function write(Table $table, \Closure $sink): void
    {
        $sink(self::MAGIC);
        $offset = strlen(self::MAGIC);
        [$groups, $total, $rows] = [[], 0, []];
        foreach ($table->rows as $row) {
            $rows[] = $row;
            if (count($rows) === self::ROWS_AT_ONCE) {
                $groups[] = self::group($table->columns, $rows, $offset, $sink);
                [$total, $rows] = [$total + count($rows), []];
            }
        }
        if ($rows !== []) {
            $groups[] = self::group($table->columns, $rows, $offset, $sink);
        }
        $footer = self::footer($table, $groups, $total + count($rows));
        $sink($footer . pack('V', strlen($footer)) . self::MAGIC);
    }

    /**
     * @param non-empty-list<Column> $columns
     * @param non-empty-list<list<string|int|float|null>> $rows
     * @param int $offset in the file; moves on
     */
    private static function group(array $columns, array $rows, int &$offset, \Closure $sink): ThriftValue
    {
        [$chunks, $bytes] = [[], 0];
        foreach ($columns as $place => $column) {
            [$data, $chunk, $length] = ParquetColumn::chunk($column, array_column($rows, $place), $offset);
            $sink($data);
            $offset += strlen($data);
            $bytes += $length;
            $chunks[] = $chunk;
        }

        return ThriftValue::struct([1 => ThriftValue::list($chunks), 2 => ThriftValue::i64($bytes), 3 => ThriftValue::i64(count($rows))]);
    }

    /** @param list<ThriftValue> $groups */
    private static function footer(Table $table, array $groups, int $rows): string
    {
        $root = ThriftValue::struct([4 => ThriftValue::text('schema'), 5 => ThriftValue::i32(count($table->columns))]);

        return ThriftValue::struct([
            1 => ThriftValue::i32(self::VERSION),
            2 => ThriftValue::list([$root, ...array_map(ParquetColumn::schema(...), $table->columns)]),
            3 => ThriftValue::i64($rows),
            4 => $groups === [] ? ThriftValue::emptyList() : ThriftValue::list($groups),
            5 => ThriftValue::list(self::facts($table)),
            6 => ThriftValue::text('CrowdSky'),
        ])->bytes;
    }

    /** @return non-empty-list<ThriftValue> KeyValue of each fact */
    private static function facts(Table $table): array
    {
        $columns = array_map(static fn (Column $column): array => array_filter([
            'name' => $column->name,
            'unit' => $column->unit,
            'ucd' => $column->ucd,
            'description' => $column->description,
        ]), $table->columns);
        $pairs = [];
        foreach ($table->facts + ['description' => $table->description, 'columns' => $columns] as $name => $fact) {
            $text = is_string($fact) ? $fact : json_encode($fact, self::FLAGS);
            $pairs[] = ThriftValue::struct([1 => ThriftValue::text($name), 2 => ThriftValue::text($text)]);
        }

        return $pairs;
    }
}
