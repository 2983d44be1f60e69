<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

/** Days with the name of their month, for plots and charts; tables and lists have 2026-07-02. */
final class Dates
{
    /** `2 Jul 2026` */
    public static function day(Texts $texts, \DateTimeImmutable $date): string
    {
        return $texts->say('{day} {month} {year}', self::parts($texts, $date));
    }

    /** `2 Jul` */
    public static function dayOfYear(Texts $texts, \DateTimeImmutable $date): string
    {
        return $texts->say('{day} {month}', self::parts($texts, $date));
    }

    /** `Jul 2026` */
    public static function monthOfYear(Texts $texts, \DateTimeImmutable $date): string
    {
        return self::month($texts, $date) . ' ' . $date->format('Y');
    }

    /** `Jul` */
    public static function month(Texts $texts, \DateTimeImmutable $date): string
    {
        return match ((int) $date->format('n')) {
            1 => $texts->say('Jan'),
            2 => $texts->say('Feb'),
            3 => $texts->say('Mar'),
            4 => $texts->say('Apr'),
            5 => $texts->say('May'),
            6 => $texts->say('Jun'),
            7 => $texts->say('Jul'),
            8 => $texts->say('Aug'),
            9 => $texts->say('Sep'),
            10 => $texts->say('Oct'),
            11 => $texts->say('Nov'),
            default => $texts->say('Dec'),
        };
    }

    /** @return array<string, string> */
    private static function parts(Texts $texts, \DateTimeImmutable $date): array
    {
        return ['day' => $date->format('j'), 'month' => self::month($texts, $date), 'year' => $date->format('Y')];
    }
}
