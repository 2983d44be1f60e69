<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\FrameRefused;
use CrowdSky\Fits\ObservationTime;
use PHPUnit\Framework\TestCase;

final class ObservationTimeTest extends TestCase
{
    private string $zone;

    protected function setUp(): void
    {
        $this->zone = date_default_timezone_get();
        date_default_timezone_set('America/New_York');  // must not matter
    }

    protected function tearDown(): void
    {
        date_default_timezone_set($this->zone);
    }

    /** @dataProvider accepted */
    public function testReads(string $text, string $utc): void
    {
        self::assertSame($utc, ObservationTime::parse($text)->iso());
    }

    public static function accepted(): array
    {
        return [
            ['2025-01-15T19:30:00', '2025-01-15T19:30:00'],
            ['2025-01-15 19:30:00.123456789', '2025-01-15T19:30:00'],
            ['2025-01-15T19:30:00Z', '2025-01-15T19:30:00'],
            ['2025-07-01T01:10:00+02:00', '2025-06-30T23:10:00'],
            ['2025-01-15T19:30:00.5-05:30', '2025-01-16T01:00:00'],
            ['2025-01-15T19:30:00,955', '2025-01-15T19:30:00'],
            ['2017-01-01T01:59:60+02:00', '2016-12-31T23:59:59'],
            ['2016-12-31T23:59:60.9', '2016-12-31T23:59:59'],
            ['2024-02-29T00:00:00', '2024-02-29T00:00:00'],
            ['9999-12-31T23:30:00+01:00', '9999-12-31T22:30:00'],
        ];
    }

    /** @dataProvider refused */
    public function testRefuses(string $text): void
    {
        $this->expectException(FrameRefused::class);
        $this->expectExceptionMessage('DATE-OBS is "' . $text . '"');

        ObservationTime::parse($text);
    }

    public static function refused(): array
    {
        return array_map(fn (string $text) => [$text], [
            'now', 'tomorrow', '2025', '2025-01-15', '20250115T193000', '2025-02-30T00:00:00',
            '2025-02-29T00:00:00', '2025-13-01T00:00:00', '2025-01-15T24:00:00', '2025-01-15T19:60:00',
            '2025-01-15T19:30:61', '2025-01-15t19:30:00', '2025-01-15  19:30:00', '2025-01-15T19:30',
            '2025-01-15T19:30:00+0200', '2025-01-15T19:30:00+25:00', '2025-01-15T19:30:00 UTC',
            '0000-01-01T00:00:00', '15/01/2025', '9999-12-31T23:30:00-01:00',
        ]);
    }

    public function testBlocksFollowTheirLength(): void
    {
        $time = ObservationTime::parse('2025-01-15T19:44:59.999');

        self::assertSame('20250115.78', $time->block(15));
        self::assertSame('20250115.39', $time->block(30));
        self::assertSame('20250115.236', $time->block(5));
    }
}
