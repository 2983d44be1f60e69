<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Database\Condition;

/** Turns ranges of HEALPix pixels into a condition. */
final class PixelRanges
{
    /** @param non-empty-list<array{int, int}> $ranges */
    public static function condition(array $ranges): Condition
    {
        $terms = array_fill(0, count($ranges), 's.sky_pixel BETWEEN ? AND ?');

        return new Condition('(' . implode(' OR ', $terms) . ')', array_merge(...$ranges));
    }
}
