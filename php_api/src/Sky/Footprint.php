<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Fits\SkyPosition;

/**
 * A polygon on the sky whose sides are great circles, smaller than a hemisphere: the outline of a stack, or a region
 * that somebody asks for.
 *
 * @phpstan-type Vector array{float, float, float}
 */
final class Footprint
{
    /** Parts of a side that are compared with a range of coordinates. */
    private const PARTS = 32;

    /** @param non-empty-list<SkyPosition> $corners in order, either way round */
    public function __construct(public readonly array $corners)
    {
    }

    /** @param list<array{float|int, float|int}> $corners RA and Dec, degrees */
    public static function ofCorners(array $corners): ?self
    {
        $positions = array_map(static fn (array $corner): ?SkyPosition => SkyPosition::fromDegrees((float) $corner[0], (float) $corner[1]), $corners);
        return count($positions) < 3 || in_array(null, $positions, true) ? null : new self($positions);
    }

    public function centre(): SkyPosition
    {
        return SkyPosition::mean($this->corners);
    }

    /** Radius of a circle around the centre that holds all corners, degrees. */
    public function radius(): float
    {
        $centre = $this->centre();
        return max(array_map($centre->distanceTo(...), $this->corners));
    }

    public function contains(SkyPosition $position): bool
    {
        if ($this->centre()->distanceTo($position) >= 90.0) {
            return false;
        }
        // On the plane that touches the sky at the position, sides are straight: count those that a ray meets.
        [$isInside, $before] = [false, null];
        $corners = array_map(static fn (SkyPosition $corner): ?array => self::project($corner, $position), [...$this->corners, $this->corners[0]]);
        foreach ($corners as $corner) {
            if ($corner === null) {
                return false;
            }
            if ($before !== null && ($before[1] > 0.0) !== ($corner[1] > 0.0)) {
                $at = $before[0] + ($corner[0] - $before[0]) * $before[1] / ($before[1] - $corner[1]);
                $isInside = $at > 0.0 ? !$isInside : $isInside;
            }
            $before = $corner;
        }
        return $isInside;
    }

    /** Distance in degrees from a position to the nearest side, whether it is inside or outside. */
    public function distanceTo(SkyPosition $position): float
    {
        return min(array_map(static fn (array $side): float => self::distanceToSide($position, ...$side), $this->sides()));
    }

    public function overlaps(self $other): bool
    {
        if ($this->contains($other->corners[0]) || $other->contains($this->corners[0])) {
            return true;
        }
        foreach ($this->sides() as $side) {
            foreach ($other->sides() as $otherSide) {
                if (self::cross(...$side, ...$otherSide)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** @return list<array{SkyPosition, SkyPosition}> short pieces of the outline */
    public function pieces(): array
    {
        $pieces = [];
        foreach ($this->sides() as [$from, $to]) {
            $points = [];
            for ($part = 0; $part <= self::PARTS; $part++) {
                $points[] = self::between($from, $to, $part / self::PARTS);
            }
            for ($part = 0; $part < self::PARTS; $part++) {
                $pieces[] = [$points[$part], $points[$part + 1]];
            }
        }
        return $pieces;
    }

    /** @return non-empty-list<array{SkyPosition, SkyPosition}> */
    private function sides(): array
    {
        $sides = [];
        foreach ($this->corners as $index => $corner) {
            $sides[] = [$corner, $this->corners[$index + 1] ?? $this->corners[0]];
        }
        return $sides;
    }

    /** @return array{float, float}|null gnomonic coordinates; null on the far side of the sky */
    private static function project(SkyPosition $position, SkyPosition $at): ?array
    {
        $ra = deg2rad($position->ra - $at->ra);
        [$dec, $dec0] = [deg2rad($position->dec), deg2rad($at->dec)];
        $depth = sin($dec0) * sin($dec) + cos($dec0) * cos($dec) * cos($ra);
        return $depth <= 1e-9 ? null : [
            cos($dec) * sin($ra) / $depth,
            (cos($dec0) * sin($dec) - sin($dec0) * cos($dec) * cos($ra)) / $depth,
        ];
    }

    private static function distanceToSide(SkyPosition $position, SkyPosition $from, SkyPosition $to): float
    {
        [$a, $b, $p] = [$from->vector(), $to->vector(), $position->vector()];
        $normal = self::product($a, $b);
        $length = sqrt(self::dot($normal, $normal));
        $isBeside = $length > 0.0 && self::dot(self::product($normal, $a), $p) >= 0.0 && self::dot(self::product($b, $normal), $p) >= 0.0;
        return $isBeside
            ? abs(rad2deg(asin(max(-1.0, min(1.0, self::dot($normal, $p) / $length)))))
            : min($from->distanceTo($position), $to->distanceTo($position));
    }

    /** Whether two sides meet in a point that lies on both. */
    private static function cross(SkyPosition $from, SkyPosition $to, SkyPosition $otherFrom, SkyPosition $otherTo): bool
    {
        [$a, $b, $c, $d] = [$from->vector(), $to->vector(), $otherFrom->vector(), $otherTo->vector()];
        [$one, $other] = [self::product($a, $b), self::product($c, $d)];
        $isApart = self::dot($one, $c) * self::dot($one, $d) > 0.0 || self::dot($other, $a) * self::dot($other, $b) > 0.0;
        // Great circles meet twice; sides are shorter than half of one.
        return !$isApart && self::dot(self::sum($a, $b), self::sum($c, $d)) > 0.0;
    }

    private static function between(SkyPosition $from, SkyPosition $to, float $part): SkyPosition
    {
        [$a, $b] = [$from->vector(), $to->vector()];
        [$x, $y, $z] = array_map(static fn (float $one, float $two): float => (1.0 - $part) * $one + $part * $two, $a, $b);
        return SkyPosition::fromDegrees(rad2deg(atan2($y, $x)), rad2deg(atan2($z, hypot($x, $y)))) ?? $from;
    }

    /**
     * @param array{float, float, float} $a
     * @param array{float, float, float} $b
     */
    private static function dot(array $a, array $b): float
    {
        return $a[0] * $b[0] + $a[1] * $b[1] + $a[2] * $b[2];
    }

    /**
     * @param array{float, float, float} $a
     * @param array{float, float, float} $b
     * @return array{float, float, float}
     */
    private static function product(array $a, array $b): array
    {
        return [$a[1] * $b[2] - $a[2] * $b[1], $a[2] * $b[0] - $a[0] * $b[2], $a[0] * $b[1] - $a[1] * $b[0]];
    }

    /**
     * @param array{float, float, float} $a
     * @param array{float, float, float} $b
     * @return array{float, float, float}
     */
    private static function sum(array $a, array $b): array
    {
        return [$a[0] + $b[0], $a[1] + $b[1], $a[2] + $b[2]];
    }
}
