<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

use CrowdSky\Fits\SkyPosition;

/** HEALPix pixel numbers in the RING scheme for NSIDE 128, as all CrowdSky clients count them. */
final class Healpix
{
    private const NSIDE = 128;

    /** The pixel (0..196607) that holds the position. */
    public static function ringPixel(SkyPosition $position): int
    {
        $n = self::NSIDE;
        $z = cos(deg2rad(90.0 - $position->dec));
        $t = $position->ra / 90.0;

        return abs($z) <= 2.0 / 3.0 ? self::equatorialPixel($n, $z, $t) : self::polarPixel($n, $z, $t);
    }

    /** The belt |z| <= 2/3: rings of 4N pixels; u and v count the diagonals through the position. */
    private static function equatorialPixel(int $n, float $z, float $t): int
    {
        $u = (int) floor($n * (0.5 + $t - 0.75 * $z));
        $v = (int) floor($n * (0.5 + $t + 0.75 * $z));
        $ring = $n + 1 + $u - $v;
        $shift = $ring % 2 === 0 ? 1 : 0;
        $inRing = intdiv($u + $v - $n + $shift + 1, 2) % (4 * $n);

        return 2 * $n * ($n - 1) + 4 * $n * ($ring - 1) + $inRing;
    }

    /** The caps around the poles: ring i, counted from the pole, has 4i pixels. */
    private static function polarPixel(int $n, float $z, float $t): int
    {
        $f = $t - floor($t);
        $w = $n * sqrt(3.0 * (1.0 - abs($z)));
        $ring = (int) floor($f * $w) + (int) floor((1.0 - $f) * $w) + 1;
        $inRing = (int) floor($t * $ring) % (4 * $ring);

        return $z > 0.0
            ? 2 * $ring * ($ring - 1) + $inRing
            : 12 * $n * $n - 2 * $ring * ($ring + 1) + $inRing;
    }
}
