<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\PublicFrame;
use PHPUnit\Framework\TestCase;

final class PublicFrameTest extends TestCase
{
    private const PRIMARY = ['SIMPLE  =                    T', 'BITPIX  =                    8', 'NAXIS   =                    1', 'NAXIS1  =                   10'];
    private const TABLE = [
        "XTENSION= 'BINTABLE'", 'BITPIX  = 8', 'NAXIS   = 2', 'NAXIS1  = 4', 'NAXIS2  = 2', 'PCOUNT  = 3', 'GCOUNT  = 1',
        "EXTNAME = 'GPS 48.1'", "TTYPE1  = 'lat 48.1'", 'SITELAT = 48.1',
    ];

    public function testHeadersAreCleanedAndPixelsStay(): void
    {
        $file = self::header([...self::PRIMARY, 'SITELAT = 48.1', 'EXPTIME = 10. / at 48.1']) . self::data('0123456789', 'x');

        $copy = self::copy($file);

        self::assertSame(strlen($file), strlen($copy));
        self::assertSame(self::data('0123456789', "\0"), substr($copy, 2880));
        self::assertStringContainsString('EXPTIME =                  10.', $copy);
        self::assertStringNotContainsString('48.1', $copy);
    }

    public function testOfExtensionsOnlyTheStructureStays(): void
    {
        $file = self::header(self::PRIMARY) . self::data('0123456789') . self::header(self::TABLE) . self::data('48.1371,abc');

        $copy = self::copy($file);

        self::assertSame(strlen($file), strlen($copy));
        self::assertStringContainsString("XTENSION= 'BINTABLE'", $copy);
        self::assertSame(str_repeat("\0", 2880), substr($copy, -2880));
        self::assertStringNotContainsString('48.1', $copy);
    }

    /** @dataProvider tails */
    public function testWhatCannotBeReadAsAPartIsLeftOut(string $tail): void
    {
        $file = self::header(self::PRIMARY) . self::data('0123456789');

        self::assertSame(strlen($file), strlen(self::copy($file . $tail)));
    }

    /** @return iterable<string, array{string}> */
    public static function tails(): iterable
    {
        yield 'text behind the last part' => ['lat 48.1'];
        yield 'a block of text' => [str_pad('lat 48.1', 2880)];
        yield 'an unknown kind of part' => [self::header(["XTENSION= '48.1'", 'BITPIX  = 8', 'NAXIS   = 0'])];
        yield 'a part of no size' => [self::header(["XTENSION= 'IMAGE'", 'BITPIX  = 8', 'NAXIS   = 1'])];
        yield 'a header without end' => [str_pad("XTENSION= 'IMAGE'", 40 * 2880)];
    }

    public function testEveryRangeIsOneOfTheCopy(): void
    {
        $file = self::header(self::PRIMARY) . self::data('0123456789', 'x') . self::header(self::TABLE) . self::data('48.1371,abc');
        $whole = self::copy($file);

        foreach ([[0, 1], [79, 3000], [2880, 20], [2885, 2880], [5759, 2], [0, 99999], [strlen($file) - 1, 5]] as [$offset, $length]) {
            self::assertSame(substr($whole, $offset, $length), self::copy($file, $offset, $length));
        }
    }

    public function testAFileThatIsNoFitsIsSentAsItIs(): void
    {
        self::assertSame('anything', self::copy('anything'));
    }

    private static function copy(string $file, int $offset = 0, ?int $length = null): string
    {
        $stream = fopen('php://temp', 'w+b');
        fwrite($stream, $file);
        $copy = PublicFrame::of($stream);
        $read = '';
        $copy->read($offset, $length ?? $copy->size(), static function (string $piece) use (&$read): void {
            $read .= $piece;
        });
        return $read;
    }

    /** @param list<string> $cards */
    private static function header(array $cards): string
    {
        $text = implode('', array_map(static fn (string $card): string => str_pad($card, 80), [...$cards, 'END']));
        return str_pad($text, (int) ceil(strlen($text) / 2880) * 2880);
    }

    private static function data(string $bytes, string $padding = "\0"): string
    {
        return str_pad($bytes, 2880, $padding);
    }
}
