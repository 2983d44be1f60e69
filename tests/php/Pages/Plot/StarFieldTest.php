<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages\Plot;

use CrowdSky\Pages\Plot\StarField;
use CrowdSky\Stars\MeasuredField;
use PHPUnit\Framework\TestCase;

/** Stars are where they were measured, larger where brighter, and coloured only where their colour differs. */
final class StarFieldTest extends TestCase
{
    public function testStarsOfTheMiddleSquareAreDrawnBySizeAndColour(): void
    {
        $field = new MeasuredField(200, 400, 7, [
            [100.0, 200.0, 10000.0, 0.1],
            [0.0, 100.0, 5000.0, 1.1],
            [200.0, 300.0, 100.0, -0.9],
            [50.0, 150.0, 90.0, null],
            [100.0, 20.0, 80.0, 0.1],
        ]);

        $svg = StarField::svg($field, 'stars');

        self::assertStringContainsString('<path class="white size-5" d="M500 500h0"/>', $svg);
        self::assertStringContainsString('<path class="red size-5" d="M0 0h0"/>', $svg);
        self::assertStringContainsString('<path class="blue size-1" d="M1000 1000h0"/>', $svg);
        self::assertStringContainsString('<path class="white size-1" d="M250 250h0"/>', $svg, 'no colour was measured, and the last one is outside');
    }
}
