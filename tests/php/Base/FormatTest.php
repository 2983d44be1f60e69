<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Base;

use CrowdSky\Base\Format;
use PHPUnit\Framework\TestCase;

final class FormatTest extends TestCase
{
    public function testSizes(): void
    {
        self::assertSame(
            ['0 bytes', '999 bytes', '1.0 kB', '4.2 MB', '1.5 TB', '–'],
            array_map(Format::bytes(...), [0, 999, 1000, 4152960, 1.5e12, null])
        );
    }

    public function testTimes(): void
    {
        self::assertSame('2025-03-27 01:20 UTC', Format::time('2025-03-27 01:20:32'));
        self::assertSame('2025-03-27 01:20 UTC', Format::time('2025-03-27T01:20:32.955'));
        self::assertSame('–', Format::time(null));
        self::assertSame('2025-03-27T01:20:32Z', Format::datetime('2025-03-27T01:20:32.955'));
    }

    public function testLengthsOfTime(): void
    {
        self::assertSame(
            ['0.5 s', '10 s', '2 min', '12 min 30 s', '1 h 5 min', '–'],
            array_map(Format::seconds(...), [0.5, 10, 120, 750, 3900, null])
        );
    }
}
