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
     * @param int $probation consecutive confirmed results after which most are published at once
     * @param int $checkEvery after that, one result in this many is still held; 0 means none
     * @param \Closure(): float $random a number from 0 up to, but not including, 1
     */
    public function __construct(
        private readonly int $probation,
        private readonly int $checkEvery,
        private readonly \Closure $random,
    ) {
    }

    /** @param int $agreedInRow consecutive confirmed results of the key */
    public function holds(TrustLevel $level, int $agreedInRow): bool
    {
        return $level === TrustLevel::Volunteer
            && ($agreedInRow < $this->probation || ($this->checkEvery > 0 && ($this->random)() * $this->checkEvery < 1.0));
    }
}
