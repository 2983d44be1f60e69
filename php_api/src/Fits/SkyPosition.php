<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/** A pointing on the sky: right ascension in [0, 360) and declination in [-90, 90], degrees. */
final class SkyPosition
{
    private function __construct(public readonly float $ra, public readonly float $dec)
    {
    }

    /** The position, or null when either coordinate is missing or meaningless. */
    public static function fromDegrees(?float $ra, ?float $dec): ?self
    {
        if ($ra === null || $dec === null || !is_finite($ra) || !is_finite($dec) || abs($dec) > 90.0) {
            return null;
        }
        $wrapped = fmod($ra, 360.0);
        if ($wrapped < 0.0) {
            $wrapped += 360.0;
        }

        // -1e-20 + 360.0 is 360.0 in double precision
        return new self($wrapped >= 360.0 ? 0.0 : $wrapped, $dec);
    }

    /** Great-circle distance in degrees, exact for small angles and across RA 0. */
    public function distanceTo(self $other): float
    {
        [$x1, $y1, $z1] = $this->vector();
        [$x2, $y2, $z2] = $other->vector();
        $cross = sqrt(
            ($y1 * $z2 - $z1 * $y2) ** 2 + ($z1 * $x2 - $x1 * $z2) ** 2 + ($x1 * $y2 - $y1 * $x2) ** 2
        );

        return rad2deg(atan2($cross, $x1 * $x2 + $y1 * $y2 + $z1 * $z2));
    }

    /**
     * The mean direction of at least one position, taken as vectors so that RA 359.9 and 0.1 meet at 0.
     *
     * @param non-empty-list<self> $positions within a hemisphere
     */
    public static function mean(array $positions): self
    {
        $sum = [0.0, 0.0, 0.0];
        foreach ($positions as $position) {
            foreach ($position->vector() as $axis => $value) {
                $sum[$axis] += $value;
            }
        }
        [$x, $y, $z] = $sum;
        $mean = self::fromDegrees(rad2deg(atan2($y, $x)), rad2deg(atan2($z, hypot($x, $y))));

        return $mean ?? $positions[0];
    }

    /** @return array{float, float, float} unit vector */
    public function vector(): array
    {
        $ra = deg2rad($this->ra);
        $dec = deg2rad($this->dec);

        return [cos($dec) * cos($ra), cos($dec) * sin($ra), sin($dec)];
    }
}
