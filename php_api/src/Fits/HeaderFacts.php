<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/** Facts that the headers of subs and of finished stacks have alike. */
final class HeaderFacts
{
    private const MAX_TEXT = 64;

    /** DATE-OBS; where it has only the day, with the time of day of the card that the older form of FITS has for it. */
    public static function startText(HeaderCards $cards): ?string
    {
        $date = $cards->text('DATE-OBS');
        if ($date === null || !preg_match('/^\d{4}-\d{2}-\d{2}$/D', $date)) {
            return $date;
        }
        foreach (CardTable::facts()->timeOfDay as $keyword) {
            $time = $cards->text($keyword);
            if ($time !== null && $time !== '') {
                return "{$date}T{$time}";
            }
        }

        return $date;
    }

    /** 1 for an equatorial mount, 0 for alt-az; written as a number or as a logical. */
    public static function eqMode(HeaderCards $cards): ?int
    {
        $mode = $cards->logical('EQMODE') ?? $cards->number('EQMODE');

        return in_array($mode, [0.0, 1.0, true, false], true) ? (int) $mode : null;
    }

    public static function gain(HeaderCards $cards): ?int
    {
        $gain = $cards->number('GAIN');

        return $gain !== null && abs($gain) < 1e6 ? (int) round($gain) : null;
    }

    public static function text(HeaderCards $cards, string $keyword): ?string
    {
        $text = $cards->text($keyword);
        if ($text === null) {
            return null;
        }
        $printable = preg_replace('/[\x00-\x1f\x7f]/', ' ', mb_scrub($text, 'UTF-8'));

        return mb_substr((string) $printable, 0, self::MAX_TEXT, 'UTF-8');
    }
}
