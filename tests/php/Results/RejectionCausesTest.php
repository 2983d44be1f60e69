<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Results;

use CrowdSky\Results\RejectionCauses;
use PHPUnit\Framework\TestCase;

/** Notes are those of crowdsky/stacking/product/frame_reports.py. */
final class RejectionCausesTest extends TestCase
{
    /** @return array<string, array{list<string>, int, array<string, int>}> */
    public static function notes(): array
    {
        return [
            'one sub' => [['1 of 9 subs left out: its stars are blurred: 7.4 px wide where 3.1 px are usual'], 1, ['blurred' => 1]],
            'one reason, with advice' => [
                ['3 of 9 subs left out, each for the same reason: only 2 usable stars were found, too few to align it; look at the subs: clouds'],
                3,
                ['stars' => 3],
            ],
            'several reasons' => [
                ['7 of 9 subs left out: its stars are trailed (ellipticity 0.61) (3 of them); its stars shine through cloud at 40% of'
                    . ' the reference\'s light (2 of them); it does not overlap with the reference (1 of them); and other reasons (1 of them)'],
                7,
                ['trailed' => 3, 'cloud' => 2, 'place' => 1, 'other' => 1],
            ],
            'too many reasons to name' => [
                ['5 of 9 subs left out: its sky is uneven by 55 ADU more than a gradient explains (2 of them); it is too noisy: 8% of the'
                    . ' usual weight (1 of them)'],
                5,
                ['other' => 2, 'sky' => 2, 'noisy' => 1],
            ],
            'taken otherwise' => [['1 of 2 subs left out: it has 20 s of exposure, while the other has 10 s of exposure'], 1, ['kind' => 1]],
            'a worker that does not say' => [['Only one sub was usable.'], 4, ['other' => 4]],
            'more than there were' => [['90 of 99 subs left out: it is too noisy: 8% of the usual weight'], 2, ['noisy' => 2]],
            'more in detail than there were' => [['2 of 9 subs left out: it is too noisy (5 of them)'], 2, ['other' => 2]],
        ];
    }

    /**
     * @param list<string> $notes
     * @param array<string, int> $expected
     * @dataProvider notes
     */
    public function testSubsAreCountedByCause(array $notes, int $leftOut, array $expected): void
    {
        $found = RejectionCauses::count($notes, $leftOut);
        ksort($found);
        ksort($expected);

        self::assertSame($expected, $found);
        self::assertSame($leftOut, array_sum($found));
        self::assertSame([], array_diff(array_keys($found), RejectionCauses::all()));
    }
}
