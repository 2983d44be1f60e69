<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Fits\FitsOutline;
use CrowdSky\Fits\FitsPart;
use CrowdSky\Fits\StackHeader;

/**
 * Decides whether a file that has been read through is a stack: whether it holds light, and that of its job.
 */
final class StackSubstance
{
    /** Part by which exposures may differ: a reader may keep them in single precision. */
    private const EXPOSURE_PART = 1e-4;
    /** Seconds by which they may differ in any case, for values that were rounded for the report. */
    private const EXPOSURE_SECONDS = 0.01;

    /** @return string|null which part is wrong, how, and what it should be; null for a stack */
    public static function problem(FitsOutline $file, ExpectedStack $expected): ?string
    {
        $parts = $file->parts();
        return $expected->layout->problem($parts)
            ?? self::wrongSum($parts)
            ?? self::wrongPictures($expected, $parts)
            ?? self::wrongFigures($expected->frames, $expected->exposure, $file->primary());
    }

    /** @param list<FitsPart> $parts */
    private static function wrongSum(array $parts): ?string
    {
        foreach ($parts as $number => $part) {
            if ($part->sumProblem !== null) {
                $name = $number === 0 ? 'its primary part' : ($part->name() === '' ? "its extension $number" : $part->name());
                return "$name is damaged: it differs from its own {$part->sumProblem}";
            }
        }
        return null;
    }

    /** @param list<FitsPart> $parts */
    private static function wrongPictures(ExpectedStack $expected, array $parts): ?string
    {
        $planes = $expected->layout->planes($parts);
        $size = $expected->frameSize ?? array_slice($planes[0]->header->axes(), 0, 2);
        foreach ($planes as $plane) {
            $problem = self::wrongShape($plane, $size, $expected->frameSize === null ? $planes[0]->name() : 'the raw frames')
                ?? self::wrongLight($plane);
            if ($problem !== null) {
                return $problem;
            }
        }
        foreach ($expected->layout->maps($parts) as $map) {
            $problem = self::wrongShape($map, $size, 'the planes') ?? self::wrongMap($map);
            if ($problem !== null) {
                return $problem;
            }
        }
        return null;
    }

    /** @param list<int> $size width and height that it should have */
    private static function wrongShape(FitsPart $part, array $size, string $model): ?string
    {
        if (!$part->header->isImage()) {
            return "{$part->name()} is not an image extension; store the planes without compression";
        }
        $axes = $part->header->axes();
        if (count($axes) !== 2) {
            return "{$part->name()} has " . count($axes) . ' axes, not 2';
        }
        if (array_product($axes) === 0) {
            return "{$part->name()} has no pixels";
        }
        return $axes === $size ? null : "{$part->name()} has " . implode(' x ', $axes) . ' pixels, not ' . implode(' x ', $size) . " as $model";
    }

    private static function wrongLight(FitsPart $plane): ?string
    {
        return match (true) {
            !$plane->header->hasPlainValues()
                => "{$plane->name()} has a BSCALE, BZERO or BLANK that leaves its pixels undefined; write them as they are, uncovered ones as 0",
            !$plane->isFinite => "{$plane->name()} holds values that are no numbers (NaN or infinite); write uncovered pixels as 0",
            $plane->isConstant => "all pixels of {$plane->name()} have the same value, so that it shows nothing",
            default => null,
        };
    }

    private static function wrongMap(FitsPart $map): ?string
    {
        return match (true) {
            !$map->isFinite => "{$map->name()} holds values that are no numbers (NaN or infinite)",
            $map->isZero && $map->name() === StackLayout::COVERAGE => "{$map->name()} is 0 everywhere: no frame covers any pixel",
            default => null,
        };
    }

    /**
     * Applies the rule by which readers decide what EXPTIME means (section 6.3 of the contract).
     *
     * @param int|null $frames combined frames that are known of it; null if nothing is to be compared
     * @param float|null $seconds their total exposure, likewise
     */
    public static function wrongFigures(?int $frames, ?float $seconds, StackHeader $header): ?string
    {
        if ($frames !== null && $header->looksNative()) {
            return 'its header has TOTALEXP, so that readers take EXPTIME for the exposure of one frame; leave it out';
        }
        if ($frames !== null && $header->frames() !== $frames) {
            $found = $header->frames() === null ? 'no NIMAGES' : "NIMAGES = {$header->frames()}";
            return "its header has $found, but $frames combined frames were reported";
        }
        $exposure = $header->exposure();
        if ($seconds === null || ($exposure !== null && self::agree($exposure, $seconds))) {
            return null;
        }
        $found = $exposure === null ? 'no EXPTIME' : "EXPTIME = $exposure";
        return "its header has $found, but a total exposure of $seconds s was reported";
    }

    private static function agree(float $one, float $other): bool
    {
        return abs($one - $other) <= max(self::EXPOSURE_SECONDS, self::EXPOSURE_PART * abs($other));
    }
}
