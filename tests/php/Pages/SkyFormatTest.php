<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages;

use CrowdSky\Measurements\Photometry;
use CrowdSky\Pages\SkyFormat;
use PHPUnit\Framework\TestCase;

final class SkyFormatTest extends TestCase
{
    public function testDays(): void
    {
        self::assertSame('1 Jan 1970', SkyFormat::day(40587.99999));
        self::assertSame('2 Jul 2026', SkyFormat::day(61223.0));
        self::assertSame('–', SkyFormat::day(null));
    }

    /** @dataProvider positions */
    public function testSexagesimal(float $ra, float $dec, string $hours, string $degrees): void
    {
        self::assertSame($hours, SkyFormat::rightAscension($ra));
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
        self::assertSame('21.02 mag', SkyFormat::number(21.0201, 2, 'mag'));
        self::assertSame('2.370″/px', SkyFormat::number(2.37, 3, '″/px'));
        self::assertSame('7.7', SkyFormat::number(7.69, 1));
        self::assertSame('–', SkyFormat::number(null, 1, 'mag'));
    }

    public function testSkyBrightnessIsABoundWithoutTheCameraOffset(): void
    {
        $text = static fn (array $numbers): string => SkyFormat::skyBrightness(Photometry::fromStored(json_encode(['numbers' => $numbers, 'catalogue' => null])));

        self::assertSame('17.4 mag/arcsec² or darker (camera offset not known)', $text(['sky_mag_arcsec2' => 17.43, 'bortle' => 9]));
        self::assertSame('19.85 mag/arcsec², Bortle class 5', $text(['sky_mag_arcsec2' => 19.85, 'bortle' => 5, 'camera_offset_adu' => 0]));
        self::assertSame('19.85 mag/arcsec²', $text(['sky_mag_arcsec2' => 19.85, 'camera_offset_adu' => 250.5]));
        self::assertSame('–', $text(['camera_offset_adu' => 250.5]));
    }

    public function testFieldsInTheUnitThatReadsBest(): void
    {
        self::assertSame('42.7′ × 75.8′', SkyFormat::field(0.711, 1.264));
        self::assertSame('4.1° × 2.8°', SkyFormat::field(4.1, 2.8));
    }
}
