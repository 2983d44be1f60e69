<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

use CrowdSky\Pages\Dates;
use CrowdSky\Pages\Texts;

/** Ticks of a time axis at round dates and hours, UTC. */
final class CalendarTicks
{
    private const MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720];
    private const DAYS = [1, 2, 5, 10];
    private const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600];
    private const MINUTES_OF_DAY = 1440;
    /** Days of the shortest month; a longer step in days would have to be one in months. */
    private const MONTH = 28;
    /** MJD of 1970-01-01. */
    private const UNIX_EPOCH = 40587.0;

    /** @param array<string, float> $ticks label => MJD (UTC) */
    private function __construct(
        public readonly array $ticks,
        /** what the labels leave open, such as the day of hours or the year of days */
        public readonly string $caption,
    ) {
    }

    /**
     * @param float $low MJD (UTC), below $high
     * @param int $most number of ticks
     */
    public static function between(float $low, float $high, int $most, Texts $texts): self
    {
        $days = $high - $low;
        foreach (self::MINUTES as $step) {
            if ($days * self::MINUTES_OF_DAY / $step <= $most) {
                return new self(self::ofMinutes($low, $high, $step, $texts), self::days($low, $high, $texts));
            }
        }
        foreach (self::DAYS as $step) {
            if ($days / $step <= $most && $days >= $step) {
                return new self(self::ofDays($low, $high, $step, $texts), self::years($low, $high, $texts));
            }
        }
        foreach (self::MONTHS as $step) {
            if ($days / (self::MONTH * $step) <= $most) {
                return new self(self::ofMonths($low, $high, $step, $texts), self::years($low, $high, $texts));
            }
        }

        return new self([], self::years($low, $high, $texts));
    }

    /** @return array<string, float> hours of a clock, and the date at midnight */
    private static function ofMinutes(float $low, float $high, int $step, Texts $texts): array
    {
        $ticks = [];
        for ($number = (int) ceil($low * self::MINUTES_OF_DAY / $step); $number * $step <= $high * self::MINUTES_OF_DAY; $number++) {
            $mjd = $number * $step / self::MINUTES_OF_DAY;
            $isMidnight = $number * $step % self::MINUTES_OF_DAY === 0;
            $date = self::date($mjd);
            $label = $isMidnight ? Dates::dayOfYear($texts, $date) : $date->format('H:i');
            // The same hour of several days: each with its day.
            $ticks[isset($ticks[$label]) ? Dates::dayOfYear($texts, $date) . $date->format(' H:i') : $label] = $mjd;
        }

        return $ticks;
    }

    /** @return array<string, float> */
    private static function ofDays(float $low, float $high, int $step, Texts $texts): array
    {
        $ticks = [];
        for ($day = (int) (ceil($low / $step) * $step); $day <= $high; $day += $step) {
            $ticks[Dates::dayOfYear($texts, self::date((float) $day))] = (float) $day;
        }

        return $ticks;
    }

    /** @return array<string, float> months, and the year in place of January */
    private static function ofMonths(float $low, float $high, int $step, Texts $texts): array
    {
        $first = self::date($low);
        $month = 12 * (int) $first->format('Y') + (int) $first->format('n') - 1;
        $ticks = [];
        for ($month = (int) (ceil($month / $step) * $step);; $month += $step) {
            $date = self::date(0.0)->setDate(intdiv($month, 12), $month % 12 + 1, 1)->setTime(0, 0);
            $mjd = $date->getTimestamp() / 86400.0 + self::UNIX_EPOCH;
            if ($mjd > $high) {
                return $ticks;
            }
            if ($mjd >= $low) {
                $label = $month % 12 === 0 ? $date->format('Y') : Dates::month($texts, $date);
                $ticks[isset($ticks[$label]) ? Dates::monthOfYear($texts, $date) : $label] = $mjd;
            }
        }
    }

    private static function days(float $low, float $high, Texts $texts): string
    {
        return self::range(Dates::day($texts, self::date($low)), Dates::day($texts, self::date($high)), $texts);
    }

    private static function years(float $low, float $high, Texts $texts): string
    {
        return self::range(self::date($low)->format('Y'), self::date($high)->format('Y'), $texts);
    }

    private static function range(string $first, string $last, Texts $texts): string
    {
        return ($first === $last ? $first : $texts->say('{from} to {to}', ['from' => $first, 'to' => $last])) . ' (UTC)';
    }

    private static function date(float $mjd): \DateTimeImmutable
    {
        return (new \DateTimeImmutable('@' . (int) round(($mjd - self::UNIX_EPOCH) * 86400.0)))->setTimezone(new \DateTimeZone('UTC'));
    }
}
