"""Flags of stars in light curves, as the site has them (``php_api/src/Stars/StarFlag.php``)."""

from __future__ import annotations

from enum import IntFlag


class StarFlag(IntFlag):
    """What is to be known of an observation (up to AMBIGUOUS) or of a star in a calibration.

    SATURATED       -- a pixel reaches the end of its scale
    BLENDED         -- light of another star is in the aperture
    EDGE            -- the aperture crosses the edge of the picture
    DETECTION       -- another flag of `sep.extract`
    NOT_POSITIVE    -- a flux is zero or less, so that there is no magnitude
    AMBIGUOUS       -- two stars of the list are within reach of the source
    COLOUR_UNKNOWN  -- no colour term could be applied
    CATALOGUE       -- the calibration is tied to the catalogue by this star, among others
    COMPARISON      -- constant, well measured, and one of those that the zero points follow
    VARIABLE        -- varies beyond its errors
    OFF_MODEL       -- scatters beyond its errors for an unknown reason; its extra error says so
    OFTEN_MISSED    -- found in less than 85 % of the stacks that show its place: its mean may be
                       0.02 mag too bright
    """

    SATURATED = 1
    BLENDED = 2
    EDGE = 4
    DETECTION = 8
    NOT_POSITIVE = 16
    AMBIGUOUS = 32
    COLOUR_UNKNOWN = 64
    CATALOGUE = 128
    COMPARISON = 256
    VARIABLE = 512
    OFF_MODEL = 1024
    OFTEN_MISSED = 2048


UNRELIABLE = StarFlag.SATURATED | StarFlag.EDGE | StarFlag.AMBIGUOUS
"""Flags of observations that take no part in a calibration.

NOT_POSITIVE is none: what is left of a faint star without such observations is too bright.
"""
