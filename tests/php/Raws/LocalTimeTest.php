<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Raws;

use CrowdSky\Raws\LocalTime;
use PHPUnit\Framework\TestCase;

final class LocalTimeTest extends TestCase
{
    /** @dataProvider times */
    public function testMinutesAhead(?int $minutes, string $zone, string $shown): void
    {
        self::assertSame($minutes, LocalTime::minutesAhead($zone, $shown));
    }

    public static function times(): array
    {
        return [
            'winter' => [60, 'Europe/Vienna', '2025-01-10 22:00:00'],
            'summer' => [120, 'Europe/Vienna', '2025-07-10 22:00:00'],
            'west' => [-240, 'America/New_York', '2025-07-10 22:00:00'],
            'half an hour' => [570, 'Australia/Adelaide', '2025-07-10 22:00:00'],
            'before summer time ends' => [120, 'Europe/Vienna', '2025-10-26 01:59:59'],
            'the hour that comes twice' => [null, 'Europe/Vienna', '2025-10-26 02:30:00'],
            'after it' => [60, 'Europe/Vienna', '2025-10-26 03:00:00'],
            'the hour that never comes' => [null, 'Europe/Vienna', '2025-03-30 02:30:00'],
            'UTC' => [0, 'UTC', '2025-03-30 02:30:00'],
            'unknown zone' => [null, 'Mars/Olympus', '2025-03-30 02:30:00'],
        ];
    }
}
