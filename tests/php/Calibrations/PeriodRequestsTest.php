<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Calibrations;

use CrowdSky\Calibrations\PeriodRequests;
use CrowdSky\Tests\Database\StillClock;
use CrowdSky\Tests\Database\TestDatabase;
use PHPUnit\Framework\TestCase;

final class PeriodRequestsTest extends TestCase
{
    public function testTheFirstRequestCounts(): void
    {
        $clock = new StillClock(1_782_936_000_000);
        $database = TestDatabase::create($clock);
        $star = $database->insert('stars', [
            'ra_deg' => 192.7, 'dec_deg' => 41.1, 'position_year' => 2026.5, 'sky_pixel' => 1,
            'sky_x' => 1.0, 'sky_y' => 0.0, 'sky_z' => 0.0, 'created_at' => '2026-07-01 20:00:00',
        ]);
        $requests = new PeriodRequests($database, $clock);
        self::assertNull($requests->askedAt($star));

        $requests->ask($star);
        $clock->pass(86_400_000);
        $requests->ask($star);

        self::assertSame('2026-07-01 20:00:00', $requests->askedAt($star));
    }
}
