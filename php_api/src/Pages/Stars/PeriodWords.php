<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Stars;

use CrowdSky\LightCurves\FoundVariable;
use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\Texts;

/** What the archive has found in a star, as sentences. */
final class PeriodWords
{
    private const MINUTES_OF_DAY = 1440.0;
    private const YEAR = 365.25;

    public static function kind(FoundVariable $found, Texts $texts): string
    {
        return match ($found->kind) {
            'periodic' => $texts->say('periodic'),
            'eclipses' => $texts->say('eclipses or transits'),
            'slow' => $texts->say('slow changes'),
            'irregular' => $texts->say('irregular changes'),
            FoundVariable::CONSTANT => $texts->say('nothing found beyond its errors'),
            default => $found->kind,
        };
    }

    /** A period with its error, such as `0.55340 ± 0.00002 d`, or that none is claimed. */
    public static function period(FoundVariable $found, Texts $texts): string
    {
        if ($found->period === null) {
            return $texts->say('none is claimed');
        }
        if ($found->periodError === null || $found->periodError <= 0.0) {
            return $texts->say('{period}, error not known', ['period' => SkyFormat::number($texts, $found->period, 6, 'd')]);
        }
        $decimals = max(0, min(9, 1 - (int) floor(log10($found->periodError))));

        return SkyFormat::withError($texts, $found->period, $found->periodError, $decimals, 'd');
    }

    /** An amplitude with its error, such as `0.451 ± 0.003 mag`. */
    public static function amplitude(FoundVariable $found, Texts $texts): string
    {
        return $found->amplitudeError === null
            ? SkyFormat::number($texts, $found->amplitude, 3, 'mag')
            : SkyFormat::withError($texts, $found->amplitude, $found->amplitudeError, 3, 'mag');
    }

    /** The probability that noise alone gives such a period. */
    public static function falseAlarm(FoundVariable $found, Texts $texts): string
    {
        $chance = $found->falseAlarm;

        return match (true) {
            $chance === null => $texts->say('not known'),
            $chance < 1e-12 => $texts->say('below {chance}', ['chance' => '10⁻¹²']),
            $chance < 0.001 => sprintf('%.0e', $chance),
            default => SkyFormat::number($texts, 100.0 * $chance, 2, '%'),
        };
    }

    /** Depth and duration of eclipses. */
    public static function eclipse(FoundVariable $found, Texts $texts): ?string
    {
        if ($found->depth === null || $found->duration === null) {
            return null;
        }

        return $texts->say('{depth} deep, {time} long', [
            'depth' => SkyFormat::number($texts, $found->depth, 3, 'mag'),
            'time' => SkyFormat::number($texts, self::MINUTES_OF_DAY * $found->duration, 0, 'min'),
        ]);
    }

    public static function trend(FoundVariable $found, Texts $texts): ?string
    {
        if ($found->trend === null) {
            return null;
        }
        $change = ['change' => SkyFormat::number($texts, abs($found->trend) * self::YEAR, 2, 'mag')];

        return $found->trend > 0.0 ? $texts->say('{change} a year fainter', $change) : $texts->say('{change} a year brighter', $change);
    }
}
