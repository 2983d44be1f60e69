"""Robust numbers and tail probabilities that the searches share."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray

BAD_SHARE = 0.05
"""Share of observations that may be bad without a flag."""
TOO_MANY_BAD = 1e-5
"""Probability that a star has more bad points than are trimmed."""
EFFICIENCY, EFFICIENCY_POWER = 0.88, 1.7
"""Degrees of freedom of a trimmed mean square, relative to a plain one: the first number times the
share of points that is left, to the power of the second. Fitted to normal deviates, within 10 %."""


def robust_scatter(values: FloatArray) -> float:
    """Compute the median absolute deviation, scaled to a standard deviation; NaN without values."""
    if len(values) == 0:
        return math.nan
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def trimmed_mean_squares(deviations: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Compute the reduced chi-square of each row without its most deviating points.

    ``deviations`` (n, m) are in units of the error and about the row's median, NaN where nothing
    was measured. Returns chi-square (n,), 1 for normal errors, and the number of points (n,); NaN
    and 0 for rows with less than three.
    """
    squares = np.sort(deviations**2, axis=1)  # NaN come last
    counts: NDArray[np.int64] = np.sum(np.isfinite(squares), axis=1, dtype=np.int64)
    sums = np.cumsum(np.nan_to_num(squares), axis=1)
    result = np.full(len(squares), np.nan)
    for row, count in enumerate(counts):
        if count >= 3:
            kept = kept_points(int(count))
            expected = _trimmed_square(int(count)) * (count - 1) / count
            result[row] = sums[row, kept - 1] / kept / expected
    return result, counts


def trimmed_freedom(counts: NDArray[np.int64], lost: int = 0) -> FloatArray:
    """Return the degrees of freedom of trimmed mean squares after a fit of ``lost`` parameters."""
    kept = np.array([kept_points(int(count)) if count >= 3 else 1 for count in counts])
    share = kept / np.maximum(counts, 3)
    left = np.maximum(counts - 1 - lost, 1)
    return np.asarray(EFFICIENCY * share**EFFICIENCY_POWER * left)


@lru_cache(maxsize=4096)
def kept_points(count: int) -> int:
    """Return how many of ``count`` points are left without those that may be bad ones."""
    probability = (1.0 - BAD_SHARE) ** count
    within, bad = probability, 0
    while 1.0 - within > TOO_MANY_BAD and bad < count - 2:
        bad += 1
        probability *= (count - bad + 1) / bad * BAD_SHARE / (1.0 - BAD_SHARE)
        within += probability
    return count - max(1, bad)


@lru_cache(maxsize=4096)
def _trimmed_square(count: int) -> float:
    """Compute the expected mean square of the smallest of ``count`` normal deviates."""
    normal = NormalDist()
    kept = kept_points(count)
    places = (np.arange(kept) + 0.5) / count
    return float(np.mean([normal.inv_cdf(0.5 + 0.5 * place) ** 2 for place in places]))


def chi2_deviate(chi2: FloatArray, freedom: FloatArray) -> FloatArray:
    """Convert reduced chi-squares to normal deviates (Wilson & Hilferty 1931)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = 2.0 / (9.0 * freedom)
        return np.asarray((np.cbrt(chi2) - (1.0 - spread)) / np.sqrt(spread))


def normal_tail(deviate: float) -> float:
    """Return the probability of a normal deviate above this one."""
    return 0.5 * math.erfc(deviate / math.sqrt(2.0))


def power_tail(power: float, terms: int, freedom: int) -> float:
    """Return the probability that noise gives a fit of ``terms`` harmonics this power.

    ``power`` is the share of chi-square that the fit takes away, ``freedom`` the points minus the
    parameters. It is the tail of an F distribution with an even first number, which is a sum
    (Schwarzenberg-Czerny 1998, beta distribution).
    """
    rest = min(max(1.0 - power, 0.0), 1.0)
    half = freedom / 2.0
    if half <= 0.0:
        return 1.0
    term = total = 1.0
    for place in range(1, terms):
        term *= (half + place - 1) / place * (1.0 - rest)
        total += term
    return float(min(1.0, rest**half * total))


def of_many(probability: float, trials: float) -> float:
    """Return the probability of at least one such event in independent trials."""
    if probability >= 1.0:
        return 1.0
    return float(-math.expm1(trials * math.log1p(-probability)))
