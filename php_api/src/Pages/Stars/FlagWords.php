<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Stars;

use CrowdSky\Stars\StarFlag;

/** The bits of StarFlag in words. */
final class FlagWords
{
    private const OF_POINTS = [
        StarFlag::SATURATED => 'saturated',
        StarFlag::BLENDED => 'light of a neighbour in the aperture',
        StarFlag::EDGE => 'at the edge of the picture',
        StarFlag::DETECTION => 'flagged by the detection',
        StarFlag::NOT_POSITIVE => 'no light measured',
        StarFlag::AMBIGUOUS => 'two stars within reach',
    ];
    private const OF_STARS = [
        StarFlag::COLOUR_UNKNOWN => 'its colour is unknown, so that no colour term is applied',
        StarFlag::CATALOGUE => 'ties the calibration to the catalogue, among others',
        StarFlag::COMPARISON => 'constant and well measured: a comparison star',
        StarFlag::VARIABLE => 'varies beyond its errors',
        StarFlag::OFF_MODEL => 'scatters beyond its errors for an unknown reason, such as a galaxy’s core or an edge of the flat field; its errors are enlarged by that',
    ];

    /** @return list<string> what makes one point doubtful */
    public static function ofPoint(int $flags): array
    {
        return self::words($flags, self::OF_POINTS);
    }

    /** @return list<string> what a calibration says of a star */
    public static function ofStar(int $flags): array
    {
        return self::words($flags, self::OF_STARS);
    }

    /**
     * @param array<int, string> $words
     * @return list<string>
     */
    private static function words(int $flags, array $words): array
    {
        return array_values(array_filter($words, static fn (int $bit): bool => ($flags & $bit) !== 0, ARRAY_FILTER_USE_KEY));
    }
}
