<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * One column of a binary table: where its bytes are in a row, and what they mean (FITS standard 4.0, section 7.3).
 *
 * A value is null where the table says that there is none: TNULL of integers, NaN of floating point, a zero byte of
 * logicals.
 */
final class TableColumn
{
    /** Bytes of one element; those of X are bits. */
    private const WIDTHS = [
        'L' => 1, 'X' => 0, 'B' => 1, 'A' => 1, 'I' => 2, 'J' => 4, 'E' => 4, 'K' => 8, 'D' => 8, 'C' => 8, 'P' => 8, 'M' => 16, 'Q' => 16,
    ];
    /** Codes of unpack() and sign bits of integers; unpack() knows no signed big-endian numbers. */
    private const INTEGERS = ['B' => ['C', 0], 'I' => ['n', 1 << 15], 'J' => ['N', 1 << 31], 'K' => ['J', 0]];
    private const FLOATS = ['E' => 'G', 'D' => 'E'];
    private const FORM = '/^ *([0-9]{0,7})([A-Z])/';

    private function __construct(
        public readonly string $name,
        /** bytes before it in a row */
        public readonly int $offset,
        /** its bytes in a row */
        public readonly int $width,
        public readonly int $repeat,
        public readonly string $type,
        public readonly float $scale,
        public readonly float $zero,
        public readonly ?int $null,
        /** why its values cannot be read; null when they can */
        public readonly ?string $problem,
    ) {
    }

    /**
     * @param int $number counted from 1
     * @throws UnreadableTable when its width in the row is not known
     */
    public static function of(HeaderCards $header, int $number, int $offset): self
    {
        $form = $header->text("TFORM$number") ?? '';
        if (preg_match(self::FORM, $form, $match) !== 1 || !isset(self::WIDTHS[$match[2]])) {
            throw new UnreadableTable("TFORM$number = '$form' is no format of a binary table");
        }
        $repeat = $match[1] === '' ? 1 : (int) $match[1];
        $type = $match[2];
        $null = self::nullOf($header, $number);

        return new self(
            name: $header->text("TTYPE$number") ?? "col$number",
            offset: $offset,
            width: $type === 'X' ? intdiv($repeat + 7, 8) : $repeat * self::WIDTHS[$type],
            repeat: $repeat,
            type: $type,
            scale: $header->number("TSCAL$number") ?? 1.0,
            zero: $header->number("TZERO$number") ?? 0.0,
            null: $null,
            problem: match (true) {
                $type === 'P' || $type === 'Q' => "its arrays have variable lengths (TFORM$number = '$form')",
                $type === 'X' || $type === 'C' || $type === 'M' => "values of the type $type are not read (TFORM$number = '$form')",
                $header->isNoNumber("TSCAL$number") => "TSCAL$number is no number",
                $header->isNoNumber("TZERO$number") => "TZERO$number is no number",
                isset(self::INTEGERS[$type]) && $header->has("TNULL$number") && $null === null => "TNULL$number is no integer",
                default => null,
            },
        );
    }

    /** @throws UnreadableTable when its values cannot be read */
    public function requireReadable(): void
    {
        if ($this->problem !== null) {
            throw new UnreadableTable("the column {$this->name} cannot be read: {$this->problem}");
        }
    }

    /** The code by which unpack() gets its value out of a row; null where that takes more: see value(). */
    public function code(): ?string
    {
        $code = $this->type === 'L' ? 'a' : self::FLOATS[$this->type] ?? self::INTEGERS[$this->type][0] ?? null;
        return $this->repeat === 1 ? $code : null;
    }

    /** What value() gives, from what unpack() has found by code(). */
    public function meaning(int|float|string $stored): bool|int|float|null
    {
        return match (true) {
            is_float($stored) => $this->float($stored),
            is_int($stored) => $this->integer($stored),
            default => self::logical($stored),
        };
    }

    /**
     * @param string $row bytes of a whole row
     * @return bool|int|float|string|null|list<bool|int|float|null> a list unless there is one element, or it is text
     * @throws UnreadableTable for an unsigned integer that does not fit
     */
    public function value(string $row): bool|int|float|string|array|null
    {
        $bytes = substr($row, $this->offset, $this->width);
        $values = match (true) {
            $this->type === 'A' => self::text($bytes),
            $this->type === 'L' => array_map(self::logical(...), $bytes === '' ? [] : str_split($bytes)),
            isset(self::FLOATS[$this->type]) => array_map($this->float(...), $this->unpacked(self::FLOATS[$this->type], $bytes)),
            default => array_map($this->integer(...), $this->unpacked(self::INTEGERS[$this->type][0], $bytes)),
        };

        return is_array($values) && $this->repeat === 1 ? $values[0] : $values;
    }

    /** @return list<int|float> */
    private function unpacked(string $code, string $bytes): array
    {
        return $bytes === '' ? [] : array_values((array) unpack("$code*", $bytes));
    }

    /** Text ends at its first zero byte, and blanks at its end do not count. */
    private static function text(string $bytes): string
    {
        return rtrim(explode("\0", $bytes, 2)[0], ' ');
    }

    private static function logical(string $byte): ?bool
    {
        return ['T' => true, 'F' => false][$byte] ?? null;
    }

    private function float(float $stored): ?float
    {
        return is_nan($stored) ? null : $stored * $this->scale + $this->zero;
    }

    private function integer(int $stored): int|float|null
    {
        $sign = self::INTEGERS[$this->type][1];
        $value = ($stored ^ $sign) - $sign;
        return match (true) {
            $value === $this->null => null,
            $this->scale !== 1.0 => $value * $this->scale + $this->zero,
            $this->type === 'K' && $this->zero === 2.0 ** 63 => $this->unsigned($value),
            $this->zero === floor($this->zero) && abs($this->zero) < 2.0 ** 53 => $value + (int) $this->zero,
            default => $value + $this->zero,
        };
    }

    private function unsigned(int $value): int
    {
        return $value < 0
            ? $value & PHP_INT_MAX
            : throw new UnreadableTable("the column {$this->name} cannot be read: a value is beyond " . PHP_INT_MAX);
    }

    /** TNULL, which may be the smallest integer of 64 bits. */
    private static function nullOf(HeaderCards $header, int $number): ?int
    {
        $isSmallest = $header->number("TNULL$number") === (float) PHP_INT_MIN;
        return $header->integer("TNULL$number") ?? ($isSmallest ? PHP_INT_MIN : null);
    }
}
