<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

use CrowdSky\Fits\SkyPosition;

/** HEALPix pixel numbers in the RING scheme for NSIDE 128, as all CrowdSky clients count them. */
final class Healpix
{
    public const NSIDE = 128;
    /** Number of pixels of the sphere. */
    public const PIXELS = 12 * self::NSIDE * self::NSIDE;

    /** The pixel (0..196607) that holds the position. */
    public static function ringPixel(SkyPosition $position): int
    {
        $n = self::NSIDE;
        $z = cos(deg2rad(90.0 - $position->dec));
        $t = $position->ra / 90.0;

        return abs($z) <= 2.0 / 3.0 ? self::equatorialPixel($n, $z, $t) : self::polarPixel($n, $z, $t);
    }

    /** The centre of a pixel from 0 to PIXELS - 1. */
    public static function centre(int $pixel): SkyPosition
    {
        $n = self::NSIDE;
        $cap = 2 * $n * ($n - 1);
        if ($pixel >= $cap && $pixel < self::PIXELS - $cap) {
            $ring = intdiv($pixel - $cap, 4 * $n) + $n;
            $shift = ($ring - $n) % 2 === 0 ? 0.5 : 0.0;
            $ra = (($pixel - $cap) % (4 * $n) + $shift) * 90.0 / $n;
            return SkyPosition::fromDegrees($ra, rad2deg(asin(4.0 / 3.0 - 2.0 * $ring / (3.0 * $n))));
        }
        $isNorth = $pixel < $cap;
        $fromPole = $isNorth ? $pixel : self::PIXELS - 1 - $pixel;
        $ring = (int) floor((1.0 + sqrt(1.0 + 2.0 * $fromPole)) / 2.0);
        $inRing = $fromPole - 2 * $ring * ($ring - 1);
        $ra = (($isNorth ? $inRing : 4 * $ring - 1 - $inRing) + 0.5) * 90.0 / $ring;
        $dec = rad2deg(asin(1.0 - $ring ** 2 / (3.0 * $n * $n)));

        return SkyPosition::fromDegrees($ra, $isNorth ? $dec : -$dec);
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
