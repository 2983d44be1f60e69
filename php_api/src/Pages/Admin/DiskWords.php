<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Texts;
use CrowdSky\Statistics\Forecast;

/** When the disk will be full, in a sentence. */
final class DiskWords
{
    /** A disk that will be full within so many days needs attention. */
    public const SOON_DAYS = 14;
    /** Beyond that a rate of a week says nothing. */
    private const MOST_DAYS = 1000;

    /** @param Forecast|null $forecast null where measurements do not tell */
    public static function forecast(Texts $texts, ?Forecast $forecast): string
    {
        if ($forecast === null) {
            return $texts->say('When the disk will be full is unknown: cleanup measures it, and after a day there is a rate.');
        }
        $left = $forecast->daysLeft();
        $n = max(1, (int) round($forecast->days));
        if ($left === null) {
            return $texts->count($n, 'The disk has not become fuller in the last day.', 'The disk has not become fuller in the last {n} days.');
        }
        if ($left > self::MOST_DAYS) {
            return $texts->count($n, 'At the rate of the last day the disk lasts for years.', 'At the rate of the last {n} days the disk lasts for years.');
        }
        $rate = ['rate' => Figures::bytes($texts, $forecast->bytesPerDay), 'days' => $texts->number(max(1, (int) round($left)))];

        return $texts->count(
            $n,
            'At the rate of the last day ({rate} a day) the disk is full in about {days} days.',
            'At the rate of the last {n} days ({rate} a day) the disk is full in about {days} days.',
            $rate,
        );
    }
}
