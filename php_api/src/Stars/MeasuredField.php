<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

/** Stars of one picture. */
final class MeasuredField
{
    /** @param non-empty-list<array{float, float, float, ?float}> $stars x, y (pixels, the first is 0), flux, redness (mag); the brightest first */
    public function __construct(
        public readonly int $width,
        public readonly int $height,
        /** stars that were measured in it, with those that are not listed here */
        public readonly int $measured,
        public readonly array $stars,
    ) {
    }
}
