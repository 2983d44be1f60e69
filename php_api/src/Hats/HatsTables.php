<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

/** The tables of the export, each a catalogue in the HATS layout. Workers know them too (crowdsky/hats/tables.py). */
final class HatsTables
{
    public const STARS = 'stars';
    /** Of whole stacks. */
    public const LIGHT_CURVES = 'light_curves';
    /** Of the intervals of series, whose light is in the whole stacks too. */
    public const SERIES = 'series';
    public const NAMES = [self::STARS, self::LIGHT_CURVES, self::SERIES];
}
