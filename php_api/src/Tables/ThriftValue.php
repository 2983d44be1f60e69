<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/**
 * Structures in Thrift's compact protocol, as the footers and page headers of Parquet have them
 * (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
 *
 * A value is its kind and its bytes; a structure is made of values by the numbers of their fields, in rising order.
 */
final class ThriftValue
{
    private const I32 = 5;
    private const I64 = 6;
    private const BINARY = 8;
    private const LIST = 9;
    private const STRUCT = 12;
    private const SHORT_LIST = 15;

    private function __construct(public readonly int $kind, public readonly string $bytes)
    {
    }

    public static function i32(int $value): self
    {
        return new self(self::I32, self::zigzag($value));
    }

    public static function i64(int $value): self
    {
        return new self(self::I64, self::zigzag($value));
    }

    public static function text(string $value): self
    {
        return new self(self::BINARY, self::varint(strlen($value)) . $value);
    }

    /** @param non-empty-list<self> $values of one kind */
    public static function list(array $values): self
    {
        $count = count($values);
        $kind = $values[0]->kind;
        $start = $count < self::SHORT_LIST ? chr($count << 4 | $kind) : chr(self::SHORT_LIST << 4 | $kind) . self::varint($count);

        return new self(self::LIST, $start . implode('', array_map(static fn (self $value): string => $value->bytes, $values)));
    }

    /** A list of structures that has none. */
    public static function emptyList(): self
    {
        return new self(self::LIST, chr(self::STRUCT));
    }

    /** @param array<int, self> $fields by number, from 1 and at most 15 apart */
    public static function struct(array $fields): self
    {
        $bytes = '';
        $last = 0;
        foreach ($fields as $number => $value) {
            $bytes .= chr(($number - $last) << 4 | $value->kind) . $value->bytes;
            $last = $number;
        }

        return new self(self::STRUCT, "$bytes\0");
    }

    /** An unsigned number, seven bits a byte, the lowest first. */
    public static function varint(int $value): string
    {
        $bytes = '';
        while ($value > 0x7f) {
            $bytes .= chr($value & 0x7f | 0x80);
            $value >>= 7;
        }

        return $bytes . chr($value);
    }

    /** For the numbers of a file, which are never negative. */
    private static function zigzag(int $value): string
    {
        return self::varint($value << 1);
    }
}
