<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\FrameRefused;
use CrowdSky\Fits\HeaderReader;
use CrowdSky\Fits\SubFrame;
use PHPUnit\Framework\TestCase;

final class HeaderReaderTest extends TestCase
{
    private string $path;

    protected function setUp(): void
    {
        $this->path = (string) tempnam(sys_get_temp_dir(), 'fits');
    }

    protected function tearDown(): void
    {
        unlink($this->path);
    }

    public function testReadsTheFactsOfASub(): void
    {
        $sub = $this->read(FitsFile::bytes(['EQMODE' => '                   1']));

        self::assertSame('2025-03-27 01:20:32', $sub->dateObs->sql());
        self::assertSame(10.0, $sub->exposure);
        self::assertSame([193.04166, 40.970556], [$sub->position->ra, $sub->position->dec]);
        self::assertSame(['M 94', 'IRCUT', 'S50_1d3fe189'], [$sub->object, $sub->filter, $sub->telescope]);
        self::assertSame([64, 64, 16], [$sub->width, $sub->height, $sub->bitpix]);
        self::assertSame(['GRBG', 1, 80], [$sub->bayerPattern, $sub->eqMode, $sub->gain]);
    }

    public function testDayAndTimeMayBeInTwoCards(): void
    {
        $cards = ['DATE-OBS' => "'2025-03-27'", 'TIME-OBS' => "'01:20:32.9'"];

        self::assertSame('2025-03-27 01:20:32', $this->read(FitsFile::bytes($cards))->dateObs->sql());
    }

    public function testASilentHeaderGivesNulls(): void
    {
        $sub = $this->read(FitsFile::bytes(array_fill_keys(
            ['RA', 'DEC', 'FILTER', 'INSTRUME', 'BAYERPAT', 'GAIN', 'TELESCOP', 'OBJECT'],
            null
        )));

        self::assertNull($sub->position);
        self::assertNull($sub->object);
        self::assertNull($sub->eqMode);
    }

    /** @dataProvider strings */
    public function testReadsQuotedStrings(string $field, ?string $expected): void
    {
        self::assertSame($expected, $this->read(FitsFile::bytes(['OBJECT' => $field]))->object);
    }

    public static function strings(): array
    {
        return [
            'doubled quotes' => ["'Barnard''s Loop' / a comment", "Barnard's Loop"],
            'only quotes' => ["''''''", "''"],
            'not in column 11' => ["     'NGC 7000'", 'NGC 7000'],
            'slash inside' => ["'IC 1396/A'   / target", 'IC 1396/A'],
            'leading blanks' => ["'  M 31  '", 'M 31'],
            'empty' => ["'        '", null],
            'never closed' => ["'M 31", null],
            'not quoted' => ['M 31', null],
            'markup' => ["'<script>alert(1)</script>'", '<script>alert(1)</script>'],
            'not UTF-8' => ["'M\xff31'", 'M?31'],
        ];
    }

    /** @dataProvider coordinates */
    public function testReadsCoordinates(string $ra, string $dec, ?float $expectedRa, ?float $expectedDec): void
    {
        $position = $this->read(FitsFile::bytes(['RA' => $ra, 'DEC' => $dec]))->position;

        if ($expectedRa === null) {
            self::assertNull($position);

            return;
        }
        self::assertEqualsWithDelta($expectedRa, $position->ra, 1e-9);
        self::assertEqualsWithDelta($expectedDec, $position->dec, 1e-9);
    }

    public static function coordinates(): array
    {
        return [
            'D exponent' => ['1.9304166D+02', '4.0970556d1 / deg', 193.04166, 40.970556],
            'E exponent' => ['1.9304166E2', '-4.5e+1', 193.04166, -45.0],
            'sexagesimal' => ["'12:52:10.0'", "'+40:58:14.0'", 193.0416666666667, 40.9705555555556],
            'with blanks' => ["'12 52 10'", "'-00 30 00'", 193.0416666666667, -0.5],
            'with letters' => ["'12h52m10s'", "'40d58m14s'", 193.0416666666667, 40.9705555555556],
            'quoted degrees' => ["'193.5'", "'-10.25'", 193.5, -10.25],
            'below zero' => ['-0.03', '10.', 359.97, 10.0],
            'beyond a turn' => ['360.', '10.', 0.0, 10.0],
            'beyond the pole' => ['10.', '90.1', null, null],
            'sixty minutes' => ["'12:60:00'", "'10:00:00'", null, null],
            'infinite' => ['1E999', '10.', null, null],
            'words' => ["'unknown'", '10.', null, null],
        ];
    }

