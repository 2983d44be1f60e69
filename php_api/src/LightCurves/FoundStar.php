<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\StarCalibration;

/** A star as a list has it: what the viewer's epochs say of it. */
final class FoundStar
{
    public function __construct(
        public readonly Star $star,
        /** epochs that the viewer sees */
        public readonly int $observations,
        /** MJD (UTC) of the first and the last of them; null where no time is known */
        public readonly ?float $firstMjd,
        public readonly ?float $lastMjd,
        /** in green, of a calibration that the viewer may read; null where there is none */
        public readonly ?StarCalibration $mean,
    ) {
    }
}
