<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

/** One brightness in a plot, or the mean of several. */
final class PlotPoint
{
    /** @param float $x place on the horizontal axis: BJD (TDB), or a phase */
    public function __construct(
        public readonly float $x,
        public readonly float $mag,
        /** null is unknown */
        public readonly ?float $error,
        public readonly string $telescope,
        /** false for the zero point of its stack alone, which no common calibration has reached yet */
        public readonly bool $isCalibrated = true,
        /** whether something is known that makes it doubtful */
        public readonly bool $isFlagged = false,
        public readonly int $count = 1,
        /** of several: the smallest and the greatest magnitude */
        public readonly ?float $least = null,
        public readonly ?float $most = null,
    ) {
    }

    /**
     * @param list<self> $points
     * @return float of those whose error is known; 0 without one
     */
    public static function medianError(array $points): float
    {
        $errors = array_values(array_filter(array_map(static fn (self $point): ?float => $point->error, $points), is_float(...)));
        sort($errors);

        return $errors[intdiv(count($errors), 2)] ?? 0.0;
    }

    public function at(float $x): self
    {
        return new self($x, $this->mag, $this->error, $this->telescope, $this->isCalibrated, $this->isFlagged, count: $this->count, least: $this->least, most: $this->most);
    }
}
