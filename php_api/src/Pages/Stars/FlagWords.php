<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Stars;

use CrowdSky\Pages\Texts;
use CrowdSky\Stars\StarFlag;

/** The bits of StarFlag in words. */
final class FlagWords
{
    private const DOUBTS = StarFlag::SATURATED | StarFlag::BLENDED | StarFlag::EDGE | StarFlag::DETECTION | StarFlag::NOT_POSITIVE | StarFlag::AMBIGUOUS;

    /** Whether something makes a point doubtful. */
    public static function isDoubtful(int $flags): bool
    {
        return ($flags & self::DOUBTS) !== 0;
    }

    /** @return list<string> what makes one point doubtful */
    public static function ofPoint(int $flags, Texts $texts): array
    {
        return self::words($flags, [
            StarFlag::SATURATED => $texts->say('saturated'),
            StarFlag::BLENDED => $texts->say('light of a neighbour in the aperture'),
            StarFlag::EDGE => $texts->say('at the edge of the picture'),
            StarFlag::DETECTION => $texts->say('flagged by the detection'),
            StarFlag::NOT_POSITIVE => $texts->say('no light measured'),
            StarFlag::AMBIGUOUS => $texts->say('two stars within reach'),
        ]);
    }

    /** @return list<string> what a calibration says of a star */
    public static function ofStar(int $flags, Texts $texts): array
    {
        return self::words($flags, [
            StarFlag::COLOUR_UNKNOWN => $texts->say('its colour is unknown, so that no colour term is applied'),
            StarFlag::CATALOGUE => $texts->say('ties the calibration to the catalogue, among others'),
            StarFlag::COMPARISON => $texts->say('constant and well measured: a comparison star'),
            StarFlag::VARIABLE => $texts->say('varies beyond its errors'),
            StarFlag::OFF_MODEL => $texts->say('scatters beyond its errors for an unknown reason, such as a galaxy’s core or an edge of the flat field; its errors are enlarged by that'),
            StarFlag::OFTEN_MISSED => $texts->say('found in less than 85 % of the stacks that show its place: only noise that makes it brighter lifts it above the limit, so that its mean may be 0.02 mag too bright'),
        ]);
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
