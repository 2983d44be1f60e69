"""Dips too shallow for a single stack, in stars that seem constant: transits of planets.

All stars of a field are searched with boxes of phase (Kovacs, Zucker & Mazeh 2002). A box sums the
light of three nights or more, with each point limited to CLIP_SIGMA, so that bad ones weigh little.
Its significance is divided by what the same sums of single events scatter in the star itself,
brighter than normal: noise that stays for an hour makes no transits (Pont, Zucker & Queloz 2006).
The limit follows from the number of boxes that were tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.variability.box_kernels import best_boxes
from crowdsky.photometry.variability.curves import FieldCurves
from crowdsky.photometry.variability.excess import Noise, deviate_limit, row_medians
from crowdsky.photometry.variability.systematics import without_systematics

DURATIONS_D = (0.07, 0.13, 0.24)
SHORTEST_PERIOD_D = 0.5
MAX_SHARE = 0.25
"""Longest box, relative to the period."""
LEAST_CYCLES = 3.0
GRID_SHIFT = 0.5
"""Shift of a dip over the whole light curve between neighbours of the grid, in its durations."""
MAX_PERIODS = 20_000
"""Largest number of periods for one duration; a longer light curve begins with longer ones."""
CLIP_SIGMA = 3.0
MIN_POINTS = 50
OTHER_NIGHTS_DEVIATE = 4.0
"""Significance that must be left without the night that deviates most."""
MIN_KEPT_DEPTH = 0.5
"""Share of the depth that has to be left without the dependences on conditions, and that other
bands must be able to show: a planet is dark in all colours."""


@dataclass(frozen=True, slots=True)
class ShallowDips:
    """The most significant box of each star, arrays (n,).

    deviate         -- its significance in standard deviations; 0 of stars that were not searched
    limit           -- what chance exceeds in `excess.FALSE_ALARMS` of all fields; a number
    scale           -- how much more sums of points scatter than their errors say
    period, begin, duration -- of the box, days; it begins at ``first`` plus ``begin``
    first           -- BJD of the first epoch; a number
    """

    deviate: FloatArray
    limit: float
    scale: FloatArray
    period: FloatArray
    begin: FloatArray
    duration: FloatArray
    first: float

    def inside(self, star: int, bjd: FloatArray) -> BoolArray:
        """Return which times are in the box of a star."""
        phase = (bjd - self.first - self.begin[star]) % self.period[star]
        return np.asarray(phase < self.duration[star])


@dataclass(frozen=True, slots=True)
class Depth:
    """Magnitudes that a star loses in a box, and their error."""

    mag: float
    error: float


def search_shallow_dips(
    curves: FieldCurves, band: str, noise: Noise, chosen: BoolArray
) -> ShallowDips:
    """Search some stars of a field, bool (n,), for dips in one band."""
    mags, count = curves.mags[band], len(chosen)
    points = np.isfinite(mags).sum(axis=1)
    rows = np.flatnonzero(chosen & (points >= MIN_POINTS))
    deviate, scale = np.zeros(count), np.ones(count)
    period, begin, duration = np.full((3, count), np.nan)
    first = float(curves.bjd[0]) if len(curves.bjd) else math.nan
    limited, weights = _limited(mags[rows], noise.errors[rows], noise.factor[rows])
    searched = 0
    for length in DURATIONS_D if len(rows) else ():
        periods = _periods(curves.bjd, length)
        boxes = best_boxes(curves.bjd - first, curves.night, limited, weights, periods, length)
        searched += boxes.searched * len(rows)
        widened = _scatter_of_events(curves.bjd, limited, weights, length)
        found = np.sqrt(boxes.power) / widened
        better = found > deviate[rows]
        of = rows[better]
        deviate[of], scale[of] = found[better], widened[better]
        period[of], begin[of] = boxes.period[better], boxes.begin[better]
        duration[of] = boxes.duration[better]
    limit = deviate_limit(max(searched, 1))
    return ShallowDips(deviate, limit, scale, period, begin, duration, first)


def confirmed(
    curves: FieldCurves, noise: dict[str, Noise], dips: ShallowDips, star: int, band: str
) -> bool:
    """Whether dips are in several nights, no effect of conditions, and in the other bands, too."""
    inside = dips.inside(star, curves.bjd)
    mags, errors = curves.mags[band][star], noise[band].errors[star]
    depth = depth_in(inside, mags, errors, dips.scale[star])
    cleaned = without_systematics(curves, star, mags, errors)[0]
    kept = depth_in(inside, cleaned, errors, dips.scale[star])
    if not 0.0 < MIN_KEPT_DEPTH * depth.mag <= kept.mag:
        return False
    there = inside & np.isfinite(mags)
    strength = np.bincount(
        curves.night[there], weights=((mags - np.nanmedian(mags)) / errors**2)[there]
    )
    others = curves.night != int(np.argmax(strength))
    rest = depth_in(inside[others], mags[others], errors[others], dips.scale[star])
    if rest.mag < OTHER_NIGHTS_DEVIATE * rest.error:
        return False
    for other in curves.mags:
        seen = depth_in(inside, curves.mags[other][star], noise[other].errors[star], 1.0)
        if other != band and seen.mag + 2.0 * seen.error < MIN_KEPT_DEPTH * depth.mag:
            return False
    return True


def depth_in(inside: BoolArray, mags: FloatArray, errors: FloatArray, scale: float) -> Depth:
    """Compute by how much a star is fainter in a box than outside; unknown depths have error inf.

    ``scale`` is how much larger the errors of sums are than those of the points say.
    """
    there = np.isfinite(mags) & np.isfinite(errors)
    within, outside = there & inside, there & ~inside
    if within.sum() < 3 or outside.sum() < 3:
        return Depth(0.0, math.inf)
    middle = np.median(mags[outside])
    # Points within are limited about their own median: a deep dip keeps its depth.
    means, squares = [], []
    for some, about in ((within, float(np.median(mags[within]))), (outside, float(middle))):
        reach = CLIP_SIGMA * errors[some]
        limited = about + np.clip(mags[some] - about, -reach, reach)
        weights = errors[some] ** -2.0
        means.append(float(np.average(limited, weights=weights)))
        squares.append(1.0 / float(np.sum(weights)))
    return Depth(means[0] - means[1], scale * math.sqrt(sum(squares)))


def _periods(bjd: FloatArray, duration: float) -> FloatArray:
    """Return periods of a grid on which a dip shifts by GRID_SHIFT durations over all epochs."""
    span = float(np.ptp(bjd))
    low, high = max(SHORTEST_PERIOD_D, duration / MAX_SHARE), span / LEAST_CYCLES
    if high <= low:
        return np.zeros(0)
    step = GRID_SHIFT * duration / span
    return np.asarray(np.exp(np.arange(np.log(high), np.log(low), -step)[:MAX_PERIODS]))


def _limited(
    mags: FloatArray, errors: FloatArray, factor: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Limit magnitudes (n, m) about their medians; return them and their weights, 0 without one."""
    honest = errors * np.sqrt(factor)[:, None]
    there = np.isfinite(mags) & np.isfinite(honest)
    pulls = np.where(there, (mags - row_medians(mags)[:, None]) / honest, 0.0)
    limited = np.clip(pulls, -CLIP_SIGMA, CLIP_SIGMA) * np.where(there, honest, 0.0)
    return limited, np.where(there, honest, np.inf) ** -2.0


def _scatter_of_events(
    bjd: FloatArray, limited: FloatArray, weights: FloatArray, duration: float
) -> FloatArray:
    """Compute how much sums over one duration scatter, in their errors: (n,), 1 or more.

    Taken from sums that are brighter than normal, which no dip is part of.
    """
    zero = np.zeros((len(limited), 1))
    sums = np.concatenate([zero, np.cumsum(weights * limited, axis=1)], axis=1)
    norms = np.concatenate([zero, np.cumsum(weights, axis=1)], axis=1)
    end = np.searchsorted(bjd, bjd + duration)
    lost, norm = sums[:, end] - sums[:, :-1], norms[:, end] - norms[:, :-1]
    usable = (weights > 0.0) & (lost < 0.0)
    squares = np.where(usable, lost**2 / np.where(usable, norm, 1.0), 0.0)
    scatter = np.sqrt(squares.sum(axis=1) / np.maximum(usable.sum(axis=1), 1))
    return np.asarray(np.maximum(scatter, 1.0))
