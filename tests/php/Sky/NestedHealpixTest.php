<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Sky;

use CrowdSky\Chunks\Healpix;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Sky\NestedHealpix;
use PHPUnit\Framework\TestCase;

final class NestedHealpixTest extends TestCase
{
    /** Numbers of astropy_healpix 2.0, order 7. */
    public function testKnownPositionsAreInTheirPixels(): void
    {
        $known = [
            [0.01, 0.2, 77824],
            [0, 89.9999, 16383],
            [359.9999, -89.9999, 180224],
            [192.72, 41.12, 43427],
            [45.01, 41.9, 12288],
            [180, -41.7, 98304],
            [359.99, 10, 78592],
            [270.001, -60, 188930],
            [90, 41.8, 98303],
            [315.4, 68.16, 64524],
        ];
        foreach ($known as [$ra, $dec, $pixel]) {
            self::assertSame($pixel, NestedHealpix::pixelAt(7, SkyPosition::fromDegrees($ra, $dec)), "$ra $dec");
        }
    }

    public function testEachRingPixelIsOneNestedPixelOfTheSameCentre(): void
    {
        $found = [];
        for ($ring = 0; $ring < Healpix::PIXELS; $ring++) {
            $centre = Healpix::centre($ring);
            $nested = NestedHealpix::pixelAt(7, $centre);
            $found[$nested] = true;
            if ($ring % 31 === 0) {
                $vector = NestedHealpix::vector(7, $nested);
                foreach ($centre->vector() as $axis => $coordinate) {
                    self::assertEqualsWithDelta($coordinate, $vector[$axis], 1e-12, "pixel $ring");
                }
            }
        }
        self::assertCount(Healpix::PIXELS, $found);
    }
}
