"""Mean magnitudes of stars, and how their observations scatter around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.ensemble.band import BandData, BandSolution, medians
from crowdsky.photometry.ensemble.flags import UNRELIABLE
from crowdsky.photometry.ensemble.light import Light, expected_light, measured_light
from crowdsky.photometry.ensemble.noise import MAG_PER_SHARE
from crowdsky.photometry.ensemble.problem import Index
from crowdsky.photometry.ensemble.robust import BAD_POINT, BAD_SHARE, CAP, CAUCHY, SIGNIFICANT

ROUNDS = 12
BISECTIONS = 40
LARGEST_EXTRA_MAG = 10.0
LEAST_DEGREES = 0.2
SMALLEST_STEP = 0.3
"""Share of its light that a mean keeps at least from round to round, so that it stays above 0."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics of the stars in a band; arrays of one length, NaN for a star without magnitude.

    mag, mag_error  -- mean, and its error from the observations
    real_variance   -- of the star's magnitudes beyond the error model, mag²; 0 unless significant
    n               -- number of observations
    scatter_mag     -- weighted standard deviation; NaN with fewer than 2
    chi2            -- reduced chi-square by the error model; NaN with fewer than 2. Both are
                       without single bad points.
    degrees         -- degrees of freedom behind it
    sigma_mag       -- typical error of an observation by the model
    """

    mag: FloatArray
    mag_error: FloatArray
    real_variance: FloatArray
    n: Index
    scatter_mag: FloatArray
    chi2: FloatArray
    degrees: FloatArray
    sigma_mag: FloatArray


@dataclass(frozen=True, slots=True)
class Scatter:
    """Observations around the means of their stars: those that count, m rows.

    row             -- rows of the band's data
    star            -- rows of the field's stars
    residual, sigma -- mag
    free            -- share of the noise that is left in the residual
    """

    row: Index
    star: Index
    residual: FloatArray
    sigma: FloatArray
    free: FloatArray


def observe_means(
    data: BandData, solution: BandSolution, added: FloatArray, floor: FloatArray, n_stars: int
) -> tuple[Statistics, Scatter]:
    """Average the magnitudes of each star, outliers weighted down.

    They are means of fluxes, see `light`: `added` is what makes instrumental magnitudes calibrated
    ones, (n,). Unreliable observations count only for stars that have no others. `floor` is that of
    the epochs. A star whose mean does not exceed its error has no magnitude.
    """
    rows = _rows_that_count(data, added, n_stars)
    star = data.star[rows]
    scale = 10.0 ** (-0.4 * added[rows])
    flux, error = data.flux[rows] * scale, data.error[rows] * scale
    of_epoch = floor[data.epoch[rows]] ** 2
    count = np.bincount(star, minlength=n_stars)
    mean = np.maximum(medians(star, flux, n_stars), medians(star, error, n_stars))
    excess, real = np.zeros(n_stars), np.zeros(n_stars)
    weight: FloatArray | None = None
    for _ in range(ROUNDS):
        seen = expected_light(flux, error, mean[star], real[star] + of_epoch)
        variance = seen.sigma**2 + of_epoch
        residual = seen.mag + 2.5 * np.log10(mean)[star]
        weight = 1.0 / variance if weight is None else weight
        shift = _average(star, residual, weight, n_stars)
        mean = mean * np.clip(1.0 - np.nan_to_num(shift) / MAG_PER_SHARE, SMALLEST_STEP, None)
        residual = residual - shift[star]
        square = residual**2
        whole = variance + excess[star]
        moment = np.minimum(square, CAP**2 * whole) - variance
        moment = np.nan_to_num(_average(star, moment, whole**-2, n_stars))
        excess = np.where(count > 2, np.maximum(moment, 0.0), 0.0)
        whole = variance + excess[star]
        chance = np.sqrt(2.0 / np.maximum(np.bincount(star, whole**-2, n_stars), 1e-300))
        real = np.where(excess > SIGNIFICANT * chance, excess, 0.0)
        weight = 1.0 / (whole * (1.0 + square / (CAUCHY**2 * whole)))
    free = _free_shares(data, solution, rows, star, 1.0 / variance, n_stars)
    scatter = Scatter(rows, star, residual, np.sqrt(variance), free)
    with np.errstate(divide="ignore", invalid="ignore"):
        used = _without_bad_points(scatter, n_stars)
        return _statistics(-2.5 * np.log10(mean), real, count, used, n_stars), scatter


def expectations(
    data: BandData, statistics: Statistics, added: FloatArray, floor: FloatArray
) -> Light:
    """Compute the instrumental magnitudes and errors of all observations by what is expected.

    Those of stars and epochs without a calibration are as measured.
    """
    light = measured_light(data.flux, data.error)
    rows = np.flatnonzero(np.isfinite(added) & np.isfinite(statistics.mag)[data.star])
    star = data.star[rows]
    expected = 10.0 ** (-0.4 * (statistics.mag[star] - added[rows]))
    real = statistics.real_variance[star] + floor[data.epoch[rows]] ** 2
    seen = expected_light(data.flux[rows], data.error[rows], expected, real)
    light.mag[rows], light.sigma[rows] = seen.mag, seen.sigma
    return light


def _without_bad_points(scatter: Scatter, n_stars: int) -> Scatter:
    """Leave out what is far off, unless that is more than BAD_SHARE of a star's observations."""
    star = scatter.star
    far = np.abs(scatter.residual) > BAD_POINT * scatter.sigma
    few = np.bincount(star, far, n_stars) <= BAD_SHARE * np.bincount(star, minlength=n_stars)
    used = ~(far & few[star])
    return Scatter(
        scatter.row[used], star[used], scatter.residual[used], scatter.sigma[used],
        scatter.free[used],
    )  # fmt: skip


