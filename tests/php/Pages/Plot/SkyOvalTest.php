<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages\Plot;

use CrowdSky\Chunks\Healpix;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Pages\Plot\SkyOval;
use PHPUnit\Framework\TestCase;

/** Where places of the sky are in the picture of the whole sky. */
final class SkyOvalTest extends TestCase
{
    /** @dataProvider places */
    public function testAPlaceIsWhereAitoffPutsIt(float $ra, float $dec, float $x, float $y): void
    {
        self::assertEqualsWithDelta([$x, $y], SkyOval::point($ra, $dec), 0.01);
    }

    /** @return array<string, array{float, float, float, float}> */
    public static function places(): array
    {
        return [
            'the middle' => [180.0, 0.0, 360.0, 180.0],
            'the north pole' => [77.0, 90.0, 360.0, 4.0],
            'the south pole' => [0.0, -90.0, 360.0, 356.0],
            'east, on the left' => [270.0, 0.0, 182.0, 180.0],
            'the edge on the right' => [0.0001, 0.0, 716.0, 180.0],
            // Calabretta and Greisen 2002, section 5.3.2, with alpha = acos(cos 45 cos 45) = 60 degrees
            'in between' => [90.0, 45.0, 360.0 + 356.0 * 2.0 * M_PI / 3.0 / sin(M_PI / 3.0) * 0.5 / M_PI, 180.0 - 176.0 * M_PI / 3.0 / sin(M_PI / 3.0) * M_SQRT1_2 / M_PI_2],
        ];
    }

    public function testDotsNearEachOtherAreOneAndLargerWithMoreLight(): void
    {
        $pixel = static fn (float $ra, float $dec): int => Healpix::ringPixel(SkyPosition::fromDegrees($ra, $dec) ?? throw new \LogicException('no place'));
        $svg = SkyOval::svg(SkyOval::content([$pixel(179.6, 0.0) => 1800.0, $pixel(180.3, 0.0) => 1800.0, $pixel(10.0, 41.0) => 600.0]), 'all <sky>');

        self::assertSame(1, preg_match('/class="dots medium" d="([^"]+)"/', $svg, $medium));
        self::assertSame(1, substr_count($medium[1], 'M'));
        self::assertSame(1, preg_match('/class="dots short" d="M\d+ \d+h0"/', $svg));
        self::assertStringNotContainsString('dots long', $svg);
        self::assertStringContainsString('<title>all &lt;sky&gt;</title>', $svg);
    }

    public function testItStaysSmallWhateverIsInIt(): void
    {
        $everywhere = array_fill_keys(range(0, 12 * 128 ** 2 - 1, 8), 60.0);

        self::assertSame(24576, count($everywhere));
        self::assertLessThan(60_000, strlen(SkyOval::content($everywhere)));
    }

    public function testLinesDoNotCrossThePictureWhereTheyLeaveIt(): void
    {
        self::assertSame(1, preg_match('/class="milky-way" d="([^"]+)"/', SkyOval::content([]), $path));
        $last = null;
        foreach (preg_split('/(?=[ML])/', $path[1], -1, PREG_SPLIT_NO_EMPTY) ?: [] as $step) {
            $x = (float) substr($step, 1);
            if ($step[0] === 'L') {
                self::assertLessThan(240.0, abs($x - (float) $last));
            }
            $last = $x;
        }
        self::assertNotNull($last);
    }
}
