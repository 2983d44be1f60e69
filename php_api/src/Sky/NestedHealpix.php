<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Fits\SkyPosition;

/**
 * HEALPix pixels in nested order (Gorski et al. 2005, ApJ 622, 759): pixel p of an order holds the pixels 4p to 4p + 3
 * of the next.
 */
final class NestedHealpix
{
    private const ROW_OF_FACE = [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4];
    private const COLUMN_OF_FACE = [1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7];
    /** Largest distance of a point of a pixel of order 0 from its centre, radians; it halves with each order, about. */
    private const REACH = 0.85;

    /** @return array{float, float, float} unit vector of the centre of a pixel */
    public static function vector(int $order, int $pixel): array
    {
        $side = 1 << $order;
        $face = $pixel >> 2 * $order;
        [$x, $y] = [0, 0];
        for ($bit = 0; $bit < $order; $bit++) {
            $x |= ($pixel >> 2 * $bit & 1) << $bit;
            $y |= ($pixel >> 2 * $bit + 1 & 1) << $bit;
        }
        $ring = self::ROW_OF_FACE[$face] * $side - $x - $y - 1;
        $steps = min($ring, $side, 4 * $side - $ring);
        $z = match (true) {
            $ring < $side => 1.0 - $steps ** 2 / (3.0 * $side ** 2),
            $ring > 3 * $side => $steps ** 2 / (3.0 * $side ** 2) - 1.0,
            default => (2 * $side - $ring) * 2.0 / (3.0 * $side),
        };
        $angle = M_PI_4 * (self::COLUMN_OF_FACE[$face] * $steps + $x - $y) / $steps;
        $across = sqrt(max(0.0, (1.0 - $z) * (1.0 + $z)));
        return [$across * cos($angle), $across * sin($angle), $z];
    }

    /** The pixel that holds a position; on a border, rounding decides. */
    public static function pixelAt(int $order, SkyPosition $position): int
    {
        $side = 1 << $order;
        $z = sin(deg2rad($position->dec));
        $turn = $position->ra / 90.0;
        if (abs($z) <= 2.0 / 3.0) {
            // Near the equator, the pixels are a grid turned by 45 degrees.
            $up = (int) floor($side * (0.5 + $turn - 0.75 * $z));
            $down = (int) floor($side * (0.5 + $turn + 0.75 * $z));
            [$faceUp, $faceDown] = [$up >> $order, $down >> $order];
            $face = match ($faceUp <=> $faceDown) {
                0 => $faceUp | 4,
                -1 => $faceUp,
                1 => $faceDown + 8,
            };
            return self::interleave($order, $face, $down & $side - 1, $side - ($up & $side - 1) - 1);
        }
        // Around the poles, they shrink towards them; from half the angle, 1 - |z| keeps its digits.
        $quarter = min(3, (int) $turn);
        $within = $turn - $quarter;
        $reach = $side * sqrt(6.0) * sin(deg2rad(90.0 - abs($position->dec)) / 2.0);
        $along = min($side - 1, (int) ($within * $reach));
        $across = min($side - 1, (int) ((1.0 - $within) * $reach));
        return $z > 0.0
            ? self::interleave($order, $quarter, $side - $across - 1, $side - $along - 1)
            : self::interleave($order, $quarter + 8, $along, $across);
    }

    private static function interleave(int $order, int $face, int $x, int $y): int
    {
        $pixel = $face << 2 * $order;
        for ($bit = 0; $bit < $order; $bit++) {
            $pixel |= ($x >> $bit & 1) << 2 * $bit | ($y >> $bit & 1) << 2 * $bit + 1;
        }
        return $pixel;
    }

    /** Angle in radians around the centre of any pixel of an order that holds the whole pixel. */
    public static function reach(int $order): float
    {
        return self::REACH / (1 << $order);
    }
}
