<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Base\Format;
use CrowdSky\Measurements\Photometry;

/** Formats what astronomers measure. Everything returned is plain text; templates escape it. */
final class SkyFormat
{
    /** Degrees as hours of right ascension: `12h 51m 00.0s`, to a tenth of a second. */
    public static function rightAscension(float $degrees): string
    {
        $tenths = (int) round(fmod(fmod($degrees, 360.0) + 360.0, 360.0) * 2400.0) % 864000;

        return sprintf('%02dh %02dm %02d.%ds', intdiv($tenths, 36000), intdiv($tenths, 600) % 60, intdiv($tenths, 10) % 60, $tenths % 10);
    }

    /** Degrees of declination: `+41° 03′ 00″`, to a second of arc. */
    public static function declination(float $degrees): string
    {
        $seconds = (int) round(abs($degrees) * 3600.0);
        $sign = $degrees < 0.0 && $seconds > 0 ? '−' : '+';

        return sprintf('%s%02d° %02d′ %02d″', $sign, intdiv($seconds, 3600), intdiv($seconds, 60) % 60, $seconds % 60);
    }

    /** A number with its unit such as `21.02 mag` or `3.7″`, or a dash when it is not known. */
    public static function number(?float $value, int $decimals, string $unit = ''): string
    {
        $blank = preg_match('/^[°′″]|^$/u', $unit) === 1 ? '' : ' ';

        return $value === null ? Format::NONE : sprintf("%.{$decimals}F", $value) . $blank . $unit;
    }

    /** The day of a modified Julian date (UTC), such as `2 Jul 2026`. */
    public static function day(?float $mjd): string
    {
        return $mjd === null ? Format::NONE : gmdate('j M Y', (int) floor(($mjd - 40587.0) * 86400.0));
    }

    /** How bright the sky is, or an upper limit if the camera's offset is not known. */
    public static function skyBrightness(Photometry $photometry): string
    {
        $brightness = $photometry->get('sky_mag_arcsec2');
        if ($brightness === null) {
            return Format::NONE;
        }
        if ($photometry->get('camera_offset_adu') === null) {
            return self::number($brightness, 1, 'mag/arcsec²') . ' or darker (camera offset not known)';
        }
        $bortle = $photometry->get('bortle');
        return self::number($brightness, 2, 'mag/arcsec²') . ($bortle === null ? '' : ', Bortle class ' . (int) $bortle);
    }

    /** A field of view in the unit that reads best: `42.7′ × 75.8′` or `4.1° × 2.8°`. */
    public static function field(float $width, float $height): string
    {
        return max($width, $height) < 2.0
            ? sprintf('%.1F′ × %.1F′', 60.0 * $width, 60.0 * $height)
            : sprintf('%.1F° × %.1F°', $width, $height);
    }
}
