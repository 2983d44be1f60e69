<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

/** How much is in a calibration. */
final class CalibrationCounts
{
    public function __construct(
        /** @var list<int> ids of the epochs with a zero point, whole stacks and parts of series */
        public readonly array $epochIds,
        public readonly int $stars,
        public readonly int $variables,
    ) {
    }
}
