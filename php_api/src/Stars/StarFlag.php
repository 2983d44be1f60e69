<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

/**
 * Bits that say what is to be known of an observation (up to AMBIGUOUS) or of a star in a calibration.
 *
 * Workers have the same (crowdsky/photometry/ensemble/flags.py); a test compares them.
 */
final class StarFlag
{
    /** A pixel reaches the end of its scale. */
    public const SATURATED = 1;
    /** Light of another star is in the aperture. */
    public const BLENDED = 2;
    /** The aperture crosses the edge of the picture. */
    public const EDGE = 4;
    /** Another flag of the detection. */
    public const DETECTION = 8;
    /** A flux is zero or less, so that there is no magnitude. */
    public const NOT_POSITIVE = 16;
    /** Two stars of the list are within reach of the source. */
    public const AMBIGUOUS = 32;
    /** No colour term could be applied. */
    public const COLOUR_UNKNOWN = 64;
    /** The calibration is tied to the catalogue by this star, among others. */
    public const CATALOGUE = 128;
    /** Constant, well measured, and one of those that the zero points follow. */
    public const COMPARISON = 256;
    /** Varies beyond its errors. */
    public const VARIABLE = 512;
    /** Scatters beyond its errors for an unknown reason; its extra error says so. */
    public const OFF_MODEL = 1024;
    /** Found in less than 85 % of the stacks that show its place: its mean may be 0.02 mag too bright. */
    public const OFTEN_MISSED = 2048;
}
