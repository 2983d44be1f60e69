"""Explanations of a light curve to choose among: smooth periods, eclipses, a slow change.

Each is fitted without the points that are off by themselves. `periods` weighs them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.variability import dip_search, eclipses, harmonics
from crowdsky.photometry.variability.aliases import competing_frequencies
from crowdsky.photometry.variability.eclipses import DipFit
from crowdsky.photometry.variability.harmonics import HarmonicFit, Points

OUTLIER_SIGMA = 5.0
SLOW_TERMS = 5
FITTED_DIPS = 18
REFITTED_DIPS = 6
SMOOTH_SEEDS = 4
FINE_FITS = 10
SAME_MARGIN = 10.0
"""Difference of the Bayesian information criterion below which explanations are equally good."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One period and shape, and how well it explains the points: a smaller ``bic`` is better.

    ``model`` are its magnitudes at all points, those left out as well.
    """

    frequency: float
    bic: float
    model: FloatArray
    fit: HarmonicFit | DipFit


def smooth_candidates(
    every: Points, shortest: float, longest: float
) -> tuple[list[Candidate], BoolArray]:
    """Fit sums of harmonics; twice, the second time without the outliers of the best one."""
    low, high, width = 1.0 / longest, 1.0 / shortest, 0.3 / every.span
    first = harmonics.first_frequencies(every, low, high)
    found = harmonics.related(first, low, high, width, shifts=(0.0,))
    candidates = sorted(
        (_smooth_candidate(every, every, frequency) for frequency in found),
        key=lambda one: one.bic,
    )
    rejected = np.zeros(len(every), dtype=bool)
    if candidates:
        rejected = harmonics.outliers(every, candidates[0].model, OUTLIER_SIGMA)
    points = every.only(~rejected)
    best = [one.frequency for one in candidates[:SMOOTH_SEEDS]]
    tried = harmonics.related(best, low, high, width)
    for frequency in competing_frequencies(points, low, high):
        if all(abs(frequency - other) > width for other in tried):
            tried.append(frequency)
    candidates = sorted(
        (_smooth_candidate(points, every, frequency) for frequency in tried),
        key=lambda one: one.bic,
    )
    again = [
        _smooth_candidate(points, every, one.frequency, fine=True) for one in candidates[:FINE_FITS]
    ]
    candidates = sorted([*again, *candidates[FINE_FITS:]], key=lambda one: one.bic)
    if candidates:
        rejected = harmonics.outliers(every, candidates[0].model, OUTLIER_SIGMA)
    return candidates, rejected


def _smooth_candidate(
    points: Points, every: Points, frequency: float, fine: bool = False
) -> Candidate:
    """Fit as many harmonics as the points justify near a frequency."""
    reach, most = 0.5 / points.span, harmonics.most_terms(points, frequency)
    counts = range(1, most + 1) if fine else sorted({1, min(2, most), min(4, most), most})
    at = harmonics.best_fit(points, frequency, min(4, most), reach, 21).frequency
    fits = []
    for terms in counts:
        fit = harmonics.best_fit(points, at, terms, 0.1 * reach, 5)
        if fine:
            fit = harmonics.best_fit(points, fit.frequency, terms, 0.03 * reach, 9)
        fits.append(fit)
    best = min(fits, key=lambda one: _bic(points, one))
    return Candidate(best.frequency, _bic(points, best), best.at(every.times), best)


def dip_candidates(
    every: Points,
    shortest: float,
    longest: float,
    known: Sequence[tuple[float, float, float]] = (),
) -> tuple[list[Candidate], BoolArray]:
    """Fit trapezoids about the best boxes and ``known`` ones; return which points they leave out.

    One bad point weighs more than a whole transit, and clipped ones hide how deep an eclipse is. So
    the search is done twice, with true magnitudes and with clipped ones, and the better result of
    the two is taken.
    """
    rejected = ~dip_search.without_lone_points(every)
    clipped = dip_search.clip_points(every, ~rejected)
    longest = min(longest, 0.6 * every.span)
    limits = (shortest, longest)
    ways = [_dips_seen_in(seen, every, rejected, limits, known) for seen in (every, clipped)]
    return min(ways, key=lambda one: _misfit(every, one[0]))


def _dips_seen_in(
    seen: Points,
    every: Points,
    rejected: BoolArray,
    limits: tuple[float, float],
    known: Sequence[tuple[float, float, float]],
) -> tuple[list[Candidate], BoolArray]:
    points = seen.only(~rejected)
    found = [*known, *dip_search.search_dips(points, limits[1])]
    guesses = [
        (eclipses.guess_dips(points, *one, two), two)
        for one in dip_search.related_dips(found, limits[1])
        if one[0] >= limits[0]
        for two in (False, True)
    ]
    guesses.sort(key=lambda one: _bic(points, one[0]))
    candidates = _fitted_dips(points, every, guesses[:FITTED_DIPS])
    for judged in (every,) if seen is every else (seen, every):
        if candidates:
            # A single bad point within an eclipse is seen once there is a model.
            rejected = rejected | harmonics.outliers(judged, candidates[0].model, OUTLIER_SIGMA)
            candidates = _fitted_dips(every.only(~rejected), every, _again(candidates))
    return candidates, rejected


def _misfit(every: Points, candidates: list[Candidate]) -> float:
    """Return how badly the best candidate explains all points, bad ones limited."""
    if not candidates:
        return math.inf
    return judge(every, candidates[0].model, candidates[0].fit.parameters, 1.0)


def _again(candidates: list[Candidate]) -> list[tuple[DipFit, bool]]:
    """Return the best fits as guesses, each with one dip and with two."""
    return [
        (one.fit, two)
        for one in candidates[:REFITTED_DIPS]
        if isinstance(one.fit, DipFit)
        for two in (False, True)
    ]


def _fitted_dips(
    points: Points, every: Points, guesses: list[tuple[DipFit, bool]]
) -> list[Candidate]:
    """Fit trapezoids from guesses; the best one first."""
    candidates = []
    for guess, two in guesses:
        fit = eclipses.fit_dips(points, guess, two)
        if fit.depths[0] <= 0.0 or fit.depths[1] < -2.0 * fit.depth_errors[1]:
            continue
        second = replace(fit, t0=fit.t0 + 0.5 * fit.period)
        if min(one.inside(points.times).sum() for one in ((fit, second) if two else (fit,))) < 3:
            continue
        model = np.median(points.mags) + fit.at(every.times)
        candidates.append(Candidate(1.0 / fit.period, _bic(points, fit), model, fit))
    return sorted(candidates, key=lambda one: one.bic)


@dataclass(frozen=True, slots=True)
class Slow:
    """A polynomial in time; ``slope`` is that of a straight line, ``proven`` if it beats a mean."""

    bic: float
    model: FloatArray
    slope: float
    proven: bool


def slow_change(every: Points, kept: BoolArray, scale: float) -> Slow:
    """Fit polynomials to the points that are kept, and judge them by all."""
    points = every.only(kept)
    weights = 1.0 / (points.errors * scale)
    fits = []
    for degree in range(min(SLOW_TERMS, len(np.unique(np.floor(points.times)))) + 1):
        whole = np.vander(2.0 * every.times / points.span, degree + 1)
        design = whole[kept] * weights[:, None]
        model = whole @ np.linalg.lstsq(design, points.mags * weights, rcond=None)[0]
        fits.append((judge(every, model, degree + 1, scale), model))
    bic, model = min(fits, key=lambda one: one[0])
    slope = np.polyfit(points.times, points.mags, 1, w=weights)[0]
    return Slow(bic, model, float(slope), bic < fits[0][0] - SAME_MARGIN)


def judge(every: Points, model: FloatArray, parameters: int, scale: float) -> float:
    """Compute the Bayesian information criterion of a model by all points, bad ones limited.

    A point that one explanation leaves out costs it as much as OUTLIER_SIGMA: none gets better by
    leaving out what another explains.
    """
    pulls = (every.mags - model) / (every.errors * scale)
    limited = float(np.sum(np.minimum(pulls**2, OUTLIER_SIGMA**2)))
    return limited + parameters * math.log(len(every))


def _bic(points: Points, fit: HarmonicFit | DipFit) -> float:
    return float(fit.chi2 + fit.parameters * math.log(len(points)))
