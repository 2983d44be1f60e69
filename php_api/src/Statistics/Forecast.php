<?php

declare(strict_types=1);

namespace CrowdSky\Statistics;

/** How fast a disk has been filling up, and how long it will last if that goes on. */
final class Forecast
{
    public function __construct(
        /** over which the rate was measured */
        public readonly float $days,
        /** negative where room has been gained */
        public readonly float $bytesPerDay,
        public readonly int $freeBytes,
    ) {
    }

    /** Days until the disk is full; null where it does not fill up. */
    public function daysLeft(): ?float
    {
        return $this->bytesPerDay > 0.0 ? $this->freeBytes / $this->bytesPerDay : null;
    }
}
