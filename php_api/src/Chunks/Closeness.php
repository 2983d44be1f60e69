<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

use CrowdSky\Fits\SkyPosition;

/** Decides whether pointings are close enough for one chunk, and counts what that took. */
final class Closeness
{
    /** Degrees within which two pointings are the same one: headers give no more digits. */
    private const SAME_POINTING = 1e-6;
    /** Relative and absolute error of a chord, more than rounding can make. */
    private const RELATIVE_ERROR = 1e-9;
    private const ABSOLUTE_ERROR = 1e-15;

    /** Comparisons of pointings and of boxes so far. */
    public int $comparisons = 0;
    private readonly float $tolerance;
    private readonly float $surelyNear;
    private readonly float $surelyFar;

    /** @param float $tolerance degrees between two pointings of one chunk, at most 90 */
    public function __construct(float $tolerance)
    {
        $this->tolerance = max($tolerance, self::SAME_POINTING);
        $chord = 2.0 * sin(deg2rad($this->tolerance) / 2.0);
        $this->surelyNear = $chord * (1.0 - self::RELATIVE_ERROR) - self::ABSOLUTE_ERROR;
        $this->surelyFar = $chord * (1.0 + self::RELATIVE_ERROR) + self::ABSOLUTE_ERROR;
    }

    /** Returns the edge of the largest cube, in units of the sphere's radius, in which all pointings are near each other. */
    public function cubeEdge(): float
    {
        return $this->surelyNear / sqrt(3.0);
    }

    public function areNear(SkyPosition $one, SkyPosition $other): bool
    {
        $this->comparisons++;

        return $one->distanceTo($other) <= $this->tolerance;
    }

    /**
     * Returns the answer for any two pointings in two boxes, or null when it depends on the pointings.
     *
     * @param float $shortest chord between the boxes, squared
     * @param float $longest chord between the boxes, squared
     */
    public function ofBoxes(float $shortest, float $longest): ?bool
    {
        $this->comparisons++;
        if ($shortest > $this->surelyFar ** 2) {
            return false;
        }

        return $longest <= $this->surelyNear ** 2 ? true : null;
    }
}
