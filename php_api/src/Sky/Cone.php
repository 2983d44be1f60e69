<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Base\Refusal;
use CrowdSky\Chunks\HealpixCover;
use CrowdSky\Database\Condition;
use CrowdSky\Fits\SkyPosition;

/** All places within an angle of a position (ICRS). */
final class Cone implements SkyRegion
{
    private const ALL_SKY = 180.0;

    /** @param float $radius degrees */
    private function __construct(public readonly SkyPosition $centre, public readonly float $radius)
    {
    }

    /** @throws Refusal for no position or a radius outside of 0 to 180 degrees */
    public static function of(float $ra, float $dec, float $radius): self
    {
        $centre = SkyPosition::fromDegrees($ra, $dec)
            ?? throw Refusal::badInput('The declination must be from -90 to 90 degrees');
        if (!is_finite($radius) || $radius < 0.0 || $radius > self::ALL_SKY) {
            throw Refusal::badInput('The radius must be from 0 to 180 degrees');
        }

        return new self($centre, $radius);
    }

    public function condition(): Condition
    {
        [$x, $y, $z] = $this->centre->vector();
        $chord = 2.0 * sin(deg2rad($this->radius / 2.0));
        // Written as a difference: SQLite compares no text with numbers, and floats arrive as text. The last term lets a
        // place that is exactly on the edge, or the centre itself with radius 0, be inside.
        $exact = '((s.sky_x - ?) * (s.sky_x - ?) + (s.sky_y - ?) * (s.sky_y - ?) + (s.sky_z - ?) * (s.sky_z - ?) - ?) <= 0';

        return Condition::all(
            PixelRanges::condition($this->pixels()),
            new Condition($exact, [$x, $x, $y, $y, $z, $z, $chord ** 2 + 1e-20 + 1e-14 * $chord]),
        );
    }

    /** @return non-empty-list<array{int, int}> */
    private function pixels(): array
    {
        $south = $this->centre->dec - $this->radius;
        $north = $this->centre->dec + $this->radius;
        if ($south <= -90.0 || $north >= 90.0) {
            return HealpixCover::ranges(max($south, -90.0), min($north, 90.0));
        }
        $half = rad2deg(asin(min(1.0, sin(deg2rad($this->radius)) / cos(deg2rad($this->centre->dec)))));

        return HealpixCover::ranges($south, $north, $this->centre->ra - $half, 2.0 * $half);
    }
}
