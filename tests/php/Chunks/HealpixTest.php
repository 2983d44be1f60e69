<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Chunks;

use CrowdSky\Chunks\Healpix;
use CrowdSky\Chunks\HealpixCover;
use CrowdSky\Fits\SkyPosition;
use PHPUnit\Framework\TestCase;

final class HealpixTest extends TestCase
{
    /** Positions all over the sphere, poles and seams included. */
    private const STEPS = 400;

    public function testTheCentreOfAPixelIsInIt(): void
    {
        for ($pixel = 0; $pixel < Healpix::PIXELS; $pixel += $pixel < 300 || $pixel > Healpix::PIXELS - 300 ? 1 : 97) {
            self::assertSame($pixel, Healpix::ringPixel(Healpix::centre($pixel)));
        }
    }

    /** @dataProvider regions */
    public function testACoverHasEveryPixelOfItsRegion(float $south, float $north, ?float $west, float $width): void
    {
        $ranges = HealpixCover::ranges($south, $north, $west, $width);
        $outside = [];
        for ($i = 0; $i <= self::STEPS; $i++) {
            for ($j = 0; $j <= self::STEPS; $j++) {
                $dec = $south + ($north - $south) * $i / self::STEPS;
                $pixel = Healpix::ringPixel(SkyPosition::fromDegrees(($west ?? 0.0) + $width * $j / self::STEPS, $dec));
                if (array_filter($ranges, static fn (array $range): bool => $pixel >= $range[0] && $pixel <= $range[1]) === []) {
                    $outside[] = $pixel;
                }
            }
        }

        self::assertSame([], $outside);
    }

    /** @return iterable<string, array{float, float, ?float, float}> */
    public static function regions(): iterable
    {
        yield 'small' => [40.0, 40.3, 120.0, 0.4];
        yield 'over right ascension 0' => [-1.0, 1.0, -0.7, 1.4];
        yield 'where cap and belt meet' => [41.0, 42.6, 359.5, 1.0];
        yield 'near the north pole' => [88.9, 89.8, 10.0, 200.0];
        yield 'to the south pole' => [-90.0, -89.5, null, 360.0];
        yield 'a point' => [12.34, 12.34, 56.78, 0.0];
        yield 'a band' => [-3.0, 3.0, null, 360.0];
    }

    public function testASmallConeNeedsFewPixels(): void
    {
        $ranges = HealpixCover::ranges(53.0, 54.0, 159.0, 1.5);
        $pixels = array_sum(array_map(static fn (array $range): int => $range[1] - $range[0] + 1, $ranges));

        self::assertLessThan(60, $pixels);
        self::assertLessThan(10, count($ranges));
    }
}
