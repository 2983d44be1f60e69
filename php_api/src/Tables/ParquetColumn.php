<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/** The values of one column in one row group of Parquet: one data page (version 1), PLAIN, compressed where PHP can. */
final class ParquetColumn
{
    private const INT64 = 2;
    private const DOUBLE = 5;
    private const BYTE_ARRAY = 6;
    private const OPTIONAL = 1;
    private const UTF8 = 0;
    private const PLAIN = 0;
    private const RLE = 3;
    private const UNCOMPRESSED = 0;
    private const GZIP = 2;
    private const DATA_PAGE = 0;

    /** @param list<string|int|float|null> $values */
    private function __construct(private readonly Column $column, private readonly array $values)
    {
    }

    /**
     * @param list<string|int|float|null> $values at least one
     * @param int $offset of the column in the file
     * @return array{string, ThriftValue, int} its bytes, its ColumnChunk for the footer, and its length without compression
     */
    public static function chunk(Column $column, array $values, int $offset): array
    {
        return (new self($column, $values))->write($offset);
    }

    /** SchemaElement of a column. */
    public static function schema(Column $column): ThriftValue
    {
        $text = $column->type !== ColumnType::Text ? [] : [
            6 => ThriftValue::i32(self::UTF8),
            10 => ThriftValue::struct([1 => ThriftValue::struct([])]),
        ];

        return ThriftValue::struct([
            1 => ThriftValue::i32(self::physical($column->type)),
            3 => ThriftValue::i32(self::OPTIONAL),
            4 => ThriftValue::text($column->name),
        ] + $text);
    }

    /** @return array{string, ThriftValue, int} */
    private function write(int $offset): array
    {
        $page = $this->levels() . $this->plain();
        $canCompress = function_exists('gzencode');
        $stored = $canCompress ? (string) gzencode($page) : $page;
        $header = $this->pageHeader(strlen($page), strlen($stored));
        $codec = $canCompress ? self::GZIP : self::UNCOMPRESSED;
        $length = strlen($header) + strlen($page);
        $facts = ThriftValue::struct([
            1 => ThriftValue::i32(self::physical($this->column->type)),
            2 => ThriftValue::list([ThriftValue::i32(self::PLAIN), ThriftValue::i32(self::RLE)]),
            3 => ThriftValue::list([ThriftValue::text($this->column->name)]),
            4 => ThriftValue::i32($codec),
            5 => ThriftValue::i64(count($this->values)),
            6 => ThriftValue::i64($length),
            7 => ThriftValue::i64(strlen($header) + strlen($stored)),
            9 => ThriftValue::i64($offset),
        ]);

        return [$header . $stored, ThriftValue::struct([2 => ThriftValue::i64($offset), 3 => $facts]), $length];
    }

    private function pageHeader(int $length, int $stored): string
    {
        return ThriftValue::struct([
            1 => ThriftValue::i32(self::DATA_PAGE),
            2 => ThriftValue::i32($length),
            3 => ThriftValue::i32($stored),
            5 => ThriftValue::struct([
                1 => ThriftValue::i32(count($this->values)),
                2 => ThriftValue::i32(self::PLAIN),
                3 => ThriftValue::i32(self::RLE),
                4 => ThriftValue::i32(self::RLE),
            ]),
        ])->bytes;
    }

    /** Which values are known, as runs of ones and zeros. */
    private function levels(): string
    {
        $runs = '';
        $count = 0;
        $known = $this->values[0] !== null;
        foreach ($this->values as $value) {
            if (($value !== null) !== $known) {
                $runs .= ThriftValue::varint($count << 1) . chr((int) $known);
                [$known, $count] = [!$known, 0];
            }
            $count++;
        }
        $runs .= ThriftValue::varint($count << 1) . chr((int) $known);

        return pack('V', strlen($runs)) . $runs;
    }

    private function plain(): string
    {
        $known = array_values(array_filter($this->values, static fn (mixed $value): bool => $value !== null));

        return match ($this->column->type) {
            ColumnType::Real => pack('e*', ...array_map(floatval(...), $known)),
            ColumnType::Integer => pack('P*', ...array_map(intval(...), $known)),
            ColumnType::Text => implode('', array_map(static fn (mixed $text): string => pack('V', strlen((string) $text)) . $text, $known)),
        };
    }

    private static function physical(ColumnType $type): int
    {
        return match ($type) {
            ColumnType::Real => self::DOUBLE,
            ColumnType::Integer => self::INT64,
            ColumnType::Text => self::BYTE_ARRAY,
        };
    }
}
