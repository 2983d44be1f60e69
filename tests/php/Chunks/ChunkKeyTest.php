<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Chunks;

use CrowdSky\Chunks\ChunkKey;
use CrowdSky\Fits\ObservationTime;
use CrowdSky\Fits\SkyPosition;
use PHPUnit\Framework\TestCase;

/** The published vectors of both labels, in time zones that must not matter. */
final class ChunkKeyTest extends TestCase
{
    private string $zone;

    protected function setUp(): void
    {
        $this->zone = date_default_timezone_get();
    }

    protected function tearDown(): void
    {
        date_default_timezone_set($this->zone);
    }

    /** @dataProvider vectors */
    public function testBothLabels(string $dateObs, ?float $ra, float $dec, string $label, string $healpix): void
    {
        foreach (['UTC', 'Europe/Vienna', 'America/New_York'] as $zone) {
            date_default_timezone_set($zone);
            $key = ChunkKey::of(ObservationTime::parse($dateObs)->block(15), SkyPosition::fromDegrees($ra, $dec));

            self::assertSame($label, $key->label, $zone);
            self::assertSame($healpix, $key->healpixLabel, $zone);
        }
    }

    public static function vectors(): array
    {
        return [
            1 => ['2025-01-15T19:30:00', 83.633, 22.014, '20250115.78_83.6_+22.0', '20250115.78_HP061302'],
            2 => ['2025-01-15T19:44:59.999', 83.65, -5.35, '20250115.78_83.7_-5.4', '20250115.78_HP106871'],
            3 => ['2025-01-15T19:45:00', 10.35, 0.05, '20250115.79_10.4_+0.1', '20250115.79_HP098062'],
            4 => ['2025-01-15T23:59:59.9', 0.25, -0.04, '20250115.95_0.3_+0.0', '20250115.95_HP098048'],
            5 => ['2025-01-16T00:00:00', 359.95, -0.04, '20250116.00_0.0_+0.0', '20250116.00_HP098559'],
            6 => ['2025-01-15 19:30:00', 359.97, 10.0, '20250115.78_0.0_+10.0', '20250115.78_HP081152'],
            7 => ['2025-07-01T01:10:00+02:00', -0.03, 10.0, '20250630.92_0.0_+10.0', '20250630.92_HP081152'],
            8 => ['2026-02-27T21:45:00Z', 83.82, -5.39, '20260227.87_83.8_-5.4', '20260227.87_HP107383'],
            9 => ['2026-07-24T21:03:55.341', 186.6821, 81.474, '20260724.84_186.7_+81.5', '20260724.84_HP001059'],
            10 => ['2026-07-10T22:00:00', 6.0224, -72.0814, '20260710.88_6.0_-72.1', '20260710.88_HP191711'],
            11 => ['2025-01-15T00:14:59', 100.0, 90.0, '20250115.00_100.0_+90.0', '20250115.00_HP000001'],
            12 => ['2025-01-15T00:15:00', 123.4, -90.0, '20250115.01_123.4_-90.0', '20250115.01_HP196605'],
            13 => ['2016-12-31T23:59:60', 300.2, 41.7, '20161231.95_300.2_+41.7', '20161231.95_HP033451'],
            14 => ['2016-12-31T23:45:00', 300.2, 41.9, '20161231.95_300.2_+41.9', '20161231.95_HP032427'],
            15 => ['2025-01-15T19:30:00', null, 22.0, '20250115.78', '20250115.78'],
        ];
    }

    public function testHalvesRoundAwayFromZeroOnTheirDecimalText(): void
    {
        $label = fn (float $ra, float $dec) => ChunkKey::of('B', SkyPosition::fromDegrees($ra, $dec))->label;

        self::assertSame('B_41.3_-13.4', $label(41.25, -13.35));
        self::assertSame('B_10.3_+41.2', $label(10.349, 41.2499));
        self::assertSame('B_0.0_-0.1', $label(359.999, -0.05));
    }
}
