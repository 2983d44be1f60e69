"""Dips too shallow for a single stack, in stars that seem constant: transits of planets.

All stars of a field are searched with boxes of phase (Kovacs, Zucker & Mazeh 2002). A box sums the
light of three nights or more, without bad points between normal ones, and with all others limited
to CLIP_SIGMA. Its significance is divided by what sums of single events scatter outside it,
brighter than normal: noise that stays for an hour makes no transits (Pont, Zucker & Queloz 2006).
The limit follows from the number of boxes that were tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.variability.box_kernels import best_boxes
from crowdsky.photometry.variability.curves import FieldCurves
from crowdsky.photometry.variability.excess import Noise, deviate_limit, row_medians
from crowdsky.photometry.variability.lone_points import lone_points
from crowdsky.photometry.variability.systematics import depth_beside_systematics

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
BESIDE_DEVIATE = 5.5
"""Significance that a dip must have in a fit together with the dependences on conditions."""
MIN_KEPT_DEPTH = 0.5
"""Share of the depth that has to be left in that fit, and that other bands must be able to show: a
planet is dark in all colours."""


class Box(NamedTuple):
    """A dip that repeats: days, on the scale of the times."""

    period: float
    begin: float
    duration: float

    def inside(self, times: FloatArray) -> BoolArray:
        """Return which times are in it."""
        return np.asarray((times - self.begin) % self.period < self.duration)


@dataclass(frozen=True, slots=True)
class ShallowDips:
    """The most significant box of each star, arrays (n,).

    deviate         -- its significance in standard deviations; 0 of stars below the limit
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

    def take(self, star: int, box: Box, deviate: float, scale: float) -> None:
        """Keep a box of a star if it is more significant than the one before."""
        if deviate > self.deviate[star]:
            self.deviate[star], self.scale[star] = deviate, scale
            self.period[star], self.begin[star], self.duration[star] = box

    def box(self, star: int) -> Box:
        """Return the box of a star, on the scale of BJD."""
        begin = self.first + float(self.begin[star])
        return Box(float(self.period[star]), begin, float(self.duration[star]))

    def inside(self, star: int, bjd: FloatArray) -> BoolArray:
        """Return which times are in the box of a star."""
        return self.box(star).inside(bjd)


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
    first = float(curves.bjd[0]) if len(curves.bjd) else math.nan
    times = curves.bjd - first
    limited, weights = _limited(mags[rows], noise.errors[rows], noise.factor[rows], times)
    found, searched = [], 0
    for length in DURATIONS_D if len(rows) else ():
        periods = _periods(curves.bjd, length)
        boxes = best_boxes(times, curves.night, limited, weights, periods, length)
        searched += boxes.searched * len(rows)
        found.append(boxes)
    limit = deviate_limit(max(searched, 1))
    period, begin, duration = np.full((3, count), np.nan)
    dips = ShallowDips(np.zeros(count), limit, np.ones(count), period, begin, duration, first)
    for boxes, length in zip(found, DURATIONS_D, strict=False):
        for place in np.flatnonzero(np.sqrt(boxes.power) >= limit).tolist():
            box = Box(boxes.period[place], boxes.begin[place], boxes.duration[place])
            scale = _scatter_outside(times, limited[place], weights[place], box, length)
            dips.take(int(rows[place]), box, math.sqrt(boxes.power[place]) / scale, scale)
    return dips


def confirmed(
    curves: FieldCurves, noise: dict[str, Noise], dips: ShallowDips, star: int, band: str
) -> bool:
    """Whether dips are in several nights, no effect of conditions, and in the other bands, too."""
    inside = dips.inside(star, curves.bjd)
    errors = noise[band].errors[star] * math.sqrt(noise[band].factor[star])
    mags = _without_lone(curves.mags[band][star], errors, curves.bjd)
    depth = depth_in(inside, mags, errors, dips.scale[star])
    beside, error = depth_beside_systematics(curves, star, mags, errors, inside)
    if not 0.0 < MIN_KEPT_DEPTH * depth.mag <= beside:
        return False
    if beside < BESIDE_DEVIATE * dips.scale[star] * error:
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
    mags: FloatArray, errors: FloatArray, factor: FloatArray, times: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Limit magnitudes (n, m) about their medians; return them and their weights, 0 without one."""
    honest = errors * np.sqrt(factor)[:, None]
    pulls = (mags - row_medians(mags)[:, None]) / honest
    there = np.isfinite(pulls) & ~lone_points(pulls, times)
    limited = np.clip(np.where(there, pulls, 0.0), -CLIP_SIGMA, CLIP_SIGMA)
    weights = np.where(there, honest, np.inf) ** -2.0
    return limited * np.where(there, honest, 0.0), weights


def _without_lone(mags: FloatArray, errors: FloatArray, times: FloatArray) -> FloatArray:
    pulls = (mags - np.nanmedian(mags)) / errors
    return np.where(lone_points(pulls[None, :], times)[0], np.nan, mags)


def _scatter_outside(
    times: FloatArray, limited: FloatArray, weights: FloatArray, box: Box, duration: float
) -> float:
    """Compute how much sums over one duration scatter outside a box, in their errors, 1 or more.

    Taken from sums that are brighter than the mean, which no other dip is part of.
    """
    outside = np.where(box.inside(times), 0.0, weights)
    away = limited - np.average(limited, weights=outside) if outside.any() else limited
    sums = np.concatenate([[0.0], np.cumsum(outside * away)])
    norms = np.concatenate([[0.0], np.cumsum(outside)])
    end = np.searchsorted(times, times + duration)
    lost, norm = sums[end] - sums[:-1], norms[end] - norms[:-1]
    usable = (outside > 0.0) & (lost < 0.0)
    if not usable.any():
        return 1.0
    return max(1.0, math.sqrt(float(np.mean(lost[usable] ** 2 / norm[usable]))))
