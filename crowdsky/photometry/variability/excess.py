"""Scatter beyond the error model, star by star, with a false-alarm rate for the whole field.

Two signs count. *Scatter*: the reduced chi-square without the points that deviate most, as many as
may be bad ones, so that these mean nothing. *Dips*: three stacks in a row that are all fainter
than normal, in at least two nights, as eclipses are. Chi-square is compared with that of stars of
like brightness, and its significance with how much these differ among each other: an error model
that is a little wrong, for a stack or for a magnitude, makes no variables.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.variability.statistics import (
    chi2_deviate,
    normal_tail,
    robust_scatter,
    trimmed_freedom,
    trimmed_mean_squares,
)

FALSE_ALARMS = 0.01
"""Expected number of constant stars of a field that are taken for variable ones."""
MIN_DEVIATE = 5.0
MIN_CHI2 = 1.6
OTHER_NIGHTS_DEVIATE = 3.0
MIN_POINTS = 8
MIN_EPOCH_STARS = 15
BAD_STACK_SIGMA = 2.0
"""Scatter of a stack's stars beyond their errors, in its standard deviations, that is no chance."""
ROBUST_ERROR = 1.17
"""Relative error of a robust scatter, times the root of the number of values."""
MAX_RESTING = 2.0
"""Scatter, in errors, of a star that may still show what a stack is worth."""
LIKE_STARS = 101
"""Number of stars of like brightness with which a chi-square is compared."""
MIN_LIKE_STARS = 20
DIP_SIGMA = 3.0
DIP_GAP_D = 0.065
"""Two stacks further apart than this, days, do not follow each other."""


@dataclass(frozen=True, slots=True)
class Excess:
    """What stars scatter beyond their errors; arrays of one length.

    n_points, n_nights -- good observations, and nights with any
    chi2            -- reduced, trimmed, relative to that of stars of like brightness
    deviate         -- its significance in standard deviations
    excess_mag      -- scatter beyond the error, magnitudes; 0 of a star without points
    by_scatter, by_dips -- which signs say that the star varies
    """

    n_points: NDArray[np.int64]
    n_nights: NDArray[np.int64]
    chi2: FloatArray
    deviate: FloatArray
    excess_mag: FloatArray
    by_scatter: BoolArray
    by_dips: BoolArray

    @property
    def varies(self) -> BoolArray:
        """Whether one sign says so."""
        return self.by_scatter | self.by_dips


@dataclass(frozen=True, slots=True)
class Noise:
    """How the errors of a field's stars are to be understood.

    errors          -- (n, m) magnitudes, enlarged in stacks in which everything scatters
    factor          -- (n,) typical chi-square of stars of like brightness
    widening        -- how much more chi-squares differ among stars than chance makes them
    """

    errors: FloatArray
    factor: FloatArray
    widening: float


def field_noise(mags: FloatArray, errors: FloatArray) -> Noise:
    """Learn from all stars of a field, (n, m) with NaN, what their errors are worth."""
    honest = _with_bad_stacks(mags, errors)
    chi2, counts = trimmed_mean_squares(_deviations(mags, honest))
    factor = _typical_chi2(chi2, counts, honest)
    enough = counts >= MIN_POINTS
    deviates = chi2_deviate(chi2 / factor, trimmed_freedom(counts))
    found = robust_scatter(deviates[enough]) if enough.sum() >= MIN_LIKE_STARS else 1.0
    return Noise(honest, factor, max(1.0, found))


def measure_excess(
    mags: FloatArray,
    noise: Noise,
    night: NDArray[np.int64],
    bjd: FloatArray,
    n_searched: int,
    freedom_lost: int = 0,
) -> Excess:
    """Measure the excess of stars.

    Args:
        mags: (n, m) magnitudes, NaN where there is none; columns in order of time.
        noise: of the same stars.
        night, bjd: of the columns.
        n_searched: number of stars among which these are the ones that were looked at.
        freedom_lost: parameters that were fitted to the magnitudes of each star.
    """
    deviations = _deviations(mags, noise.errors) / np.sqrt(noise.factor)[:, None]
    chi2, counts = trimmed_mean_squares(deviations)
    chi2 = chi2 * np.maximum(counts - 1, 1) / np.maximum(counts - 1 - freedom_lost, 1)
    deviate = chi2_deviate(chi2, trimmed_freedom(counts, freedom_lost)) / noise.widening
    n_nights = _count_nights(np.isfinite(mags), night)
    limit = max(MIN_DEVIATE, deviate_limit(n_searched))
    enough = (counts >= MIN_POINTS + freedom_lost) & (n_nights >= 2)
    strong = enough & (chi2 >= MIN_CHI2) & (deviate >= limit)
    for row in np.flatnonzero(strong):
        others = _without_strongest_night(deviations[row], night)
        strong[row] = others / noise.widening >= OTHER_NIGHTS_DEVIATE
    dips = np.array([
        enough[row] and len(dip_nights(deviations[row], night, bjd)) >= 2
        for row in range(len(mags))
    ], dtype=bool)  # fmt: skip
    return Excess(
        n_points=counts,
        n_nights=n_nights,
        chi2=chi2,
        deviate=deviate,
        excess_mag=_excess_mag(mags, noise, chi2),
        by_scatter=strong,
        by_dips=dips,
    )


