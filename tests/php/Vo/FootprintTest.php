<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Vo;

use CrowdSky\Fits\SkyPosition;
use CrowdSky\Sky\Footprint;
use PHPUnit\Framework\TestCase;

final class FootprintTest extends TestCase
{
    public function testSquareAcrossRightAscensionZero(): void
    {
        $square = self::outline([359.5, -0.5], [0.5, -0.5], [0.5, 0.5], [359.5, 0.5]);
        self::assertTrue($square->contains(self::position(0.0, 0.0)));
        self::assertFalse($square->contains(self::position(0.6, 0.0)));
        self::assertFalse($square->contains(self::position(180.0, 0.0)));
        self::assertEqualsWithDelta(0.5, $square->distanceTo(self::position(1.0, 0.0)), 1e-9);
        self::assertEqualsWithDelta(M_SQRT2 / 2.0, $square->radius(), 1e-4);
        self::assertEqualsWithDelta(180.0 - M_SQRT1_2, $square->distanceTo(self::position(180.0, 0.0)), 1e-4);
    }

    public function testSquareAroundAPole(): void
    {
        $square = self::outline([0.0, 89.0], [90.0, 89.0], [180.0, 89.0], [270.0, 89.0]);
        self::assertTrue($square->contains(self::position(123.0, 90.0)));
        self::assertTrue($square->contains(self::position(45.0, 89.4)));
        self::assertFalse($square->contains(self::position(45.0, 89.2)));
    }

    public function testOverlapNeedsNoCornerInside(): void
    {
        $lying = self::outline([10.0, 0.4], [12.0, 0.4], [12.0, 0.6], [10.0, 0.6]);
        $standing = self::outline([10.9, -1.0], [11.1, -1.0], [11.1, 2.0], [10.9, 2.0]);
        self::assertTrue($lying->overlaps($standing));
        self::assertFalse($lying->overlaps(self::outline([10.9, 0.7], [11.1, 0.7], [11.1, 2.0], [10.9, 2.0])));
        $opposite = self::outline([190.0, -0.4], [192.0, -0.4], [192.0, -0.6], [190.0, -0.6]);
        self::assertFalse($standing->overlaps($opposite));
    }

    public function testAnOutlineNeedsThreeCornersOnTheSky(): void
    {
        self::assertNull(Footprint::ofCorners([[1.0, 2.0], [3.0, 4.0]]));
        self::assertNull(Footprint::ofCorners([[1.0, 2.0], [3.0, 4.0], [5.0, 91.0]]));
    }

    /** @param array{float, float} ...$corners */
    private static function outline(array ...$corners): Footprint
    {
        return Footprint::ofCorners($corners) ?? throw new \LogicException('no outline');
    }

    private static function position(float $ra, float $dec): SkyPosition
    {
        return SkyPosition::fromDegrees($ra, $dec) ?? throw new \LogicException('no position');
    }
}
