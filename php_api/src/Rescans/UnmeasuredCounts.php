<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

/** How many stacks are not measured, and how many of them should not be queued now. */
final class UnmeasuredCounts
{
    /**
     * @param int $waiting stacks without a rescan so far, or whose rescan failed on something that is fixed
     * @param int $underWay stacks whose rescan has not ended
     * @param int $failed stacks whose last rescan gave no measurement
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
