<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Stars\ListedStar;

/** The light curve of a star as a viewer gets it. */
final class LightCurve
{
    /**
     * @param list<Calibration> $calibrations that it is made with
     * @param list<StarCalibration> $means of the star in them
     * @param \Closure(): \Generator<int, Point> $points reads the points, the oldest first
     */
    public function __construct(
        public readonly ListedStar $star,
        public readonly array $calibrations,
        public readonly array $means,
        private readonly \Closure $points,
    ) {
    }

    /**
     * They follow one by one, because a series may have many; nothing else may be asked of the database meanwhile.
     *
     * @return \Generator<int, Point>
     */
    public function points(): \Generator
    {
        return ($this->points)();
    }
}
