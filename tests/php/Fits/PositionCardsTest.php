<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\PositionCards;
use PHPUnit\Framework\TestCase;

final class PositionCardsTest extends TestCase
{
    /** @dataProvider tellingCards */
    public function testACardThatTellsIsBlank(string $card): void
    {
        $card = str_pad($card, 80);

        self::assertSame(str_repeat(' ', 80), PositionCards::blank($card));
    }

    /** @return iterable<array{string}> */
    public static function tellingCards(): iterable
    {
        $keywords = [
            'SITELAT', 'SITELONG', 'SITEELEV', 'SITENAME', 'LAT-OBS', 'LONG-OBS', 'ALT-OBS', 'OBSLAT', 'OBSLONG', 'OBSGEO-X',
            'OBSGEO-B', 'OBSGEO-L', 'GEOLAT', 'GEO_LON', 'GPS_LAT', 'GPSTIME', 'LATITUDE', 'LONGITUD', 'OBSERVER', 'OBSERVAT',
            'OBJCTALT', 'OBJCTAZ', 'OBJCTHA', 'CENTALT', 'AIRMASS', 'HA', 'LST', 'DATE-LOC', 'TIMEZONE', 'MOONALT',
        ];
        foreach ($keywords as $keyword) {
            yield [sprintf("%-8s= '48 08 N ' / comment", $keyword)];
        }
        yield ['COMMENT Observatory at 48.1 N'];
        yield ['HISTORY site latitude: +48d 08m'];
        yield ['        GPS 48.137'];
        yield ['HIERARCH ESO TEL GEOLAT = -24.6270 / [deg] Tel geo latitude'];
    }

    /** @dataProvider harmlessCards */
    public function testEveryOtherCardStays(string $card): void
    {
        $card = str_pad($card, 80);

        self::assertSame($card, PositionCards::blank($card));
    }

    /** @return iterable<array{string}> */
    public static function harmlessCards(): iterable
    {
        yield ["DATE-OBS= '2025-03-27T05:45:00.734589'"];
        yield ['RA      =           193.070835 / Object Right Ascension in degrees'];
        yield ["OBJECT  = 'LAT 3   '"];
        yield ["TELESCOP= 'S50_1d3fe189'"];
        yield ["FILTER  = 'HA      ' / 48 N"];
        yield ['ALTSTEP =                    1'];
        yield ["COMMENT  and Astrophysics', volume 376, page 359; bibcode: 2001A&A...376..359H"];
        yield ['HISTORY flat 3 of 20, dark 5'];
        yield ['COMMENT latitude unknown'];
        yield ['CONTINUE  \'48\''];
        yield ['END'];
    }

    public function testALongTextGoesWithItsContinuation(): void
    {
        $cards = ["SITENAME= 'Some hill, &'", "CONTINUE  'near &'", "CONTINUE  'a town'", "OBJECT  = 'M 9&'", "CONTINUE  '4'"];
        $header = implode('', array_map(static fn (string $card): string => str_pad($card, 80), $cards));

        self::assertSame(str_repeat(' ', 240) . substr($header, 240), PositionCards::blank($header));
    }

    public function testOnlyTheHeaderOfAFitsFileIsRead(): void
    {
        $header = str_pad(str_pad('SIMPLE  =                    T', 80) . str_pad('SITELAT =  48.1', 80), 2880) . str_pad('END', 2880);

        $start = PositionCards::blankedStart($this->stream($header . str_pad('SITELAT =  48.1', 2880)));

        self::assertSame(strlen($header), strlen($start));
        self::assertSame(str_replace('SITELAT =  48.1', str_repeat(' ', 15), $header), $start);
        self::assertSame('', PositionCards::blankedStart($this->stream(random_bytes(200_000))));
        self::assertSame('', PositionCards::blankedStart($this->stream('')));
    }

    public function testAHeaderWithoutAnEndIsReadNoFurtherThanUploadsAre(): void
    {
        $start = PositionCards::blankedStart($this->stream(str_pad('SIMPLE  =', 200_000)));

        self::assertSame(36 * 2880, strlen($start));
    }

    /** @return resource */
    private function stream(string $content): mixed
    {
        $stream = fopen('php://memory', 'w+b');
        fwrite($stream, $content);
        rewind($stream);
        return $stream;
    }
}
