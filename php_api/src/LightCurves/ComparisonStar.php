<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Stars\ListedStar;

/** A constant star that another one can be compared with. */
final class ComparisonStar
{
    public function __construct(
        public readonly ListedStar $star,
        public readonly StarCalibration $mean,
        /** degrees from the other one */
        public readonly float $distance,
    ) {
    }
}
