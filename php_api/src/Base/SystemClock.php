<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * The machine's clock, read as UTC whatever time zone PHP is set to.
 */
final class SystemClock implements Clock
{
    public function now(): \DateTimeImmutable
    {
        return new \DateTimeImmutable('now', new \DateTimeZone('UTC'));
    }

    public function milliseconds(): int
    {
        return (int) floor(microtime(true) * 1000.0);
    }
}
