<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Stars\ListedStar;
use CrowdSky\Stars\SeenStar;

/** A star as a list has it: how often the viewer sees it observed, and how bright it is. */
final class FoundStar
{
    private function __construct(
        public readonly ListedStar $star,
        /** epochs that the viewer sees */
        public readonly int $observations,
        /** MJD (UTC) of the first and the last of them; null where no time is known */
        public readonly ?float $firstMjd,
        public readonly ?float $lastMjd,
        /** in green, of a calibration that the viewer may read; null where there is none */
        public readonly ?StarCalibration $mean,
    ) {
    }

    public static function of(SeenStar $seen, ?StarCalibration $mean): self
    {
        return new self($seen->star, $seen->observations, $seen->firstMjd, $seen->lastMjd, $mean);
    }
}
