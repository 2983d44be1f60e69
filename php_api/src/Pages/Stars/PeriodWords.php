<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Stars;

use CrowdSky\LightCurves\FoundVariable;
use CrowdSky\Pages\SkyFormat;

/** What the archive has found in a star, as sentences. */
final class PeriodWords
{
    private const KINDS = [
        'periodic' => 'periodic',
        'eclipses' => 'eclipses or transits',
        'slow' => 'slow changes',
        'irregular' => 'irregular changes',
        FoundVariable::CONSTANT => 'nothing found beyond its errors',
    ];
    private const MINUTES_OF_DAY = 1440.0;
    private const YEAR = 365.25;

    public static function kind(FoundVariable $found): string
    {
        return self::KINDS[$found->kind] ?? $found->kind;
    }

    /** A period with its error, such as `0.55340 ± 0.00002 d`, or that none is claimed. */
    public static function period(FoundVariable $found): string
    {
        if ($found->period === null) {
            return 'none is claimed';
        }
        if ($found->periodError === null || $found->periodError <= 0.0) {
            return SkyFormat::number($found->period, 6, 'd') . ', error not known';
        }
        $decimals = max(0, min(9, 1 - (int) floor(log10($found->periodError))));

        return sprintf("%.{$decimals}F ± %.{$decimals}F d", $found->period, $found->periodError);
    }

    /** An amplitude with its error, such as `0.451 ± 0.003 mag`. */
    public static function amplitude(FoundVariable $found): string
    {
        return $found->amplitudeError === null
            ? SkyFormat::number($found->amplitude, 3, 'mag')
            : sprintf('%.3F ± %.3F mag', $found->amplitude, $found->amplitudeError);
    }

    /** The probability that noise alone gives such a period. */
    public static function falseAlarm(FoundVariable $found): string
    {
        $chance = $found->falseAlarm;

        return match (true) {
            $chance === null => 'not known',
            $chance < 1e-12 => 'below 10⁻¹²',
            $chance < 0.001 => sprintf('%.0e', $chance),
            default => sprintf('%.2F %%', 100.0 * $chance),
        };
    }

    /** Depth and duration of eclipses. */
    public static function eclipse(FoundVariable $found): ?string
    {
        if ($found->depth === null || $found->duration === null) {
            return null;
        }

        return SkyFormat::number($found->depth, 3, 'mag') . ' deep, ' . sprintf('%.0F min', self::MINUTES_OF_DAY * $found->duration) . ' long';
    }

    public static function trend(FoundVariable $found): ?string
    {
        return $found->trend === null
            ? null
            : sprintf('%.2F mag a year %s', abs($found->trend) * self::YEAR, $found->trend > 0.0 ? 'fainter' : 'brighter');
    }
}
