<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Base\Format;

/**
 * Sizes, times and lengths of time as the reader's language writes them; SkyFormat has what astronomers measure.
 *
 * Base\Format is for logs and for what programs get. Everything returned is plain text; templates escape it.
 */
final class Figures
{
    private const THOUSAND = 1000.0;

    /** A size in the unit that reads best, such as `4.2 MB` (powers of 1000, as disks are sold). */
    public static function bytes(Texts $texts, int|float|string|null $bytes): string
    {
        if ($bytes === null) {
            return Format::NONE;
        }
        $value = (float) $bytes;
        $units = [$texts->say('bytes'), 'kB', 'MB', 'GB', 'TB'];
        $unit = 0;
        while ($value >= self::THOUSAND && $unit < count($units) - 1) {
            $value /= self::THOUSAND;
            $unit++;
        }

        return $texts->number($value, $unit === 0 || $value >= 100.0 ? 0 : 1) . " {$units[$unit]}";
    }

    /** A length of time such as `4.5 s`, `12 min 30 s`, `1 h 5 min`. */
    public static function seconds(Texts $texts, int|float|string|null $seconds): string
    {
        return $seconds === null ? Format::NONE : strtr(Format::seconds($seconds), ['.' => $texts->decimalPoint()]);
    }

    /** `2025-03-27 03:20 local time` from a stored time of a clock whose zone does not matter or is not known. */
    public static function localTime(Texts $texts, string $shown): string
    {
        return str_replace('T', ' ', substr($shown, 0, 16)) . ' ' . $texts->say('local time');
    }

    /** `RA 193.070°, Dec +40.980°` */
    public static function position(Texts $texts, float|string|null $ra, float|string|null $dec): string
    {
        return $ra === null || $dec === null
            ? Format::NONE
            : 'RA ' . SkyFormat::number($texts, (float) $ra, 3, '°') . ', Dec ' . SkyFormat::signed($texts, (float) $dec, 3, '°');
    }

    /** A number without zeros at its end, such as a limit that somebody has entered. */
    public static function plain(Texts $texts, float $number, int $decimals = 9): string
    {
        return strtr(rtrim(rtrim(sprintf("%.{$decimals}F", $number), '0'), '.'), ['.' => $texts->decimalPoint()]);
    }
}
