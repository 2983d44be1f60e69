"""What the points leave open of a fit of eclipses: other periods near it, and twice the period."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

from crowdsky.photometry.variability import eclipses
from crowdsky.photometry.variability.eclipses import DipFit
from crowdsky.photometry.variability.harmonics import Points

SHIFTS = (-2.0, -1.0, -0.5, -0.2, 0.2, 0.5, 1.0, 2.0)
"""Changes of the period at which fits begin anew: shifts of the dip over half of all the points, in
its durations."""
FLATS = (0.1, 0.7)
MIN_PARITY_SNR, MIN_SHALLOW_PARITY_SNR = 3.0, 6.0
"""Depth of an eclipse that was seen for itself, and difference of two kinds of them, in its errors:
the second number where they are as shallow as those of planets, since the bad points and the nights
of a few dips make such differences."""
SHALLOW_MAG, HALF_THE_LIGHT_MAG = 0.03, 0.76
"""Dips of planets are shallower than the first; two alike eclipses never deeper than the second."""


def best_of_near_periods(points: Points, fit: DipFit) -> DipFit:
    """Fit again from periods near one, and return the best fit.

    Where an eclipse was seen in parts only, chi-square has several minima along the period, with
    other moments and shapes.
    """
    two = fit.parameters > eclipses.ONE_DIP_PARAMETERS
    fits = [fit]
    for shift, flat in itertools.product(SHIFTS, FLATS):
        change = 2.0 * shift * fit.duration * fit.period / points.span
        start = replace(fit, period=fit.period + change, flat=flat)
        fits.append(eclipses.fit_dips(points, eclipses.depths_at(points, start, two), two))
    return min(fits, key=lambda one: one.chi2)


def twice_as_long(points: Points, fit: DipFit) -> str:
    """Say why the period may be twice that of a fit with one dip; "" if it is not so.

    Odd and even dips get depths of their own. Where one kind was not seen for itself, nothing shows
    that it is there. Where both are alike, two stars of one surface brightness explain them as
    well: not those of planets, and none in which more than half of the light is lost.
    """
    odd = eclipses.depths_at(points, replace(fit, period=2.0 * fit.period), two=True)
    for depth, error in zip(odd.depths, odd.depth_errors, strict=True):
        if depth < MIN_PARITY_SNR * error:
            return "not both of odd and even eclipses were seen: the period may be twice as long"
    if SHALLOW_MAG < fit.depth_mag < HALF_THE_LIGHT_MAG:
        return (
            f"the eclipses are alike: the period is {fit.period:.6g} d, or {2.0 * fit.period:.6g} d"
            " if they are those of two stars"
        )
    return ""


def half_as_long(fit: DipFit) -> str:
    """Say why the period may be half that of a fit with two dips; "" if their depths differ."""
    least = MIN_PARITY_SNR if fit.depth_mag > SHALLOW_MAG else MIN_SHALLOW_PARITY_SNR
    if fit.depths[0] - fit.depths[1] >= least * math.hypot(*fit.depth_errors):
        return ""
    return (
        f"the two eclipses are alike: the period is {fit.period:.6g} d, or {0.5 * fit.period:.6g} d"
    )
