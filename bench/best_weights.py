"""The best that a picture tells about objects whose truth is known, whatever was done to it.

A fixed aperture can be fooled: the softened edge that smoothing gives it lowers the scatter,
although the picture tells less than before. Here every object is measured with several weights at
once (narrow and wide ones), and what counts is their best linear combination, chosen by the
objects' own deviations from truth. A linear filter exchanges one set of weights for another of
about the same span, so that smoothing and sharpening change nothing; what loses information can
only make it worse. The noise is that at the objects, so that treating the empty sky does not help
either.

The combination is the minimum-variance unbiased one (Gauss and Markov; Aitken 1936). An object
never takes part in choosing its own weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FOLDS = 5
ROUNDS = 3
OUTLIER_SIGMAS = 5.0
RIDGE = 1e-5
"""Share of the mean variance: the weights resemble each other, and so do their measurements."""
MIN_OBJECTS = 20


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its statistical error."""

    value: float
    error: float

    def __str__(self) -> str:
        return "-" if math.isnan(self.value) else f"{self.value:.4f} ± {self.error:.4f}"


NOTHING = Estimate(math.nan, math.nan)


def best_errors(deviations: np.ndarray, response: np.ndarray) -> np.ndarray:
    """How far each object is off truth in the best combination of weights; NaN if unknown.

    Args:
        deviations: (n, weights), what each weight measured minus what it should have.
        response: (weights,) what each measures of one unit of truth.

    Returns (n,) in units of truth. All is NaN with fewer than MIN_OBJECTS objects.
    """
    off = np.full(len(deviations), math.nan)
    known = np.flatnonzero(np.isfinite(deviations).all(axis=1))
    if known.size < MIN_OBJECTS or not np.isfinite(response).all() or not response.any():
        return off
    fold = np.arange(known.size) % FOLDS
    for number in range(FOLDS):
        chosen = known[fold == number]
        off[chosen] = deviations[chosen] @ best_combination(
            deviations[known[fold != number]], response
        )
    return off


def spread(off: np.ndarray) -> Estimate:
    """Root mean square of deviations from truth, without outliers; NOTHING for too few."""
    square = off[usual(off)] ** 2
    if square.size < MIN_OBJECTS:
        return NOTHING
    rms = math.sqrt(square.mean())
    if rms == 0.0:
        return Estimate(0.0, 0.0)
    return Estimate(rms, 0.5 * rms * float(square.std() / square.mean()) / math.sqrt(square.size))


def spread_ratio(ours: np.ndarray, theirs: np.ndarray) -> Estimate:
    """Ratio of the spreads of two pictures' deviations for the same objects, (n,) each.

    Both have the noise of the same frames, so that the ratio is known much better than either.
    NOTHING where few objects have both, or one of the pictures has no spread.
    """
    both = usual(ours) & usual(theirs)
    if both.sum() < MIN_OBJECTS:
        return NOTHING
    mine, other = ours[both] ** 2, theirs[both] ** 2
    if not (mine.mean() > 0.0 and other.mean() > 0.0):
        return NOTHING
    ratio = math.sqrt(mine.mean() / other.mean())
    apart = mine / mine.mean() - other / other.mean()
    return Estimate(ratio, 0.5 * ratio * float(apart.std()) / math.sqrt(apart.size))


def mean_ratio(ratios: Sequence[Estimate]) -> Estimate:
    """Mean of independent ratios by their relative errors, so that small ones do not count more."""
    known = [one for one in ratios if one.error > 0.0 and one.value > 0.0]
    mean = mean_estimate([Estimate(math.log(r.value), r.error / r.value) for r in known])
    return Estimate(math.exp(mean.value), math.exp(mean.value) * mean.error)


def mean_estimate(found: Sequence[Estimate]) -> Estimate:
    """Mean of independent figures, weighted by their errors."""
    known = [one for one in found if one.error > 0.0]
    weight = sum(one.error**-2 for one in known)
    if not known:
        return NOTHING
    return Estimate(sum(one.value * one.error**-2 for one in known) / weight, weight**-0.5)


def usual(off: np.ndarray) -> np.ndarray:
    """Which deviations are no outliers (blends, remains of a trail); (n,) bool."""
    known: np.ndarray = np.isfinite(off)
    if not known.any():
        return known
    limit = OUTLIER_SIGMAS * 1.4826 * float(np.median(np.abs(off[known])))
    with np.errstate(invalid="ignore"):
        return np.asarray(known & (np.abs(off) <= limit))


def best_combination(deviations: np.ndarray, response: np.ndarray) -> np.ndarray:
    """The unbiased combination, (weights,), with the smallest deviations but for outliers."""
    kept = np.ones(len(deviations), bool)
    combination = response / (response @ response)
    for _ in range(ROUNDS):
        spreads = deviations[kept].T @ deviations[kept] / max(int(kept.sum()), 1)
        size = float(np.trace(spreads)) / len(response)
        if not size > 0.0:
            break
        solved = np.linalg.solve(spreads + RIDGE * size * np.eye(len(response)), response)
        combination = solved / (response @ solved)
        kept = usual(deviations @ combination)
    return np.asarray(combination)
