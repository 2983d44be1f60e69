<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

/** Which light curve of a star is wanted. */
final class CurveWish
{
    public function __construct(
        public readonly int $starId,
        /** null for all bands */
        public readonly ?Band $band = null,
        /** name of a calibration that was published; null for the newest, with what is newer than it */
        public readonly ?string $version = null,
        /** only of this field; null for all fields in which the star is */
        public readonly ?int $fieldId = null,
        /** length of the intervals of a series; 0 for the stacks of chunks */
        public readonly int $seriesSeconds = 0,
        /** whether points are left out that are not calibrated or whose flags doubt them */
        public readonly bool $isGoodOnly = false,
    ) {
    }
}
