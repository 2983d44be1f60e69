<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

/**
 * How long a job waits after a failed run: doubling each time, at most one hour, and randomised so that jobs that
 * failed together do not return together.
 */
final class RetryDelay
{
    private const CAP_SECONDS = 3600;

    /** @param \Closure(): float $random a number from 0 to 1 */
    public function __construct(private readonly int $baseSeconds, private readonly \Closure $random)
    {
    }

    /** @return int milliseconds after the given number of failed runs, from half to one and a half of the mean */
    public function milliseconds(int $attempts): int
    {
        $mean = min(self::CAP_SECONDS, $this->baseSeconds * 2 ** min(20, max(0, $attempts - 1)));
        return (int) (1000 * min(self::CAP_SECONDS, $mean * (0.5 + ($this->random)())));
    }
}