def _statistics(
    mean: FloatArray, real: FloatArray, count: Index, scatter: Scatter, n_stars: int
) -> Statistics:
    star, variance = scatter.star, scatter.sigma**2
    used = np.bincount(star, minlength=n_stars)
    total = np.bincount(star, 1.0 / variance, n_stars)
    degrees = np.bincount(star, scatter.free, n_stars).astype(np.float64, copy=False)
    known = (used >= 2) & (degrees > LEAST_DEGREES)
    square = np.bincount(star, scatter.residual**2 / variance, n_stars)
    chi2 = square / degrees
    honest = np.maximum(np.where(known, chi2, 1.0), 1.0)
    error = np.where(count > 0, np.sqrt(honest / total), np.nan)
    found = error < MAG_PER_SHARE
    return Statistics(
        mag=np.where(found, mean, np.nan),
        mag_error=np.where(found, error, np.nan),
        real_variance=real,
        n=count,
        scatter_mag=np.where(known, np.sqrt(square / total * used / degrees), np.nan),
        chi2=np.where(known, chi2, np.nan),
        degrees=degrees,
        sigma_mag=np.where(count > 0, np.sqrt(used / total), np.nan),
    )


def extra_errors(scatter: Scatter, wanted: BoolArray) -> FloatArray:
    """Return the errors that give the wanted stars a reduced chi-square of 1, mag, (n_stars,)."""
    n_stars = len(wanted)
    rows = wanted[scatter.star]
    star, square = scatter.star[rows], scatter.residual[rows] ** 2
    variance = scatter.sigma[rows] ** 2
    degrees = np.bincount(star, scatter.free[rows], n_stars)
    low, high = np.zeros(n_stars), np.where(wanted, LARGEST_EXTRA_MAG, 0.0)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        too_small = np.bincount(star, square / (variance + middle[star] ** 2), n_stars) > degrees
        low, high = np.where(too_small, middle, low), np.where(too_small, high, middle)
    return np.where(wanted, 0.5 * (low + high), 0.0)


def _rows_that_count(data: BandData, added: FloatArray, n_stars: int) -> Index:
    known = np.isfinite(added)
    good = known & ((data.flags & int(UNRELIABLE)) == 0)
    has_good = np.bincount(data.star[good], minlength=n_stars) > 0
    return np.flatnonzero(np.where(has_good[data.star], good, known))


def _free_shares(
    data: BandData,
    solution: BandSolution,
    rows: Index,
    star: Index,
    weight: FloatArray,
    n_stars: int,
) -> FloatArray:
    """Return which share of its own noise each residual keeps: the star's mean takes the rest.

    For observations behind the zero points, the epoch takes a share, too.
    """
    free = 1.0 - weight / np.bincount(star, weight, n_stars)[star]
    of_data = np.ones(len(data.star))
    of_data[solution.rows] = solution.free
    return np.asarray(np.minimum(free, of_data[rows]))


def _average(star: Index, values: FloatArray, weight: FloatArray, n_stars: int) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            np.bincount(star, values * weight, n_stars) / np.bincount(star, weight, n_stars)
        )
