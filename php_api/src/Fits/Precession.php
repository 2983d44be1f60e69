<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * Precession from the mean equator and equinox of a date to J2000, which stands for ICRS here: the two differ by
 * 0.02 arcsec. The worker has the same formulas (crowdsky/frames/precession.py).
 */
final class Precession
{
    public const J2000 = 2000.0;

    /** @param float $year Julian year of the equinox, such as 2025.24 */
    public static function toJ2000(SkyPosition $position, float $year): SkyPosition
    {
        if ($year === self::J2000) {
            return $position;
        }
        [$zeta, $z, $theta] = self::angles($year);
        [$ra, $dec] = [deg2rad($position->ra) - $z, deg2rad($position->dec)];
        $x = cos($theta) * cos($dec) * cos($ra) + sin($theta) * sin($dec);
        $y = cos($dec) * sin($ra);
        $sine = cos($theta) * sin($dec) - sin($theta) * cos($dec) * cos($ra);

        return SkyPosition::fromDegrees(rad2deg(atan2($y, $x) - $zeta), rad2deg(atan2($sine, hypot($x, $y)))) ?? $position;
    }

    /**
     * The angles zeta, z and theta of IAU 2006 (Capitaine et al. 2003, A&A 412, 567).
     *
     * @return array{float, float, float} radians
     */
    private static function angles(float $year): array
    {
        $t = ($year - self::J2000) / 100.0;

        return array_map(static fn (float $arcsec): float => deg2rad($arcsec / 3600.0), [
            2.650545 + $t * (2306.083227 + $t * (0.2988499 + $t * 0.01801828)),
            -2.650545 + $t * (2306.077181 + $t * (1.0927348 + $t * 0.01826837)),
            $t * (2004.191903 - $t * (0.4294934 + $t * 0.04182264)),
        ]);
    }
}
