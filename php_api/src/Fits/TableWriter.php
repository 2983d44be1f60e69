<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * Writes a FITS file of binary tables, row after row (FITS standard 4.0, section 7.3), in memory that does not grow.
 *
 * Unknown numbers are NaN, for which null may be given; integers have no unknown value here. Texts are in ASCII.
 */
final class TableWriter
{
    private const BLOCK = 2880;
    private const CARD = 80;
    /** Bytes of rows that are kept back, so that not every row is a write of its own. */
    private const PIECE = 256 << 10;
    /** Codes of pack(), big-endian as FITS wants it; negative numbers are packed by their two's complement. */
    private const CODES = ['L' => 'a', 'I' => 'n', 'J' => 'N', 'K' => 'J', 'E' => 'G', 'D' => 'E'];
    private const WIDTHS = ['L' => 1, 'I' => 2, 'J' => 4, 'K' => 8, 'E' => 4, 'D' => 8];

    private string $format = '';
    private string $types = '';
    private int $width = 0;
    private string $waiting = '';
    private int $rows = 0;
    /** where the value of NAXIS2 of the open table is; null when none is open */
    private ?int $countAt = null;

    /**
     * @param resource $stream where one can seek, such as a new file
     * @param array<string, bool|int|float|string|null>|null $cards of the primary header, of which a null is left out; null
     *     adds tables to a file that has one, at whose end the stream is
     */
    public function __construct(private readonly mixed $stream, ?array $cards = [])
    {
        if ($cards !== null) {
            $this->write(self::header(['SIMPLE' => true, 'BITPIX' => 8, 'NAXIS' => 0, 'EXTEND' => true] + $cards));
        }
    }

    /**
     * Begins a table, after the end of the one before.
     *
     * @param array<string, string> $columns format by name: L, I, J, K, E, D, or a number of characters and A
     */
    public function begin(string $name, array $columns): void
    {
        $this->end();
        [$this->format, $this->types, $this->width, $cards] = ['', '', 0, []];
        foreach (array_keys($columns) as $number => $column) {
            $form = $columns[$column];
            $isText = preg_match('/^([1-9]\d{0,3})A$/D', $form, $match) === 1;
            if (!$isText && !isset(self::CODES[$form])) {
                throw new \InvalidArgumentException("$column has the format $form, which is not written here");
            }
            $this->types .= $isText ? 'A' : $form;
            $this->format .= $isText ? "a$match[1]" : self::CODES[$form];
            $this->width += $isText ? (int) $match[1] : self::WIDTHS[$form];
            $cards['TTYPE' . ($number + 1)] = (string) $column;
            $cards['TFORM' . ($number + 1)] = $form;
        }
        $fixed = ['XTENSION' => 'BINTABLE', 'BITPIX' => 8, 'NAXIS' => 2, 'NAXIS1' => $this->width, 'NAXIS2' => 0, 'PCOUNT' => 0,
            'GCOUNT' => 1, 'TFIELDS' => count($columns), 'EXTNAME' => $name];
        $this->countAt = $this->position() + self::CARD * (int) array_search('NAXIS2', array_keys($fixed), true);
        $this->rows = 0;
        $this->write(self::header($fixed + $cards));
    }

    /** @param list<bool|int|float|string|null> $values in the order of the columns */
    public function row(array $values): void
    {
        foreach ($values as $at => $value) {
            if ($value === null) {
                $values[$at] = match ($this->types[$at]) {
                    'E', 'D' => NAN,
                    'A' => '',
                    default => throw new \InvalidArgumentException("Column $at has integers or logicals, of which none can be unknown"),
                };
            } elseif (is_bool($value)) {
                $values[$at] = $value ? 'T' : 'F';
            }
        }
        $this->waiting .= pack($this->format, ...$values);
        $this->rows++;
        if (strlen($this->waiting) >= self::PIECE) {
            $this->write($this->waiting);
            $this->waiting = '';
        }
    }

    /** Ends the open table, and with it the file so far. */
    public function end(): void
    {
        if ($this->countAt === null) {
            return;
        }
        $bytes = $this->rows * $this->width;
        $this->write($this->waiting . str_repeat("\0", (self::BLOCK - $bytes % self::BLOCK) % self::BLOCK));
        $this->waiting = '';
        fseek($this->stream, $this->countAt);
        $this->write(self::card('NAXIS2', $this->rows));
        fseek($this->stream, 0, SEEK_END);
        $this->countAt = null;
    }

    /** @param array<string, bool|int|float|string|null> $cards */
    private static function header(array $cards): string
    {
        $text = '';
        foreach ($cards as $name => $value) {
            $text .= $value === null ? '' : self::card($name, $value);
        }
        $text .= str_pad('END', self::CARD);
        return str_pad($text, (int) ceil(strlen($text) / self::BLOCK) * self::BLOCK);
    }

    private static function card(string $name, bool|int|float|string $value): string
    {
        $written = match (true) {
            is_bool($value) => sprintf('%20s', $value ? 'T' : 'F'),
            is_int($value) => sprintf('%20d', $value),
            is_float($value) && !is_finite($value) => throw new \InvalidArgumentException("$name is $value, which no header can have"),
            is_float($value) => sprintf('%20s', self::number($value)),
            default => "'" . str_pad(str_replace("'", "''", $value), 8) . "'",
        };
        if (strlen($written) > self::CARD - 10 || preg_match('/^[A-Z0-9_-]{1,8}$/D', $name) !== 1 || preg_match('/[^ -~]/', $written) === 1) {
            throw new \InvalidArgumentException("$name is no keyword with a text of at most 68 ASCII characters, or a number");
        }
        return str_pad(sprintf('%-8s= %s', $name, $written), self::CARD);
    }

    /** All digits of a number, and a decimal point, as FITS wants it in one that is not whole. */
    private static function number(float $value): string
    {
        $text = strtoupper(json_encode($value, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION));
        return str_contains($text, '.') ? $text : (str_contains($text, 'E') ? str_replace('E', '.0E', $text) : "$text.0");
    }

    private function position(): int
    {
        $at = ftell($this->stream);
        return $at === false ? throw new \RuntimeException('A table can only be written where one can seek') : $at;
    }

    private function write(string $bytes): void
    {
        if (@fwrite($this->stream, $bytes) !== strlen($bytes)) {
            throw new \RuntimeException('A table cannot be written; check the room on the disk of the data folder');
        }
    }
}
