<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

/** How much is in a calibration. */
final class CalibrationCounts
{
    public function __construct(public readonly int $epochs, public readonly int $stars, public readonly int $variables)
    {
    }
}
