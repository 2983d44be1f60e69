<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\Equinox;
use CrowdSky\Fits\HeaderCards;
use CrowdSky\Fits\ObservationTime;
use CrowdSky\Fits\Precession;
use CrowdSky\Fits\SkyPosition;
use PHPUnit\Framework\TestCase;

final class EquinoxTest extends TestCase
{
    private const YEAR = 2025.2336;
    private const SEESTAR = ['TELESCOP' => "'S50_1d3fe189'", 'INSTRUME' => "'Seestar S50'"];

    /** @dataProvider places numbers of astropy: FK5 of that equinox to ICRS */
    public function testPrecessionIsThatOfAstropy(float $year, float $ra, float $dec, float $raIcrs, float $decIcrs): void
    {
        $sky = Precession::toJ2000(SkyPosition::fromDegrees($ra, $dec), $year);

        self::assertLessThan(0.1 / 3600.0, $sky->distanceTo(SkyPosition::fromDegrees($raIcrs, $decIcrs)));
    }

    public static function places(): array
    {
        return [
            [2025.2336, 193.070835, 40.979722, 192.774884, 41.116638],
            [2025.2336, 0.001, -0.001, 359.677687, -0.141475],
            [2025.2336, 359.99, 85.0, 359.671285, 84.859525],
            [2025.2336, 120.0, 89.9, 43.552324, 89.874488],
            [2025.2336, 300.5, -88.7, 294.544094, -88.764997],
            [2025.2336, 83.63, 22.01, 83.250297, 21.993959],
            [1950.0, 148.9, 69.3, 149.913076, 69.060365],
            [2050.0, 10.68, 41.27, 9.995688, 40.996189],
        ];
    }

    /** @dataProvider headers */
    public function testACardDecidesThenTheTelescope(array $cards, float $equinox): void
    {
        $header = new HeaderCards();
        foreach ($cards as $keyword => $value) {
            $header->add(str_pad(sprintf('%-8s= %s', $keyword, $value), 80));
        }

        self::assertEqualsWithDelta($equinox, Equinox::ofHeader($header, ObservationTime::parse('2025-03-27T01:20:32')), 1e-4);
    }

    public static function headers(): array
    {
        return [
            'Seestar S50' => [self::SEESTAR, self::YEAR],
            'Seestar S30 Pro' => [['TELESCOP' => "'S30 Pro_5e0b77aa'", 'INSTRUME' => "'imx585'"], self::YEAR],
            'Seestar of 2024' => [['TELESCOP' => "'Seestar S50'"], self::YEAR],
            'EQUINOX' => [self::SEESTAR + ['EQUINOX' => '2000.0'], 2000.0],
            'EQUINOX as text' => [self::SEESTAR + ['EQUINOX' => "'J2000'"], 2000.0],
            'EPOCH' => [['EPOCH' => '2025.5'], 2025.5],
            'EQUINOX of nothing' => [self::SEESTAR + ['EQUINOX' => '0.0'], self::YEAR],
            'ICRS' => [self::SEESTAR + ['RADESYS' => "'ICRS'"], 2000.0],
            'FK5' => [self::SEESTAR + ['RADECSYS' => "'FK5'"], 2000.0],
            'FK5 of date' => [['RADESYS' => "'FK5'", 'EQUINOX' => '2024.9'], 2024.9],
            'FK4' => [['RADESYS' => "'FK4'"], 1950.0],
            'apparent place' => [['RADESYS' => "'GAPPT'"], self::YEAR],
            'ASIAIR' => [['TELESCOP' => "'ZWO AM5'", 'INSTRUME' => "'ZWO ASI533MC Pro'"], 2000.0],
            'stack of ours' => [self::SEESTAR + ['RA-SUB' => '193.0'], 2000.0],
        ];
    }
}
