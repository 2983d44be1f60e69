<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

/**
 * Which star of the list each star of a stack is.
 *
 * Where both have the same Gaia id and are not far apart, that decides. All others are paired by position, the closest
 * pair first, until no two are within reach of each other: each star of a stack is at most one star of the list, and the
 * other way round. Places are compared as unit vectors, so that neither the poles nor right ascension 0 matter.
 */
final class StarMatching
{
    /** Farthest from its place that a star is found whose motion is not known, arcsec, if both have the same Gaia id. */
    private const GAIA_REACH = 30.0;
    private const ARCSEC = M_PI / 180.0 / 3600.0;
    private const MIN_REACH = 2.0;
    private const MAX_REACH = 8.0;

    /** @var array<int, ?ListedStar> partner of each star of the stack; null without one */
    public readonly array $partners;
    /** @var array<int, bool> whether two stars of the list are within reach */
    public readonly array $ambiguous;

    /**
     * @param array<int, ?ListedStar> $partners
     * @param array<int, bool> $ambiguous
     */
    private function __construct(array $partners, array $ambiguous)
    {
        [$this->partners, $this->ambiguous] = [$partners, $ambiguous];
    }

    /**
     * Up to which distance a star of a stack may be one of the list, arcsec: four times the scatter of positions and half
     * the width of a star, added in squares, from 2 to 8. Two stars closer than that are one in the picture.
     *
     * @param float|null $rms of the plate, arcsec; null counts as 0.5
     * @param float|null $seeing full width at half maximum, arcsec; null counts as 4
     */
    public static function reach(?float $rms, ?float $seeing): float
    {
        return min(self::MAX_REACH, max(self::MIN_REACH, hypot(4.0 * ($rms ?? 0.5), 0.5 * ($seeing ?? 4.0))));
    }

    /**
     * @param list<FoundStar> $found
     * @param list<ListedStar> $listed
     * @param float|null $year to which listed stars are moved; null leaves them where they are
     * @param float $reach arcsec
     */
    public static function of(array $found, array $listed, ?float $year, float $reach): self
    {
        $places = array_map(static fn (FoundStar $star): array => $star->position->vector(), $found);
        $moved = array_map(static fn (ListedStar $star): array => $star->vector($year), $listed);
        $partners = self::byGaia($found, $listed, $places, $moved, $reach);
        $pairs = self::pairs($places, $moved, $reach);
        $isTaken = array_fill_keys($partners, true);
        foreach ($pairs as [, $row, $number]) {
            if (!isset($partners[$row]) && !isset($isTaken[$number])) {
                $partners[$row] = $number;
                $isTaken[$number] = true;
            }
        }
        $within = array_count_values(array_column($pairs, 1));
        $stars = [];
        foreach (array_keys($found) as $row) {
            $stars[$row] = isset($partners[$row]) ? $listed[$partners[$row]] : null;
        }
        return new self($stars, array_map(static fn (int $row): bool => ($within[$row] ?? 0) > 1, array_keys($found)));
    }

    /**
     * @param list<FoundStar> $found
     * @param list<ListedStar> $listed
     * @param list<array{float, float, float}> $places
     * @param list<array{float, float, float}> $moved
     * @return array<int, int> number of the listed star by that of the found one
     */
    private static function byGaia(array $found, array $listed, array $places, array $moved, float $reach): array
    {
        $numbers = [];
        foreach ($listed as $number => $star) {
            if ($star->gaiaId !== null) {
                $numbers[$star->gaiaId] ??= $number;
            }
        }
        $closest = [];
        foreach ($found as $row => $star) {
            $number = $numbers[$star->gaiaId ?? 0] ?? null;
            if ($number === null) {
                continue;
            }
            $distance = self::distance($places[$row], $moved[$number]);
            $limit = $listed[$number]->hasMotion() ? $reach : max($reach, self::GAIA_REACH);
            if ($distance <= $limit * self::ARCSEC && $distance < ($closest[$number][0] ?? INF)) {
                $closest[$number] = [$distance, $row];
            }
        }
        $partners = [];
        foreach ($closest as $number => [, $row]) {
            $partners[$row] = $number;
        }
        return $partners;
    }

    /**
     * @param list<array{float, float, float}> $places
     * @param list<array{float, float, float}> $moved
     * @return list<array{float, int, int}> distance and numbers of both, the closest first
     */
    private static function pairs(array $places, array $moved, float $reach): array
    {
        $limit = $reach * self::ARCSEC;
        $cells = [];
        foreach ($moved as $number => [$x, $y, $z]) {
            $cells[self::cell((int) floor($x / $limit), (int) floor($y / $limit), (int) floor($z / $limit))][] = $number;
        }
        $pairs = [];
        foreach ($places as $row => [$x, $y, $z]) {
            foreach (self::around($x / $limit, $y / $limit, $z / $limit) as $cell) {
                foreach ($cells[$cell] ?? [] as $number) {
                    $distance = self::distance($places[$row], $moved[$number]);
                    if ($distance <= $limit) {
                        $pairs[] = [$distance, $row, $number];
                    }
                }
            }
        }
        sort($pairs);
        return $pairs;
    }

    /** One number for a cell of a grid that is as fine as the reach; a million cells each way are 0.2 arcsec each. */
    private static function cell(int $x, int $y, int $z): int
    {
        return ($x + (1 << 20) << 42) + ($y + (1 << 20) << 21) + $z + (1 << 20);
    }

    /** @return list<int> the cell of a place and its 26 neighbours */
    private static function around(float $x, float $y, float $z): array
    {
        $middle = self::cell((int) floor($x), (int) floor($y), (int) floor($z));
        $cells = [];
        foreach ([-1 << 42, 0, 1 << 42] as $acrossX) {
            foreach ([-1 << 21, 0, 1 << 21] as $acrossY) {
                $row = $middle + $acrossX + $acrossY;
                array_push($cells, $row - 1, $row, $row + 1);
            }
        }
        return $cells;
    }

    /**
     * The chord between two unit vectors, which is the angle in radians where it is small.
     *
     * @param array{float, float, float} $one
     * @param array{float, float, float} $other
     */
    private static function distance(array $one, array $other): float
    {
        return sqrt(($one[0] - $other[0]) ** 2 + ($one[1] - $other[1]) ** 2 + ($one[2] - $other[2]) ** 2);
    }
}
