<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Uploads;

use CrowdSky\Uploads\NightClock;
use PHPUnit\Framework\TestCase;

final class NightClockTest extends TestCase
{
    /**
     * @dataProvider places
     * @param list<string> $blocks of 15 minutes
     */
    public function testBlocksOfANightAreInOneNight(array $blocks, string $night): void
    {
        $clock = NightClock::of($blocks, 15);

        foreach ($blocks as $block) {
            self::assertSame($night, $clock->nightOf($block), $block);
            self::assertLessThanOrEqual(0, strcmp($clock->firstBlock($night), $block));
            self::assertLessThan(0, strcmp($block, $clock->firstBlock(NightClock::dayAfter($night))));
        }
    }

    /** @return array<string, array{list<string>, string}> */
    public static function places(): array
    {
        return [
            'Europe' => [['20250327.76', '20250327.95', '20250328.00', '20250328.16'], '20250327'],
            'Hawaii' => [['20250328.18', '20250328.40', '20250328.62'], '20250327'],
            'California' => [['20250328.10', '20250328.32', '20250328.54'], '20250327'],
            'Japan' => [['20250327.38', '20250327.60', '20250327.80'], '20250327'],
            'end of a year' => [['20241231.90', '20250101.10'], '20241231'],
            'leap day' => [['20240229.90', '20240301.10'], '20240229'],
        ];
    }

    public function testNoHoursAreCountedFromMidnight(): void
    {
        $clock = NightClock::of([], 15);

        self::assertSame('20250327.48', $clock->firstBlock('20250327'));
        self::assertSame('20250326', $clock->nightOf('20250327.47'));
        self::assertSame('20250327', $clock->nightOf('20250327.48'));
    }

    public function testBlocksThatAreNotSortedAreTakenByTheDay(): void
    {
        $clock = NightClock::of(['20250327.1000'], 1);

        self::assertSame('20250327', $clock->nightOf('20250327.1000'));
        self::assertSame('20250327', $clock->nightOf('20250327.99'));
        foreach (['.00', '.99', '.1000'] as $block) {
            self::assertLessThan(0, strcmp($clock->firstBlock('20250327'), "20250327$block"));
            self::assertLessThan(0, strcmp("20250327$block", $clock->firstBlock('20250328')));
        }
    }
}
