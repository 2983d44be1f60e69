<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

/** Keeps a plot small: of many points, those of one telescope that lie close together become their mean. */
final class Bins
{
    /** A telescope's points are never put into fewer intervals, however many telescopes there are. */
    private const FEWEST = 20;

    /**
     * @param list<PlotPoint> $points
     * @param int $most points that are left as they are; more are binned to about so many
     * @return list<PlotPoint> in the order of x
     */
    public static function of(array $points, int $most): array
    {
        usort($points, static fn (PlotPoint $one, PlotPoint $other): int => $one->x <=> $other->x);
        if (count($points) <= $most) {
            return $points;
        }
        $number = max(self::FEWEST, intdiv($most, count(array_unique(array_map(self::kind(...), $points)))));
        [$first, $last] = [$points[0]->x, $points[count($points) - 1]->x];
        $bins = [];
        foreach ($points as $point) {
            $bin = $last > $first ? min($number - 1, (int) ($number * ($point->x - $first) / ($last - $first))) : 0;
            $bins["$bin " . self::kind($point)][] = $point;
        }
        $means = array_map(self::mean(...), array_values($bins));
        usort($means, static fn (PlotPoint $one, PlotPoint $other): int => $one->x <=> $other->x);

        return $means;
    }

    /** Only points of one kind have a common mean. */
    private static function kind(PlotPoint $point): string
    {
        return implode(' ', [(int) $point->isCalibrated, (int) $point->isFlagged, (int) ($point->error === null), $point->telescope]);
    }

    /**
     * The mean of the light, weighted by its errors: noise that makes a point brighter makes its error in magnitudes
     * smaller, so that a mean of magnitudes would be too bright. Its error is the larger one of what the errors and what
     * the scatter give. Points without errors count alike, and the scatter alone gives the error.
     *
     * @param non-empty-list<PlotPoint> $points
     */
    private static function mean(array $points): PlotPoint
    {
        $count = count($points);
        if ($count === 1) {
            return $points[0];
        }
        $mags = array_map(static fn (PlotPoint $point): float => $point->mag, $points);
        // Relative to the middle of the bin, so that the numbers stay near 1.
        $middle = array_sum($mags) / $count;
        [$weights, $x, $light] = [0.0, 0.0, 0.0];
        foreach ($points as $point) {
            $seen = 10.0 ** (-0.4 * ($point->mag - $middle));
            $weight = $point->error === null ? 1.0 : 1.0 / (max($point->error, 1e-4) * $seen) ** 2;
            $weights += $weight;
            $x += $weight * $point->x;
            $light += $weight * $seen;
        }
        $light /= $weights;
        $mag = $middle - 2.5 * log10($light);
        $squares = 0.0;
        foreach ($points as $point) {
            $squares += ($point->mag - $mag) ** 2;
        }
        $one = $points[0];
        $error = max($one->error === null ? 0.0 : 1.0 / sqrt($weights) / $light, sqrt($squares / ($count - 1) / $count));

        return new PlotPoint($x / $weights, $mag, $error, $one->telescope, $one->isCalibrated, $one->isFlagged, count: $count, least: min($mags), most: max($mags));
    }
}
