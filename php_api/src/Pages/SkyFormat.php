<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Base\Format;
use CrowdSky\Measurements\Photometry;

/** What astronomers measure, as the reader's language writes it. Everything returned is plain text; templates escape it. */
final class SkyFormat
{
    /** Degrees as hours of right ascension: `12h 51m 00.0s`, to a tenth of a second. */
    public static function rightAscension(Texts $texts, float $degrees): string
    {
        $tenths = (int) round(fmod(fmod($degrees, 360.0) + 360.0, 360.0) * 2400.0) % 864000;

        return sprintf('%02dh %02dm %02d%s%ds', intdiv($tenths, 36000), intdiv($tenths, 600) % 60, intdiv($tenths, 10) % 60, $texts->decimalPoint(), $tenths % 10);
    }

    /** Degrees of declination: `+41° 03′ 00″`, to a second of arc. */
    public static function declination(float $degrees): string
    {
        $seconds = (int) round(abs($degrees) * 3600.0);
        $sign = $degrees < 0.0 && $seconds > 0 ? '−' : '+';

        return sprintf('%s%02d° %02d′ %02d″', $sign, intdiv($seconds, 3600), intdiv($seconds, 60) % 60, $seconds % 60);
    }

    /** A number with its unit such as `21.02 mag` or `3.7″`, or a dash when it is not known. */
    public static function number(Texts $texts, ?float $value, int $decimals, string $unit = ''): string
    {
        return $value === null ? Format::NONE : self::written($texts, sprintf("%.{$decimals}F", $value), $unit);
    }

    /** A number whose sign is always written, such as a colour: `+0.52 mag` or `−0.10 mag`. */
    public static function signed(Texts $texts, float $value, int $decimals, string $unit = ''): string
    {
        return self::written($texts, sprintf("%+.{$decimals}F", $value), $unit);
    }

    /** A number and its error, such as `0.451 ± 0.003 mag`. */
    public static function withError(Texts $texts, float $value, float $error, int $decimals, string $unit): string
    {
        return self::number($texts, $value, $decimals) . ' ± ' . self::number($texts, $error, $decimals, $unit);
    }

    /** The day of a modified Julian date (UTC), such as `2 Jul 2026`. */
    public static function day(Texts $texts, ?float $mjd): string
    {
        return $mjd === null ? Format::NONE : Dates::day($texts, new \DateTimeImmutable('@' . (int) floor(($mjd - 40587.0) * 86400.0)));
    }

    /** How bright the sky is, or an upper limit if the camera's offset is not known. */
    public static function skyBrightness(Texts $texts, Photometry $photometry): string
    {
        $brightness = $photometry->get('sky_mag_arcsec2');
        if ($brightness === null) {
            return Format::NONE;
        }
        if ($photometry->get('camera_offset_adu') === null) {
            return $texts->say('{brightness} or darker (camera offset not known)', ['brightness' => self::number($texts, $brightness, 1, 'mag/arcsec²')]);
        }
        $bortle = $photometry->get('bortle');
        $shown = self::number($texts, $brightness, 2, 'mag/arcsec²');
        return $bortle === null ? $shown : $texts->say('{brightness}, Bortle class {class}', ['brightness' => $shown, 'class' => (int) $bortle]);
    }

    /** A field of view in the unit that reads best: `42.7′ × 75.8′` or `4.1° × 2.8°`. */
    public static function field(Texts $texts, float $width, float $height): string
    {
        [$unit, $factor] = max($width, $height) < 2.0 ? ['′', 60.0] : ['°', 1.0];

        return self::number($texts, $factor * $width, 1, $unit) . ' × ' . self::number($texts, $factor * $height, 1, $unit);
    }

    /** @param string $digits with a point */
    private static function written(Texts $texts, string $digits, string $unit): string
    {
        $blank = preg_match('/^[°′″]|^$/u', $unit) === 1 ? '' : ' ';

        return strtr($digits, ['.' => $texts->decimalPoint()]) . $blank . $unit;
    }
}
