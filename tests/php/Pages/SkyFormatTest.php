<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages;

use CrowdSky\Http\Language;
use CrowdSky\Measurements\Photometry;
use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\Texts;
use PHPUnit\Framework\TestCase;

final class SkyFormatTest extends TestCase
{
    public function testDays(): void
    {
        self::assertSame('1 Jan 1970', SkyFormat::day(self::english(), 40587.99999));
        self::assertSame('2 Jul 2026', SkyFormat::day(self::english(), 61223.0));
        self::assertSame('–', SkyFormat::day(self::english(), null));
    }

    /** @dataProvider positions */
    public function testSexagesimal(float $ra, float $dec, string $hours, string $degrees): void
    {
        self::assertSame($hours, SkyFormat::rightAscension(self::english(), $ra));
        self::assertSame($degrees, SkyFormat::declination($dec));
    }

    /** @return array<string, array{float, float, string, string}> */
    public static function positions(): array
    {
        return [
            'M 94' => [192.721450, 41.120150, '12h 50m 53.1s', '+41° 07′ 13″'],
            'south of the equator' => [0.0, -0.5, '00h 00m 00.0s', '−00° 30′ 00″'],
            'rounded up to the next hour' => [14.99999999, 59.99999999, '01h 00m 00.0s', '+60° 00′ 00″'],
            'rounded up to a full turn' => [359.99999999, 90.0, '00h 00m 00.0s', '+90° 00′ 00″'],
            'no sign for nothing' => [360.0, -0.00001, '00h 00m 00.0s', '+00° 00′ 00″'],
        ];
    }

    public function testNumbersWithTheirUnits(): void
    {
        self::assertSame('21.02 mag', SkyFormat::number(self::english(), 21.0201, 2, 'mag'));
        self::assertSame('2.370″/px', SkyFormat::number(self::english(), 2.37, 3, '″/px'));
        self::assertSame('7.7', SkyFormat::number(self::english(), 7.69, 1));
        self::assertSame('–', SkyFormat::number(self::english(), null, 1, 'mag'));
    }

    public function testSkyBrightnessIsABoundWithoutTheCameraOffset(): void
    {
        $text = static fn (array $numbers): string => SkyFormat::skyBrightness(self::english(), Photometry::fromStored(json_encode(['numbers' => $numbers, 'catalogue' => null])));

        self::assertSame('17.4 mag/arcsec² or darker (camera offset not known)', $text(['sky_mag_arcsec2' => 17.43, 'bortle' => 9]));
        self::assertSame('19.85 mag/arcsec², Bortle class 5', $text(['sky_mag_arcsec2' => 19.85, 'bortle' => 5, 'camera_offset_adu' => 0]));
        self::assertSame('19.85 mag/arcsec²', $text(['sky_mag_arcsec2' => 19.85, 'camera_offset_adu' => 250.5]));
        self::assertSame('–', $text(['camera_offset_adu' => 250.5]));
    }

    public function testGermanHasACommaAndItsMonths(): void
    {
        $german = new Texts(Language::German);

        self::assertSame('2. Juli 2026', SkyFormat::day($german, 61223.0));
        self::assertSame('12h 50m 53,1s', SkyFormat::rightAscension($german, 192.721450));
        self::assertSame('−0,10 mag', strtr(SkyFormat::signed($german, -0.1, 2, 'mag'), ['-' => '−']));
        self::assertSame('0,451 ± 0,003 mag', SkyFormat::withError($german, 0.451, 0.003, 3, 'mag'));
        self::assertSame('8,8″', SkyFormat::number($german, 8.81, 1, '″'));
        self::assertSame('4,1° × 2,8°', SkyFormat::field($german, 4.1, 2.8));
    }

    public function testFieldsInTheUnitThatReadsBest(): void
    {
        self::assertSame('42.7′ × 75.8′', SkyFormat::field(self::english(), 0.711, 1.264));
        self::assertSame('4.1° × 2.8°', SkyFormat::field(self::english(), 4.1, 2.8));
    }

    private static function english(): Texts
    {
        return new Texts(Language::English);
    }
}