    public function testFindsCardsFarDownTheHeader(): void
    {
        $filler = [];
        for ($card = 0; $card < 34 * 36 - 1; $card++) {
            $filler[sprintf('K%07d', $card)] = "'filler'";
        }
        $last = ['SIMPLE' => str_repeat(' ', 19) . 'T', 'BITPIX' => '8', 'NAXIS' => '2', 'NAXIS1' => '64', 'NAXIS2' => '64']
            + $filler + ['DATE-OBS' => "'2025-03-27T01:20:32'", 'EXPTIME' => '10.'];

        $sub = $this->read(FitsFile::header($last) . FitsFile::padded(str_repeat("\x01", 4096), "\0"));

        self::assertSame('2025-03-27 01:20:32', $sub->dateObs->sql());
    }

    /** @dataProvider refused */
    public function testRefuses(string $reason, string $message, string $bytes): void
    {
        try {
            $this->read($bytes);
        } catch (FrameRefused $refusal) {
            self::assertSame($reason, $refusal->errorCode);
            self::assertStringContainsString($message, $refusal->getMessage());

            return;
        }
        self::fail("The file was accepted, but should be refused as {$reason}.");
    }

    public static function refused(): array
    {
        $sub = FitsFile::bytes();
        $huge = ['NAXIS1' => '200000', 'NAXIS2' => '200000'];
        $fpacked = FitsFile::header(['SIMPLE' => str_repeat(' ', 19) . 'T', 'BITPIX' => '16', 'NAXIS' => '0'])
            . FitsFile::header(['XTENSION' => "'BINTABLE'", 'BITPIX' => '8', 'NAXIS' => '2', 'ZIMAGE' => 'T']);

        return [
            'empty' => ['truncated', 'empty', ''],
            'gzip' => ['not_fits', 'gzip', (string) gzencode($sub)],
            'zip' => ['not_fits', 'zip', "PK\x03\x04" . $sub],
            'web page' => ['not_fits', 'web page', "\n<!DOCTYPE html><html>Not found</html>"],
            'picture' => ['not_fits', 'PNG', "\x89PNG\r\n\x1a\n"],
            'text' => ['not_fits', 'SIMPLE', 'hello'],
            'thirty bytes' => ['truncated', 'cut off', substr($sub, 0, 30)],
            'cut header' => ['truncated', 'cut off', substr($sub, 0, 2000)],
            'cut data' => ['size_mismatch', 'only 5000 bytes', substr($sub, 0, 2880 + 5000)],
            'data left over' => ['size_mismatch', '11520 bytes', $sub . str_repeat("\0", 2880)],
            'no END' => ['bad_header', 'END', str_replace('END ', 'ENT ', $sub)],
            'endless header' => ['bad_header', '36 blocks', self::endless()],
            'bomb of 6 KiB' => ['bad_header', '200000', FitsFile::bytes($huge, 2880)],
            'negative axis' => ['bad_header', 'NAXIS1', FitsFile::bytes(['NAXIS1' => '-64'])],
            'BITPIX' => ['bad_header', 'BITPIX', FitsFile::bytes(['BITPIX' => '12'])],
            'no NAXIS' => ['bad_header', 'NAXIS', FitsFile::bytes(['NAXIS' => null])],
            'cube' => ['not_a_raw_sub', 'stack', FitsFile::bytes(['NAXIS' => '3', 'NAXIS3' => '3'], 24576)],
            'no image' => ['not_a_raw_sub', 'no image', FitsFile::bytes(['NAXIS' => '0'], 0)],
            'tile-compressed' => ['compressed', 'funpack', $fpacked],
            'ZIMAGE' => ['compressed', 'funpack', FitsFile::bytes(['ZIMAGE' => '                   T'])],
            'no DATE-OBS' => ['no_date_obs', 'DATE-OBS', FitsFile::bytes(['DATE-OBS' => null])],
            'DATE-OBS now' => ['no_date_obs', '"now"', FitsFile::bytes(['DATE-OBS' => "'now'"])],
        ];
    }

    public function testADataPartWithoutPaddingIsAccepted(): void
    {
        self::assertSame(64, $this->read(substr(FitsFile::bytes(), 0, 2880 + 8192))->width);
    }

    private function read(string $bytes): SubFrame
    {
        file_put_contents($this->path, $bytes);

        return (new HeaderReader())->read($this->path);
    }

    private static function endless(): string
    {
        return str_pad(substr(FitsFile::bytes(), 0, 5 * 80), 40 * 2880);
    }
}
