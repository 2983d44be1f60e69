<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

/**
 * Where the Earth is, as seen from the barycentre of the solar system: equatorial coordinates (ICRS), in AU.
 *
 * The Earth from the Sun by the low-precision formula of the Astronomical Almanac (section C, "the Sun"), taken from the
 * equinox of date to J2000, and the Sun from the barycentre by the four large planets (mean elements of Standish, JPL,
 * "Keplerian elements for approximate positions", with the first term of the equation of centre). From 1990 to 2060 it is
 * 0.001 AU from the ephemeris at most.
 */
final class EarthVector
{
    /** Seconds that light takes for one AU. */
    public const LIGHT_SECONDS = 499.004784;
    private const J2000 = 2451545.0;
    private const OBLIQUITY = 23.4392911;
    /** Degrees a year. */
    private const PRECESSION = 0.01396971;
    /** Sun's mass in masses of the planet, AU, mean longitude at J2000 and its change (degrees, per century), eccentricity, perihelion. */
    private const PLANETS = [
        [1047.35, 5.20289, 34.39644, 3034.74613, 0.04839, 14.72848],
        [3497.9, 9.53668, 49.95424, 1222.49362, 0.05386, 92.59888],
        [22902.9, 19.18916, 313.23810, 428.48203, 0.04726, 170.95428],
        [19412.0, 30.06992, -55.12003, 218.45945, 0.00859, 44.96476],
    ];

    /**
     * @param float $julianDay TDB, or UTC: a minute makes no difference
     * @return array{float, float, float}
     */
    public static function at(float $julianDay): array
    {
        $days = $julianDay - self::J2000;
        $anomaly = deg2rad(357.528 + 0.9856003 * $days);
        $longitude = 280.460 + 0.9856474 * $days + 1.915 * sin($anomaly) + 0.020 * sin(2.0 * $anomaly);
        $fixed = deg2rad($longitude - self::PRECESSION * $days / 365.25);
        $distance = 1.00014 - 0.01671 * cos($anomaly) - 0.00014 * cos(2.0 * $anomaly);
        [$sunX, $sunY] = self::sun($days / 36525.0);

        return self::equatorial($sunX - $distance * cos($fixed), $sunY - $distance * sin($fixed));
    }

    /** @return array{float, float} the Sun in the plane of the ecliptic of J2000, AU */
    private static function sun(float $centuries): array
    {
        [$x, $y] = [0.0, 0.0];
        foreach (self::PLANETS as [$mass, $axis, $longitude, $motion, $eccentricity, $perihelion]) {
            $mean = $longitude + $motion * $centuries;
            $anomaly = deg2rad($mean - $perihelion);
            $true = deg2rad($mean) + 2.0 * $eccentricity * sin($anomaly);
            $distance = $axis * (1.0 - $eccentricity * cos($anomaly));
            $x -= $distance * cos($true) / $mass;
            $y -= $distance * sin($true) / $mass;
        }

        return [$x, $y];
    }

    /** @return array{float, float, float} */
    private static function equatorial(float $x, float $y): array
    {
        $tilt = deg2rad(self::OBLIQUITY);

        return [$x, $y * cos($tilt), $y * sin($tilt)];
    }
}
