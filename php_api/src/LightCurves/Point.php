<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\Calibration;

/** How bright a star was in one band of one epoch; null where something is not known. */
final class Point
{
    public function __construct(
        public readonly ?float $bjd,
        public readonly ?float $mjd,
        public readonly Band $band,
        public readonly ?float $mag,
        public readonly ?float $magError,
        /** adu, as its error */
        public readonly ?float $flux,
        public readonly ?float $fluxError,
        /** bits of StarFlag */
        public readonly int $quality,
        public readonly ?int $fieldId,
        public readonly int $stackId,
        /** number of the interval in its series, from 1; 0 for a whole stack */
        public readonly int $part,
        public readonly ?string $telescope,
        public readonly ?string $filter,
        /** whether it leaves the bands of the sensor as they are, as far as is known; also of a filter that is withheld */
        public readonly bool $isFilterPlain,
        public readonly ?float $airmass,
        /** seconds, all subs together */
        public readonly ?float $exposure,
        /** null for a point that is not calibrated yet: it has the zero point of its stack alone */
        public readonly ?Calibration $calibration,
        public readonly ?float $zeroPointError,
        /** to which the magnitude is tied; null if to none */
        public readonly ?string $catalogue,
    ) {
    }
}
