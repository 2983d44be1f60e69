<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

/** How many stacks nobody has measured, and how many of them are not to be queued now. */
final class UnmeasuredCounts
{
    /**
     * @param int $waiting nobody has tried to rescan these, or what stopped their rescan is fixed
     * @param int $underWay their rescan has not ended
     * @param int $failed their last rescan brought no measurement
     */
    public function __construct(
        public readonly int $waiting,
        public readonly int $underWay,
        public readonly int $failed,
    ) {
    }

    public function all(): int
    {
        return $this->waiting + $this->underWay + $this->failed;
    }
}
