<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Database;

use CrowdSky\Base\Clock;

/** A clock that stands still until it is told otherwise. */
final class StillClock implements Clock
{
    public function __construct(private int $milliseconds = 1_767_323_045_678)
    {
    }

    public function pass(int $milliseconds): void
    {
        $this->milliseconds += $milliseconds;
    }

    public function now(): \DateTimeImmutable
    {
        return (new \DateTimeImmutable('@' . intdiv($this->milliseconds, 1000)))->setTimezone(new \DateTimeZone('UTC'));
    }

    public function milliseconds(): int
    {
        return $this->milliseconds;
    }
}
