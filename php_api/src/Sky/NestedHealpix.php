<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

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

    /** Angle in radians around the centre of any pixel of an order that holds the whole pixel. */
    public static function reach(int $order): float
    {
        return self::REACH / (1 << $order);
    }
}
