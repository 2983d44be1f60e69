<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Jobs;

use CrowdSky\Jobs\RetryDelay;
use PHPUnit\Framework\TestCase;

final class RetryDelayTest extends TestCase
{
    public function testDoublesWithEveryFailureUpToAnHour(): void
    {
        $delay = new RetryDelay(60, static fn (): float => 0.5);

        $seconds = array_map(static fn (int $attempt): int => intdiv($delay->milliseconds($attempt), 1000), [1, 2, 3, 6, 7, 50]);

        self::assertSame([60, 120, 240, 1920, 3600, 3600], $seconds);
    }

    public function testSpreadsFromHalfToOneAndAHalf(): void
    {
        self::assertSame(30_000, (new RetryDelay(60, static fn (): float => 0.0))->milliseconds(1));
        self::assertSame(90_000, (new RetryDelay(60, static fn (): float => 1.0))->milliseconds(1));
        self::assertSame(3_600_000, (new RetryDelay(60, static fn (): float => 1.0))->milliseconds(9));
        self::assertSame(0, (new RetryDelay(0, static fn (): float => 1.0))->milliseconds(3));
    }
}
