<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

/**
 * Compares two results of the same frames.
 *
 * The tolerances are wide enough for honest workers with different processors and one frame more or less, and narrow
 * enough that a picture of something else does not pass.
 */
final class Agreement
{
    /** Largest distance between the centres, in arcsec. */
    public const CENTRE = 5.0;
    /** Largest difference in pixel scale, as a share of the reference's. */
    public const SCALE = 0.001;
    /** Largest difference in the number of combined frames. */
    public const FRAMES = 1;
    /** Largest difference in exposure, sky and noise, as a share of the larger value. */
    public const LEVEL = 0.02;
    /** Largest distance between the positions of a star, in pixels. */
    public const STAR = 1.0;
    /** Number of stars that are looked for, brightest first. */
    public const STARS = 20;
    /** Number of stars in ten that must be found. */
    private const FOUND_OF_TEN = 9;

    /**
     * Compares a result with one to go by.
     *
     * A figure that the reference has and the result lacks is a disagreement, except for the solution: whether a stack
     * can be solved depends on the index files of the machine.
     *
     * @return list<string> where the result differs from the reference, in words; empty when they agree
     */
    public static function between(ResultFigures $result, ResultFigures $reference): array
    {
        return array_values(array_filter([
            self::frames($result, $reference),
            self::exposure($result, $reference),
            self::centre($result, $reference),
            self::scale($result, $reference),
            ...self::levels('sky', $result->sky, $reference->sky, 1.0),
            // An additional frame lowers the noise by its share, or not at all when it has little weight.
            ...self::levels('noise', $result->noise, $reference->noise, sqrt($reference->framesUsed / max(1, $result->framesUsed))),
            self::stars($result->stars, $reference->stars),
        ]));
    }

    /**
     * Compares two results neither of which is the one to go by.
     *
     * @return list<string> where one differs from the other, in words; empty when they agree
     */
    public static function mutual(ResultFigures $one, ResultFigures $other): array
    {
        $differences = self::between($one, $other);
        return $differences !== [] ? $differences : self::between($other, $one);
    }

    private static function frames(ResultFigures $result, ResultFigures $reference): ?string
    {
        $isNear = abs($result->framesUsed - $reference->framesUsed) <= self::FRAMES;
        return $isNear ? null : "{$result->framesUsed} frames were combined, not {$reference->framesUsed}";
    }

    /** Compares the exposure of one frame on average, so that an additional frame does not count twice. */
    private static function exposure(ResultFigures $result, ResultFigures $reference): ?string
    {
        if ($reference->exposure === null) {
            return null;
        }
        if ($result->exposure === null) {
            return 'the total exposure is missing';
        }
        $one = $result->exposure / max(1, $result->framesUsed);
        $expected = $reference->exposure / max(1, $reference->framesUsed);
        $isNear = self::isWithin($one, $expected, $expected);
        return $isNear ? null : sprintf('the total exposure is %.1F s, not %.1F s', $result->exposure, $reference->exposure);
    }

    private static function centre(ResultFigures $result, ResultFigures $reference): ?string
    {
        if ($result->centre === null || $reference->centre === null) {
            return null;
        }
        $apart = self::arcsec($result->centre, $reference->centre);
        return $apart < self::CENTRE ? null : sprintf('the centre lies %.1F arcsec away', $apart);
    }

    private static function scale(ResultFigures $result, ResultFigures $reference): ?string
    {
        if ($result->scale === null || $reference->scale === null) {
            return null;
        }
        $isNear = abs($result->scale - $reference->scale) <= self::SCALE * $reference->scale;
        return $isNear ? null : sprintf('a pixel has %.4F arcsec, not %.4F', $result->scale, $reference->scale);
    }

    /**
     * @param array<string, float> $result by plane
     * @param array<string, float> $reference by plane
     * @param float $factor by which the level may differ, besides the tolerance
     * @return list<string>
     */
    private static function levels(string $name, array $result, array $reference, float $factor): array
    {
        $found = [];
        foreach ($reference as $plane => $level) {
            if (!isset($result[$plane])) {
                $found[] = "the $name of plane $plane is missing";
            } elseif (!self::isWithin($result[$plane], $level, $level * $factor)) {
                $found[] = sprintf('the %s of plane %s is %.4G ADU, not %.4G', $name, $plane, $result[$plane], $level);
            }
        }
        return $found;
    }

    /**
     * @param list<array{float, float}> $result
     * @param list<array{float, float}> $reference
     */
    private static function stars(array $result, array $reference): ?string
    {
        $sought = array_slice($reference, 0, self::STARS);
        $found = count(array_filter($sought, static fn (array $star): bool => self::hasStarAt($star, $result)));
        $isEnough = 10 * $found >= self::FOUND_OF_TEN * count($sought);
        return $isEnough ? null : "only $found of the " . count($sought) . ' brightest stars are where they should be';
    }

    /**
     * @param array{float, float} $place x and y in pixels
     * @param list<array{float, float}> $stars
     */
    private static function hasStarAt(array $place, array $stars): bool
    {
        foreach ($stars as [$x, $y]) {
            if (hypot($x - $place[0], $y - $place[1]) <= self::STAR) {
                return true;
            }
        }
        return false;
    }

    /** Whether a value lies between two others, or outside by no more than the tolerance. */
    private static function isWithin(float $value, float $one, float $other): bool
    {
        $tolerance = self::LEVEL * max(abs($one), abs($other));
        return $value >= min($one, $other) - $tolerance && $value <= max($one, $other) + $tolerance;
    }

    /**
     * @param array{float, float} $a degrees
     * @param array{float, float} $b degrees
     */
    private static function arcsec(array $a, array $b): float
    {
        [$ra, $dec] = array_map(deg2rad(...), $a);
        [$otherRa, $otherDec] = array_map(deg2rad(...), $b);
        $half = sin(($dec - $otherDec) / 2) ** 2 + cos($dec) * cos($otherDec) * sin(($ra - $otherRa) / 2) ** 2;
        return rad2deg(2 * asin(min(1.0, sqrt($half)))) * 3600;
    }
}