def rows_of(noise: Noise, rows: np.ndarray) -> Noise:
    """Return the noise of some of the stars."""
    return replace(noise, errors=noise.errors[rows], factor=noise.factor[rows])


def dip_nights(
    deviations: FloatArray, night: NDArray[np.int64], bjd: FloatArray
) -> NDArray[np.int64]:
    """Return the nights in which three measurements in a row are fainter than normal."""
    there = np.flatnonzero(np.isfinite(deviations))
    if len(there) < 3:
        return np.zeros(0, dtype=np.int64)
    z, when, of_night = deviations[there], bjd[there], night[there]
    faint = np.minimum(np.minimum(z[:-2], z[1:-1]), z[2:]) >= DIP_SIGMA
    close = (np.diff(when)[:-1] <= DIP_GAP_D) & (np.diff(when)[1:] <= DIP_GAP_D)
    return np.unique(of_night[:-2][faint & close & (of_night[:-2] == of_night[2:])])


def deviate_limit(n_tried: int) -> float:
    """Return the deviate that chance exceeds in FALSE_ALARMS of all fields with so many trials."""
    low, high = 3.0, 12.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        if normal_tail(middle) * max(n_tried, 1) > FALSE_ALARMS:
            low = middle
        else:
            high = middle
    return high


def _deviations(mags: FloatArray, errors: FloatArray) -> FloatArray:
    return np.asarray((mags - row_medians(mags)[:, None]) / errors)


def row_medians(values: FloatArray) -> FloatArray:
    """Compute the median of each row without its NaN; NaN for a row of nothing else."""
    ordered = np.sort(values, axis=1)
    counts = np.sum(np.isfinite(values), axis=1)
    rows, last = np.arange(len(values)), max(values.shape[1] - 1, 0)
    low = np.clip((counts - 1) // 2, 0, last)
    high = np.clip(counts // 2, 0, last)
    return np.asarray(0.5 * (ordered[rows, low] + ordered[rows, high]))


def _with_bad_stacks(mags: FloatArray, errors: FloatArray) -> FloatArray:
    """Enlarge the errors of stacks in which the better measured stars scatter beyond theirs.

    Clouds that differ across the field do that. What a bright star may scatter is added to all.
    Neither variable stars nor chance do: few stars scatter more in every third stack.
    """
    residuals = mags - row_medians(mags)[:, None]
    resting = _resting(residuals / errors)
    honest = errors.copy()
    for column in range(mags.shape[1]):
        there = np.flatnonzero(np.isfinite(residuals[:, column]) & resting)
        if len(there) < MIN_EPOCH_STARS:
            continue
        better = there[np.argsort(errors[there, column])][: max(MIN_EPOCH_STARS, len(there) // 3)]
        scale = robust_scatter(residuals[better, column] / errors[better, column])
        if scale > 1.0 + BAD_STACK_SIGMA * ROBUST_ERROR / np.sqrt(len(better)):
            added = (scale**2 - 1.0) * float(np.median(errors[better, column] ** 2))
            honest[:, column] = np.sqrt(errors[:, column] ** 2 + added)
    return honest


def _resting(deviations: FloatArray) -> BoolArray:
    """Return which stars scatter no more than MAX_RESTING of their errors over all stacks."""
    typical = 1.4826 * row_medians(np.abs(deviations))
    return np.asarray(np.nan_to_num(typical) <= MAX_RESTING)


def _typical_chi2(chi2: FloatArray, counts: NDArray[np.int64], errors: FloatArray) -> FloatArray:
    """Compute the median chi-square of the stars whose errors are nearest to those of each star."""
    factor = np.ones(len(chi2))
    rows = np.flatnonzero(counts >= MIN_POINTS)
    if len(rows) < MIN_LIKE_STARS:
        return factor
    typical = row_medians(errors)
    ordered = rows[np.argsort(typical[rows], kind="stable")]
    half = min(LIKE_STARS, len(ordered)) // 2
    for place, row in enumerate(ordered):
        begin = min(max(0, place - half), len(ordered) - 2 * half)
        factor[row] = np.median(chi2[ordered[begin : begin + 2 * half]])
    return np.maximum(factor, 1.0)


def _count_nights(there: BoolArray, night: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.array([len(np.unique(night[row])) for row in there], dtype=np.int64)


def _without_strongest_night(deviations: FloatArray, night: NDArray[np.int64]) -> float:
    """Compute the significance of what is left without the night that deviates most.

    Deviations stay those from the median of all nights: of two nights that disagree, both deviate.
    """
    there = np.isfinite(deviations)
    squares = np.where(there, np.minimum(deviations**2, 25.0), 0.0)
    sums = np.bincount(night, weights=squares - there)
    kept = there & (night != int(np.argmax(sums)))
    if kept.sum() < 3:
        return 0.0
    chi2, counts = trimmed_mean_squares(np.where(kept, deviations, np.nan)[None, :])
    return float(chi2_deviate(chi2, trimmed_freedom(counts))[0])


def _excess_mag(mags: FloatArray, noise: Noise, chi2: FloatArray) -> FloatArray:
    typical = row_medians(noise.errors) * np.sqrt(noise.factor)
    excess = typical * np.sqrt(np.maximum(np.nan_to_num(chi2) - 1.0, 0.0))
    return np.nan_to_num(excess)
