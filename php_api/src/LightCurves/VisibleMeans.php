<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\StarCalibration;

/**
 * Means of the points that somebody sees, in place of those of calibrations of which a stack was withdrawn.
 *
 * They are means of light, weighted by its errors: noise that makes a point brighter makes its error in magnitudes smaller.
 */
final class VisibleMeans
{
    /** 2.5 / ln(10): magnitudes of a small relative change of light */
    private const MAGS = 1.0857362047581296;

    /**
     * @param array<Calibration> $calibrations
     * @param iterable<Point> $points of the star
     * @return array<int, array<string, StarCalibration>> by calibration and band; empty for a calibration without a point
     */
    public static function of(int $starId, array $calibrations, iterable $points): array
    {
        $sums = array_fill_keys(array_map(static fn (Calibration $one): int => $one->id, $calibrations), []);
        foreach ($points as $point) {
            $id = $point->calibration?->id;
            if ($id === null || !isset($sums[$id]) || $point->mag === null || $point->magError === null || $point->magError <= 0.0) {
                continue;
            }
            $light = 10.0 ** (-0.4 * $point->mag);
            $weight = ($light * $point->magError / self::MAGS) ** -2;
            $sum = $sums[$id][$point->band->value] ?? [0.0, 0.0, 0];
            $sums[$id][$point->band->value] = [$sum[0] + $weight, $sum[1] + $weight * $light, $sum[2] + 1];
        }
        $means = [];
        foreach ($sums as $id => $bands) {
            $means[$id] = [];
            foreach ($bands as $band => [$weight, $light, $count]) {
                $mean = $light / $weight;
                $means[$id][$band] = StarCalibration::ofPoints($id, $starId, $band, -2.5 * log10($mean), self::MAGS / sqrt($weight) / $mean, $count);
            }
        }

        return $means;
    }
}
