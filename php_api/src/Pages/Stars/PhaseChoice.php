<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Stars;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;

/** The period by which a reader wants to see a star folded. */
final class PhaseChoice
{
    /** Days: a second, and longer than any archive. */
    private const SHORTEST = 1e-5;
    private const LONGEST = 1e5;

    private function __construct(
        public readonly float $period,
        /** BJD of phase 0 */
        public readonly float $epoch,
        /** whether the reader entered it */
        public readonly bool $isEntered,
    ) {
    }

    /**
     * @param float|null $found period of the search, in days; null when none is claimed
     * @param float|null $foundEpoch BJD of phase 0 of the search
     * @param float $first BJD of the first point, which is phase 0 where nothing else says so
     * @return self|null null when there is no period to fold with
     * @throws Refusal for what is no period
     */
    public static function of(Request $request, ?float $found, ?float $foundEpoch, float $first): ?self
    {
        $period = self::number($request, 'period', self::SHORTEST, self::LONGEST, Refusal::badInput("'period' must be a number of days from 0.00001 to 100000", 'no_period'));
        $epoch = self::number($request, 't0', 0.0, 1e8, Refusal::badInput("'t0' must be a Julian date such as 2461000.5", 'no_julian_date'));
        if ($period !== null) {
            return new self($period, $epoch ?? $foundEpoch ?? $first, true);
        }

        return $found === null ? null : new self($found, $epoch ?? $foundEpoch ?? $first, false);
    }

    private static function number(Request $request, string $field, float $least, float $most, Refusal $otherwise): ?float
    {
        $text = $request->query($field);
        if ($text === null || trim($text) === '') {
            return null;
        }
        $plain = str_replace(',', '.', trim($text));
        $number = preg_match('/^(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/D', $plain) === 1 ? (float) $plain : NAN;

        return $number >= $least && $number <= $most ? $number : throw $otherwise->at($field);
    }
}
