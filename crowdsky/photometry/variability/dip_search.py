"""Searches eclipses and transits by boxes, and keeps single bad points from looking like them.

The search is the box least squares of Kovacs, Zucker & Mazeh 2002 by astropy.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from astropy.timeseries import BoxLeastSquares

from crowdsky.base.arrays import BoolArray
from crowdsky.photometry.variability.harmonics import SIDEREAL, Points
from crowdsky.photometry.variability.lone_points import lone_points
from crowdsky.photometry.variability.statistics import robust_scatter

DURATIONS_D = (0.05, 0.09, 0.16, 0.28)
SHORTEST_PERIOD_D = 0.2
MAX_SHARE = 0.25
"""Longest eclipse, relative to the period."""
GRID_SHIFT = 0.35
"""Shift of a dip over the whole light curve between neighbours of the grid, in its durations."""
MAX_PERIODS = 200_000
FIRST_PEAKS = 10
CLIP_SIGMA = 6.0


def without_lone_points(points: Points) -> BoolArray:
    """Return which points to keep, in order of time: a single measurement is no eclipse."""
    pulls = (points.mags - np.median(points.mags)) / points.errors
    pulls = pulls / max(1.0, robust_scatter(pulls))
    return np.asarray(~lone_points(pulls[None, :], points.times)[0])


def clip_points(points: Points, trusted: BoolArray) -> Points:
    """Limit how far magnitudes are from the median of the trusted ones."""
    middle = np.median(points.mags[trusted])
    pulls = (points.mags - middle) / points.errors
    reach = CLIP_SIGMA * max(1.0, robust_scatter(pulls[trusted]))
    return replace(points, mags=middle + np.clip(pulls, -reach, reach) * points.errors)


def search_dips(points: Points, longest_period: float) -> list[tuple[float, float, float]]:
    """Search boxes: period, middle and duration in days of the best ones.

    Raises nothing: a light curve without room for three eclipses has no candidates.
    """
    light = -(points.mags - np.median(points.mags))
    found: list[tuple[float, float, float]] = []
    low, high = SHORTEST_PERIOD_D, longest_period
    if high <= low * 1.05 or len(points) < 10:
        return found
    step = max(GRID_SHIFT * DURATIONS_D[0] / points.span, np.log(high / low) / MAX_PERIODS)
    periods = np.exp(np.arange(np.log(low), np.log(high), step))
    search = BoxLeastSquares(points.times, light, points.errors)
    durations = [d for d in DURATIONS_D if d < MAX_SHARE * high]
    # A duration must be shorter than every period: short periods are searched with short boxes.
    ends = [low, *(d / MAX_SHARE for d in durations if d / MAX_SHARE > low), high]
    power, middles, widths = [], [], []
    for begin, end in itertools.pairwise(ends):
        some = periods[(periods >= begin) & (periods < end)]
        if len(some):
            usable = [d for d in durations if d <= MAX_SHARE * begin * 1.0001]
            result = search.power(some, usable or [0.9 * MAX_SHARE * begin], oversample=4)
            power.append(np.where(result.depth > 0.0, result.log_likelihood, -np.inf))
            middles.append(result.transit_time)
            widths.append(result.duration)
    likelihood = np.nan_to_num(np.concatenate(power), nan=-np.inf)
    middle, width = np.concatenate(middles), np.concatenate(widths)
    apart = 2.0 * DURATIONS_D[1] / points.span
    for _ in range(FIRST_PEAKS):
        place = int(np.argmax(likelihood))
        if not np.isfinite(likelihood[place]):
            break
        found.append((float(periods[place]), float(middle[place]), float(width[place])))
        likelihood[np.abs(np.log(periods / periods[place])) < apart] = -np.inf
    return found


def related_dips(
    found: list[tuple[float, float, float]], longest_period: float
) -> list[tuple[float, float, float]]:
    """Add doubles, halves, thirds and daily aliases of the periods."""
    every = []
    for period, middle, duration in found:
        frequencies = [1.0 / (period * factor) for factor in (1.0, 2.0, 0.5, 3.0, 1.0 / 3.0)]
        frequencies += [abs(1.0 / period + shift) for shift in (-SIDEREAL, SIDEREAL)]
        frequencies += [abs(0.5 / period + shift) for shift in (-SIDEREAL, SIDEREAL)]
        every += [(1.0 / f, middle, duration) for f in frequencies if f > 0.0]
    kept: list[tuple[float, float, float]] = []
    for one in every:
        inside = max(SHORTEST_PERIOD_D, 2.0 * one[2]) <= one[0] <= longest_period
        if inside and all(abs(np.log(one[0] / other[0])) > 1e-5 for other in kept):
            kept.append(one)
    return kept
