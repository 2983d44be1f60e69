<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StoredBytes;

/**
 * Reads columns of a binary table, row by row, of a stored file or of one on this disk. It holds a piece of the table at
 * a time, whatever its length.
 *
 * Names of columns are the same in capitals and in lower case. Columns that nobody asks for may have any format.
 */
final class TableReader
{
    /** Bytes that are read at once, and most bytes of a row. */
    private const PIECE = 1 << 18;
    private const MAX_COLUMNS = 999;

    /**
     * @param array<string, TableColumn> $columns by name in capitals
     * @param \Closure(int, int): string $bytes of the file, from an offset and of a length
     */
    private function __construct(
        public readonly string $name,
        public readonly int $rows,
        private readonly int $rowBytes,
        private readonly array $columns,
        private readonly StoredHeader $header,
        private readonly \Closure $bytes,
    ) {
    }

    /**
     * @param int $size of the file in bytes
     * @param string $name EXTNAME
     * @return self|null null when the file has no such table
     * @throws UnreadableTable
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function stored(ObjectStorage $storage, string $path, int $size, string $name): ?self
    {
        foreach (StoredHeader::each($storage, $path, $size) as $header) {
            if ($header->hdu->name() === strtoupper($name)) {
                return self::ofStored($storage, $path, $header);
            }
        }
        return null;
    }

    /**
     * @param StoredHeader $header of the table, from the file at $path
     * @throws UnreadableTable
     */
    public static function ofStored(ObjectStorage $storage, string $path, StoredHeader $header): self
    {
        return self::of($header, static fn (int $offset, int $length): string => StoredBytes::of($storage, $path, $offset, $length));
    }

    /**
     * All tables of a file on this disk, by name.
     *
     * @param string $path of a file that nobody changes meanwhile
     * @return array<string, self>
     * @throws UnreadableTable also when the file is no whole FITS file
     */
    public static function inFile(string $path): array
    {
        $bytes = static function (int $offset, int $length) use ($path): string {
            $part = $length < 1 ? '' : file_get_contents($path, false, null, $offset, $length);
            return $part === false ? throw new \RuntimeException("Could not read $path") : $part;
        };
        $size = filesize($path);
        $headers = StoredHeader::eachOf($bytes, $size === false ? 0 : $size);
        $tables = [];
        foreach ($headers as $header) {
            if ($header->hdu->isTable()) {
                $tables[$header->hdu->name()] ??= self::of($header, $bytes);
            }
        }
        if ($size === 0 || $headers->getReturn() !== $size) {
            throw new UnreadableTable('it is not a whole FITS file');
        }
        return $tables;
    }

    public function has(string $column): bool
    {
        return isset($this->columns[strtoupper($column)]);
    }

    /** Cards of the table's header. */
    public function cards(): HeaderCards
    {
        return HeaderCards::of($this->header->cards);
    }

    /**
     * @param list<string> $columns that the table must have
     * @return \Generator<int, array<string, mixed>> values by the names as they were asked for; see TableColumn
     * @throws UnreadableTable when a column is missing or cannot be read, or the file ends in the table
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function read(array $columns): \Generator
    {
        $wanted = [];
        foreach ($columns as $name) {
            $wanted[$name] = $this->columns[strtoupper($name)] ?? throw new UnreadableTable("the table {$this->name} has no column $name");
            $wanted[$name]->requireReadable();
        }
        // One unpack() for a row is much faster than one for each value.
        $codes = array_filter(array_map(static fn (TableColumn $column): ?string => $column->code(), $wanted));
        $format = implode('/', array_map(
            static fn (string $name, string $code): string => "@{$wanted[$name]->offset}/$code$name",
            array_keys($codes),
            $codes,
        ));
        $atOnce = intdiv(self::PIECE, $this->rowBytes);
        for ($first = 0; $first < $this->rows; $first += $atOnce) {
            $length = min($atOnce, $this->rows - $first) * $this->rowBytes;
            $piece = ($this->bytes)($this->header->dataStart + $first * $this->rowBytes, $length);
            if (strlen($piece) !== $length) {
                throw new UnreadableTable("the file ends within the table {$this->name}");
            }
            foreach (str_split($piece, $this->rowBytes) as $row) {
                $stored = $format === '' ? [] : (array) unpack($format, $row);
                $values = [];
                foreach ($wanted as $name => $column) {
                    $values[$name] = isset($codes[$name]) ? $column->meaning($stored[$name]) : $column->value($row);
                }
                yield $values;
            }
        }
    }

    /** @param \Closure(int, int): string $bytes */
    private static function of(StoredHeader $header, \Closure $bytes): self
    {
        $cards = HeaderCards::of($header->cards);
        $name = $header->hdu->name();
        try {
            [$columns, $width] = self::columnsOf($cards);
        } catch (UnreadableTable $error) {
            throw new UnreadableTable("the table $name cannot be read: {$error->getMessage()}", previous: $error);
        }
        $rows = $cards->integer('NAXIS2') ?? -1;
        $problem = match (true) {
            !$header->hdu->isTable() => 'it is no binary table',
            $cards->logical('ZTABLE') === true => 'it is compressed',
            $width < 1 || $cards->integer('NAXIS1') !== $width => 'the formats of its columns do not fill its rows',
            $width > self::PIECE => "its rows have $width bytes",
            $rows < 0 || $rows * $width > $header->dataBytes => 'it has fewer bytes than rows',
            default => null,
        };
        if ($problem !== null) {
            throw new UnreadableTable("the table $name cannot be read: $problem");
        }
        return new self($name, $rows, $width, $columns, $header, $bytes);
    }

    /** @return array{array<string, TableColumn>, int} columns by name in capitals, the first of a name; and bytes of a row */
    private static function columnsOf(HeaderCards $cards): array
    {
        $count = $cards->integer('TFIELDS') ?? 0;
        if ($count > self::MAX_COLUMNS) {
            throw new UnreadableTable("it has $count columns");
        }
        [$columns, $width] = [[], 0];
        for ($number = 1; $number <= $count; $number++) {
            $column = TableColumn::of($cards, $number, $width);
            $columns[strtoupper($column->name)] ??= $column;
            $width += $column->width;
        }
        return [$columns, $width];
    }
}
