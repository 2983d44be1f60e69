<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/** Formats numbers and times in English, for logs and for what programs get; pages have Pages\Figures. Everything returned is plain text. */
final class Format
{
    public const NONE = '–';

    /** A size in the unit that reads best, such as `4.2 MB` (powers of 1000, as disks are sold). */
    public static function bytes(int|float|string|null $bytes): string
    {
        if ($bytes === null) {
            return self::NONE;
        }
        $value = (float) $bytes;
        $units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
        $unit = 0;
        while ($value >= 1000.0 && $unit < count($units) - 1) {
            $value /= 1000.0;
            $unit++;
        }

        return sprintf($unit === 0 || $value >= 100.0 ? '%.0f %s' : '%.1f %s', $value, $units[$unit]);
    }

    /** `2025-03-27 01:20 UTC` from a stored time or from ISO text. */
    public static function time(?string $utc): string
    {
        return $utc === null || $utc === '' ? self::NONE : str_replace('T', ' ', substr($utc, 0, 16)) . ' UTC';
    }

    /** The machine-readable form of the same moment, for the datetime attribute. */
    public static function datetime(?string $utc): string
    {
        return $utc === null ? '' : substr(str_replace(' ', 'T', $utc), 0, 19) . 'Z';
    }

    /** A length of time such as `45 s`, `12 min 30 s`, `1 h 5 min`. */
    public static function seconds(int|float|string|null $seconds): string
    {
        if ($seconds === null) {
            return self::NONE;
        }
        $total = (int) round((float) $seconds);
        $text = match (true) {
            $total < 60 => rtrim(rtrim(sprintf('%.1F', (float) $seconds), '0'), '.') . ' s',
            $total < 3600 => intdiv($total, 60) . ' min ' . $total % 60 . ' s',
            default => intdiv($total, 3600) . ' h ' . intdiv($total % 3600, 60) . ' min',
        };

        return str_replace(' min 0 s', ' min', $text);
    }

    public static function count(int $number, string $one, string $many): string
    {
        return "$number " . ($number === 1 ? $one : $many);
    }

    /**
     * When the chunk begins, `2025-03-27 01:15`, from its label `20250327.05_193.1_+41.0`; by the clock of its subs.
     *
     * @param int $minutes of a block of time
     */
    public static function chunk(string $label, int $minutes): string
    {
        if (preg_match('/^(\d{4})(\d{2})(\d{2})\.(\d+)(?:_|$)/D', $label, $match) !== 1) {
            return $label;
        }
        $begins = (int) $match[4] * $minutes;

        return sprintf('%s-%s-%s %02d:%02d', $match[1], $match[2], $match[3], intdiv($begins, 60), $begins % 60);
    }
}
