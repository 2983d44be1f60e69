<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages\Plot;

use CrowdSky\Pages\Plot\Bins;
use CrowdSky\Pages\Plot\PlotPoint;
use PHPUnit\Framework\TestCase;

final class BinsTest extends TestCase
{
    /** Noise does not make a mean brighter than the light it is of. */
    public function testAMeanIsThatOfTheLight(): void
    {
        $points = [];
        foreach ([60.0, 80.0, 100.0, 120.0, 140.0] as $number => $light) {
            $points[] = new PlotPoint(0.001 * $number, -2.5 * log10($light), 1.0857 * 25.0 / $light, 'S50');
        }
        $points[] = new PlotPoint(100.0, -5.0, 0.1, 'S50');

        $mean = Bins::of($points, 5)[0];

        self::assertSame(5, $mean->count);
        self::assertEqualsWithDelta(-5.0, $mean->mag, 1e-9);
        self::assertEqualsWithDelta(0.002, $mean->x, 1e-9);
    }

    public function testPointsWithoutErrorsCountAlike(): void
    {
        $points = [new PlotPoint(0.0, 10.0, null, 'S50'), new PlotPoint(0.1, 10.5, null, 'S50'), new PlotPoint(9.0, 10.0, null, 'S50')];

        $mean = Bins::of($points, 2)[0];

        self::assertEqualsWithDelta(-2.5 * log10(0.5 * (10.0 ** -4.0 + 10.0 ** -4.2)), $mean->mag, 1e-9);
        self::assertEqualsWithDelta(0.05, $mean->x, 1e-9);
    }
}
