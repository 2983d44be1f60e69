<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Workers\TrustLevel;

/**
 * Decides which results of a volunteer wait for a second opinion.
 */
final class TrustPolicy
{
    /**
     * @param int $probation results in a row that others must have agreed with before most are accepted at once
     * @param int $checkEvery after that, one result in so many is held all the same; 0 means none
     * @param \Closure(): float $random a number from 0 up to, but not including, 1
     */
    public function __construct(
        private readonly int $probation,
        private readonly int $checkEvery,
        private readonly \Closure $random,
    ) {
    }

    /** @param int $agreedInRow results of the key in a row that others agreed with */
    public function holds(TrustLevel $level, int $agreedInRow): bool
    {
        return $level === TrustLevel::Volunteer
            && ($agreedInRow < $this->probation || ($this->checkEvery > 0 && ($this->random)() * $this->checkEvery < 1.0));
    }
}
