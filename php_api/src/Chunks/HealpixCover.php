<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

/**
 * Which pixels (NSIDE 128, RING) may touch a part of the sky between two declinations and two right ascensions.
 *
 * Pixels of one ring are numbered along it, and rings from north to south, so that a region is a few ranges of numbers.
 * They may hold pixels beside the region, never too few. Formulas of the rings: Górski et al. 2005, ApJ 622, 759.
 */
final class HealpixCover
{
    private const NSIDE = Healpix::NSIDE;
    /** Ranges above which all pixels between the two declinations are one range. */
    private const MAX_RANGES = 60;
    /** Pixels added at each end of a piece of a ring: no pixel reaches farther from its centre. */
    private const MARGIN = 1.5;

    /**
     * @param float $south degrees, as all arguments
     * @param float|null $west where the region begins; null for all right ascensions
     * @param float $width from there to the east, less than 360
     * @return non-empty-list<array{int, int}> first and last pixel of each range, rising
     */
    public static function ranges(float $south, float $north, ?float $west = null, float $width = 360.0): array
    {
        [$first, $last] = self::rings(sin(deg2rad($south)), sin(deg2rad($north)));
        $band = [self::start($first), self::start($last) + self::count($last) - 1];
        if ($west === null || $last - $first >= self::MAX_RANGES) {
            return [$band];
        }
        $ranges = [];
        for ($ring = $first; $ring <= $last; $ring++) {
            array_push($ranges, ...self::piece($ring, $west, $width));
        }

        return self::merged($ranges);
    }

    /** @return array{int, int} the rings whose pixels reach into a band; a pixel ends where the next rings have their centres */
    private static function rings(float $bottom, float $top): array
    {
        $first = 1;
        $end = 4 * self::NSIDE - 1;
        while ($first < $end && self::z($first + 1) > $top) {
            $first++;
        }
        $last = $end;
        while ($last > $first && self::z($last - 1) < $bottom) {
            $last--;
        }

        return [$first, $last];
    }

    /** Sine of the declination of a ring's centres; of the poles for the rings before the first and after the last. */
    private static function z(int $ring): float
    {
        $n = self::NSIDE;

        return match (true) {
            $ring < $n => 1.0 - $ring ** 2 / (3.0 * $n * $n),
            $ring <= 3 * $n => 4.0 / 3.0 - 2.0 * $ring / (3.0 * $n),
            default => 0.0 - self::z(4 * $n - $ring),
        };
    }

    private static function count(int $ring): int
    {
        return 4 * min($ring, self::NSIDE, 4 * self::NSIDE - $ring);
    }

    /** Number of the first pixel of a ring. */
    private static function start(int $ring): int
    {
        $n = self::NSIDE;
        $fromSouth = 4 * $n - $ring;

        return match (true) {
            $ring < $n => 2 * $ring * ($ring - 1),
            $ring <= 3 * $n => 2 * $n * ($n - 1) + 4 * $n * ($ring - $n),
            default => 12 * $n * $n - 2 * $fromSouth * ($fromSouth + 1),
        };
    }

    /** @return list<array{int, int}> one range, or two where the piece crosses right ascension 0 */
    private static function piece(int $ring, float $west, float $width): array
    {
        $count = self::count($ring);
        $step = 360.0 / $count;
        $from = (int) floor($west / $step - self::MARGIN);
        $to = (int) ceil(($west + $width) / $step + self::MARGIN);
        $start = self::start($ring);
        if ($to - $from + 1 >= $count) {
            return [[$start, $start + $count - 1]];
        }
        $from = (($from % $count) + $count) % $count;
        $to = (($to % $count) + $count) % $count;

        return $from <= $to
            ? [[$start + $from, $start + $to]]
            : [[$start, $start + $to], [$start + $from, $start + $count - 1]];
    }

    /**
     * @param non-empty-list<array{int, int}> $ranges rising
     * @return non-empty-list<array{int, int}> with neighbours joined
     */
    private static function merged(array $ranges): array
    {
        $merged = [array_shift($ranges)];
        foreach ($ranges as [$from, $to]) {
            $last = count($merged) - 1;
            if ($from <= $merged[$last][1] + 1) {
                $merged[$last][1] = max($merged[$last][1], $to);
            } else {
                $merged[] = [$from, $to];
            }
        }

        return $merged;
    }
}
