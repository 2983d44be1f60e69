<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\FitsOutline;
use CrowdSky\Fits\StackHeader;
use PHPUnit\Framework\TestCase;

final class FitsOutlineTest extends TestCase
{
    public function testAcceptsAWholeFileHoweverItIsCutIntoPieces(): void
    {
        $file = StackFile::primary() . StackFile::image('RED', 100, 50) . StackFile::image('Green', 7, 1) . StackFile::image('BLUE', 2880, 1);

        foreach ([1, 79, 80, 2879, 2880, 2881, 1 << 20] as $piece) {
            self::assertNull(self::problem($file, $piece), "in pieces of $piece bytes");
        }
    }

    /** @dataProvider flawedFiles */
    public function testNamesWhatIsWrong(string $file, string $words): void
    {
        self::assertStringContainsString($words, (string) self::problem($file, 1000));
    }

    /** @return iterable<string, array{string, string}> */
    public static function flawedFiles(): iterable
    {
        $good = StackFile::primary() . StackFile::planes();
        yield 'empty' => ['', 'not a whole FITS file'];
        yield 'a page' => [str_pad('<html>', 2880), 'does not start as a FITS file'];
        yield 'a short page' => ['<html>', 'not a whole FITS file'];
        yield 'cut in data' => [substr($good, 0, -1), 'not a whole FITS file'];
        yield 'cut in a header' => [substr($good, 0, 2880 * 2 - 100), 'not a whole FITS file'];
        yield 'more behind it' => [$good . str_repeat("\0", 2880), 'do not follow each other'];
        yield 'a bomb' => [StackFile::header(['SIMPLE' => 'T', 'BITPIX' => '64', 'NAXIS' => '3', 'NAXIS1' => '9999999', 'NAXIS2' => '9999999', 'NAXIS3' => '9999999']), 'does not describe its data'];
        yield 'a negative axis' => [StackFile::header(['SIMPLE' => 'T', 'BITPIX' => '16', 'NAXIS' => '1', 'NAXIS1' => '-5']), 'does not describe its data'];
        foreach (['9999999999999', '99999999999999999999', '1000', '-1'] as $axes) {
            yield "$axes axes" => [StackFile::header(['SIMPLE' => 'T', 'BITPIX' => '8', 'NAXIS' => $axes]), 'does not describe its data'];
        }
        yield 'infinitely many times none' => [StackFile::header(['SIMPLE' => 'T', 'BITPIX' => '8', 'NAXIS' => '40', 'GCOUNT' => '0'] + self::hugeAxes(40)), 'does not describe its data'];
        yield 'no axes' => [StackFile::header(['SIMPLE' => 'T', 'BITPIX' => '16']), 'does not describe its data'];
        yield 'odd numbers' => [StackFile::header(['SIMPLE' => 'T', 'BITPIX' => '17', 'NAXIS' => '0']), 'does not describe its data'];
        yield 'no END' => [self::endless(), 'one of its headers does not end'];
        yield 'many parts' => [StackFile::primary() . str_repeat(StackFile::image('X', 0, 0), 70), 'more than 64 parts'];
    }

    private static function problem(string $file, int $piece): ?string
    {
        $outline = new FitsOutline();
        foreach ($file === '' ? [] : str_split($file, $piece) as $part) {
            $outline->feed($part);
        }
        return $outline->problem();
    }

    public function testReadsSkyAndNoiseOfThePrimaryHeaderOnly(): void
    {
        $primary = StackFile::header(['SIMPLE' => 'T', 'BITPIX' => '8', 'NAXIS' => '0', 'SKYLVLR' => '850.5', 'SKYLVLB' => "'none'", 'SKYRMSG' => '2.5E1']);
        $plane = StackFile::header(['XTENSION' => "'IMAGE   '", 'BITPIX' => '8', 'NAXIS' => '0', 'SKYLVLG' => '7.0', 'SITELAT' => '48.1']);

        $header = self::read($primary . $plane);

        self::assertSame([['R' => 850.5], ['G' => 25.0]], [$header->sky(), $header->noise()]);
    }

    public function testALevelThatIsNoFiniteNumberIsNotTold(): void
    {
        $header = self::read(StackFile::header(['SIMPLE' => 'T', 'BITPIX' => '8', 'NAXIS' => '0', 'SKYLVLR' => '1E999', 'SKYLVLG' => '-1D400', 'SKYRMSB' => 'NaN']));

        self::assertSame([[], []], [$header->sky(), $header->noise()]);
    }

    private static function read(string $file): StackHeader
    {
        $outline = new FitsOutline();
        array_map($outline->feed(...), str_split($file, 1000));
        return $outline->primary();
    }

    /** @return array<string, string> axes whose product no float can hold */
    private static function hugeAxes(int $count): array
    {
        $axes = [];
        for ($axis = 1; $axis <= $count; $axis++) {
            $axes["NAXIS$axis"] = '999999999999999999';
        }
        return $axes;
    }

    private static function endless(): string
    {
        return str_pad('SIMPLE  =                    T', 2880) . str_repeat(str_pad('COMMENT', 80), 36 * 600);
    }
}
