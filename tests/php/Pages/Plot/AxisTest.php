<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages\Plot;

use CrowdSky\Http\Language;
use CrowdSky\Pages\Plot\Axis;
use CrowdSky\Pages\Plot\CalendarTicks;
use CrowdSky\Pages\Texts;
use PHPUnit\Framework\TestCase;

final class AxisTest extends TestCase
{
    /**
     * @dataProvider ranges
     * @param list<string> $labels
     */
    public function testTicksStandAtRoundNumbers(float $low, float $high, array $labels): void
    {
        $axis = Axis::from($low, $high, 6);

        self::assertSame($labels, array_map(static fn (float $tick): string => $axis->label(new Texts(Language::English), $tick), $axis->ticks));
    }

    /** @return array<string, array{float, float, list<string>}> */
    public static function ranges(): array
    {
        return [
            'magnitudes' => [12.07, 13.14, ['12.2', '12.4', '12.6', '12.8', '13.0']],
            'millimagnitudes' => [11.9981, 12.0043, ['12.000', '12.002', '12.004']],
            'through zero' => [-0.45, 0.45, ['-0.4', '-0.2', '0.0', '0.2', '0.4']],
            'days' => [2_460_800.2, 2_460_830.9, ['2460810', '2460820', '2460830']],
            'ends count' => [0.0, 2.0, ['0.0', '0.5', '1.0', '1.5', '2.0']],
        ];
    }

    public function testOneValueStandsInTheMiddle(): void
    {
        $axis = Axis::around(12.3, 12.3, 0.1, 6);

        self::assertEqualsWithDelta(0.5, $axis->place(12.3), 1e-9);
        self::assertEqualsWithDelta(0.1 * 1.08, $axis->high - $axis->low, 1e-9);
        self::assertGreaterThan(1, count($axis->ticks));
    }

    /**
     * @dataProvider times
     * @param list<string> $labels
     */
    public function testDatesAreThoseOfACalendar(string $low, string $high, array $labels, string $caption): void
    {
        $ticks = CalendarTicks::between(self::mjd($low), self::mjd($high), 8, new Texts(Language::English));

        self::assertSame($labels, array_map(strval(...), array_keys($ticks->ticks)));
        self::assertSame($caption, $ticks->caption);
    }

    /** @return array<string, array{string, string, list<string>, string}> */
    public static function times(): array
    {
        return [
            'a quarter of an hour' => [
                '2026-07-01T20:01:00Z', '2026-07-01T20:16:00Z',
                ['20:02', '20:04', '20:06', '20:08', '20:10', '20:12', '20:14', '20:16'], '1 Jul 2026 (UTC)',
            ],
            'over midnight' => ['2026-07-01T20:30:00Z', '2026-07-02T02:30:00Z', ['21:00', '22:00', '23:00', '2 Jul', '01:00', '02:00'], '1 Jul 2026 to 2 Jul 2026 (UTC)'],
            'two nights' => ['2026-07-01T20:00:00Z', '2026-07-03T03:00:00Z', ['2 Jul', '06:00', '12:00', '18:00', '3 Jul'], '1 Jul 2026 to 3 Jul 2026 (UTC)'],
            'a month' => ['2026-06-20T00:00:00Z', '2026-07-21T00:00:00Z', ['24 Jun', '29 Jun', '4 Jul', '9 Jul', '14 Jul', '19 Jul'], '2026 (UTC)'],
            'months over a year' => ['2026-10-10T00:00:00Z', '2027-04-20T00:00:00Z', ['Nov', 'Dec', '2027', 'Feb', 'Mar', 'Apr'], '2026 to 2027 (UTC)'],
            'years' => ['2024-03-01T00:00:00Z', '2030-03-01T00:00:00Z', ['2025', '2026', '2027', '2028', '2029', '2030'], '2024 to 2030 (UTC)'],
        ];
    }

    private static function mjd(string $time): float
    {
        return (new \DateTimeImmutable($time))->getTimestamp() / 86400.0 + 40587.0;
    }
}
