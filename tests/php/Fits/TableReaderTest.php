<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\TableReader;
use CrowdSky\Fits\UnreadableTable;
use CrowdSky\Storage\LocalStorage;
use PHPUnit\Framework\TestCase;

/** Tables that astropy_tables.py has written, and damaged ones. */
final class TableReaderTest extends TestCase
{
    private const FILE = __DIR__ . '/astropy_tables.fits';

    private string $folder;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/table-' . bin2hex(random_bytes(8));
        mkdir($this->folder);
    }

    protected function tearDown(): void
    {
        array_map(unlink(...), glob("{$this->folder}/*") ?: []);
        rmdir($this->folder);
    }

    /** @return iterable<string, array{string, list<mixed>}> */
    public static function columns(): iterable
    {
        yield 'integers of 64 bits, one of them TNULL' => ['id', [1, null, 2 ** 62]];
        yield 'integers of 16 bits' => ['SHORT', [-32768, 0, 32767]];
        yield 'integers of 32 bits, one of them TNULL' => ['LONG', [-(2 ** 31), null, 2 ** 31 - 1]];
        yield 'bytes' => ['BYTE', [0, 128, 255]];
        yield 'unsigned integers of 32 bits' => ['UNSIGNED', [0, 1, 2 ** 32 - 1]];
        yield 'unsigned integers of 64 bits' => ['BIG', [0, 1, 2 ** 62]];
        yield 'scaled integers' => ['SCALED', [10.0, 10.5, 9.0]];
        yield 'floats, one of them NaN' => ['SINGLE', [1.5, null, -0.25]];
        yield 'doubles, one of them NaN' => ['DOUBLE', [1 / 3, null, 1e300]];
        yield 'logicals' => ['FLAG', [true, false, true]];
        yield 'texts' => ['NAME', ['alpha', '', 'b cdefgh']];
        yield 'arrays' => ['PAIR', [[1.0, 2.0], [3.0, null], [5.0, 6.0]]];
        yield 'another spelling of a name' => ['sInGlE', [1.5, null, -0.25]];
    }

    /**
     * @param list<mixed> $values
     * @dataProvider columns
     */
    public function testColumnsHaveTheValuesThatWereWritten(string $name, array $values): void
    {
        self::assertSame($values, self::column(TableReader::inFile(self::FILE)['MANY'], $name));
        $stored = TableReader::stored(new LocalStorage(__DIR__), '/astropy_tables.fits', (int) filesize(self::FILE), 'many');
        self::assertNotNull($stored);
        self::assertSame($values, self::column($stored, $name));
    }

    public function testATableMayBeAbsentOrEmpty(): void
    {
        $tables = TableReader::inFile(self::FILE);

        self::assertSame(['MANY', 'EMPTY'], array_keys($tables));
        self::assertSame([], iterator_to_array($tables['EMPTY']->read(['X'])));
        self::assertNull(TableReader::stored(new LocalStorage(__DIR__), '/astropy_tables.fits', (int) filesize(self::FILE), 'STARS'));
    }

    /** @return iterable<string, array{string, string}> */
    public static function unreadable(): iterable
    {
        yield 'arrays of variable length' => ['LIST', 'variable lengths'];
        yield 'complex numbers' => ['COMPLEX', 'type C'];
        yield 'no such column' => ['FLUX', 'no column FLUX'];
    }

    /** @dataProvider unreadable */
    public function testOtherColumnsAreRefused(string $name, string $reason): void
    {
        $this->expectException(UnreadableTable::class);
        $this->expectExceptionMessage($reason);

        self::column(TableReader::inFile(self::FILE)['MANY'], $name);
    }

    public function testAnUnsignedIntegerThatDoesNotFitIsRefused(): void
    {
        $this->expectException(UnreadableTable::class);
        $this->expectExceptionMessage('BIG');

        self::column($this->changed("\xc0\0\0\0\0\0\0\0", "\x40\0\0\0\0\0\0\0")['MANY'], 'BIG');
    }

    /** @return iterable<string, array{string, string, string}> */
    public static function damages(): iterable
    {
        yield 'a format that nobody knows' => ["TFORM2  = 'I ", "TFORM2  = 'Z ", "TFORM2 = 'Z'"];
        yield 'rows of another width' => ["TFORM2  = 'I ", "TFORM2  = 'K ", 'do not fill its rows'];
        yield 'a compressed table' => ["EXTNAME = 'MANY    ' ", 'ZTABLE  =          T ', 'compressed'];
    }

    /** @dataProvider damages */
    public function testATableThatContradictsItselfIsRefused(string $from, string $to, string $reason): void
    {
        $this->expectException(UnreadableTable::class);
        $this->expectExceptionMessage($reason);

        $this->changed($from, $to);
    }

    public function testAFileThatEndsEarlyIsRefused(): void
    {
        $this->cutFile();
        $this->expectException(UnreadableTable::class);
        $this->expectExceptionMessage('not a whole FITS file');

        TableReader::inFile("{$this->folder}/cut.fits");
    }

    public function testAStoredTableThatEndsEarlyIsRefused(): void
    {
        $table = TableReader::stored(new LocalStorage($this->folder), '/cut.fits', $this->cutFile(), 'MANY');
        self::assertNotNull($table);
        $this->expectException(\RuntimeException::class);

        self::column($table, 'id');
    }

    /** Writes a file that ends in the first row of the table, and returns its size. */
    private function cutFile(): int
    {
        $whole = (string) file_get_contents(self::FILE);
        return (int) file_put_contents("{$this->folder}/cut.fits", substr($whole, 0, (int) strpos($whole, 'alpha')));
    }

    /** @return array<string, TableReader> */
    private function changed(string $from, string $to): array
    {
        $whole = (string) file_get_contents(self::FILE);
        self::assertSame(strlen($from), strlen($to));
        $at = strpos($whole, $from);
        self::assertNotFalse($at, 'the file has no such bytes');
        file_put_contents("{$this->folder}/changed.fits", substr_replace($whole, $to, $at, strlen($to)));
        return TableReader::inFile("{$this->folder}/changed.fits");
    }

    /** @return list<mixed> */
    private static function column(TableReader $table, string $name): array
    {
        return array_column(iterator_to_array($table->read([$name])), $name);
    }
}
