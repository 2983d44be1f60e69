<?php

declare(strict_types=1);

namespace CrowdSky\Statistics;

/** Quantiles of numbers that have been counted. */
final class Quantiles
{
    /**
     * The least number that at least this share of them does not exceed.
     *
     * @param array<int, int> $counts how often each number was found, by the number
     * @param float $share above 0, at most 1
     */
    public static function of(array $counts, float $share): ?int
    {
        ksort($counts);
        $wanted = $share * array_sum($counts);
        $passed = 0;
        foreach ($counts as $number => $n) {
            $passed += $n;
            if ($passed >= $wanted) {
                return $number;
            }
        }

        return null;
    }

    /** @param list<float> $values */
    public static function median(array $values): ?float
    {
        sort($values);

        return $values === [] ? null : $values[intdiv(count($values) - 1, 2)];
    }
}
