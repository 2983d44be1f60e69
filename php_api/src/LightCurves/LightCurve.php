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
     * @param \Generator<int, Point> $points reads the points, the oldest first
     * @param \Closure(): string $reason why there is no point; asked when there is none
     */
    public function __construct(
        public readonly ListedStar $star,
        public readonly array $calibrations,
        public readonly array $means,
        private readonly \Generator $points,
        private readonly \Closure $reason,
    ) {
    }

    /** What is to be said of a curve without a point: why it has none. Null if it has some. Ask before they are read. */
    public function note(): ?string
    {
        return $this->points->valid() ? null : ($this->reason)();
    }

    /**
     * They follow one by one, because a series may have many, and are read once; nothing else may be asked of the database
     * meanwhile.
     *
     * @return \Generator<int, Point>
     */
    public function points(): \Generator
    {
        if ($this->points->valid()) {
            yield from $this->points;
        }
    }
}
