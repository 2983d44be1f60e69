<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/** A pointing on the sky: right ascension in [0, 360) and declination in [-90, 90], degrees. */
final class SkyPosition
{
    /** Degrees of an hour of right ascension. */
    private const HOUR = 15.0;
    /** Difference up to which two right ascensions of a header name one place. */
    private const SAME_PLACE_DEG = 1.0;

    private function __construct(public readonly float $ra, public readonly float $dec)
    {
    }

    /**
     * The first usable pair of the cards that may have the pointing, or null.
     *
     * A pair counts only if both are there and plausible. (0, 0) is what cameras write that do not know, and a right
     * ascension in hours, which another pair betrays, is none in degrees. The worker does the same, in frames/angles.py.
     */
    public static function fromHeader(HeaderCards $cards): ?self
    {
        $pairs = [];
        foreach (CardTable::facts()->pointing as [$ra, $dec]) {
            $pairs[] = [$cards->angle($ra, self::HOUR), $cards->angle($dec, 1.0)];
        }
        $known = array_filter(array_column($pairs, 0), static fn (?float $ra): bool => $ra !== null);
        foreach ($pairs as [$ra, $dec]) {
            if ($ra === null || $dec === null || abs($dec) > 90.0 || abs($ra) > 360.0 || ($ra === 0.0 && $dec === 0.0)) {
                continue;
            }
            if (array_filter($known, static fn (float $other): bool => self::isInHours($ra, $other)) === []) {
                return self::fromDegrees($ra, $dec);
            }
        }

        return null;
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

    /** Whether a right ascension is a fifteenth of another, and not the same. */
    private static function isInHours(float $ra, float $other): bool
    {
        return self::apart($ra, $other) > self::SAME_PLACE_DEG && self::apart(self::HOUR * $ra, $other) <= self::SAME_PLACE_DEG;
    }

    private static function apart(float $one, float $other): float
    {
        $degrees = fmod(abs($one - $other), 360.0);

        return min($degrees, 360.0 - $degrees);
    }

    /** @return array{float, float, float} unit vector */
    public function vector(): array
    {
        $ra = deg2rad($this->ra);
        $dec = deg2rad($this->dec);

        return [cos($dec) * cos($ra), cos($dec) * sin($ra), sin($dec)];
    }
}
