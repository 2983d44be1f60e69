"""Which stars scatter for a reason of the instrument, and which may be variable.

A star whose scatter exceeds the error model is called off the model, and gets an error of its own,
where something other than the star explains it: light of a neighbour in the aperture, a shape that
is no star's (a galaxy's core), a brightness that follows the width of the stars, the aperture or
the place in the picture; or where it was observed in one night or too few times to tell. All others
may be variable, and keep the errors of the model, so that their variation shows.
"""

from __future__ import annotations

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.ensemble.band import BandData, extended_stars
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.problem import Index
from crowdsky.photometry.ensemble.stars import Scatter, Statistics
from crowdsky.photometry.ensemble.tables import Epochs

SIGNIFICANT = 4.0
"""Excess of chi-square, in its standard deviations, from which a star is not constant."""

NIGHT_GAP_DAYS = 0.25
"""Time without an epoch that separates two nights."""

ENOUGH_NIGHTS, ENOUGH_OBSERVATIONS = 2, 8
"""What a star must have been observed in to be credible as a variable."""

DRIVEN_NIGHTS = 5
"""Nights from which a correlation with the seeing means something."""

DRIVEN_SHARE, DRIVEN_SIGNIFICANCE = 0.4, 5.0
"""Share of the variance that must follow a quantity of the instrument, and its t statistic."""

COMPARISON_SIGMA_MAG = 0.02
COMPARISON_OBSERVATIONS = 4
"""Error of an observation, and number of observations, that a comparison star needs."""


def nights(mjd: FloatArray) -> Index:
    """Number the nights of epochs, from 0, (n_epochs,)."""
    order = np.argsort(mjd, kind="stable")
    number = np.empty(len(mjd), np.intp)
    number[order] = np.cumsum(np.diff(mjd[order], prepend=mjd[order][:1]) > NIGHT_GAP_DAYS)
    return number


def varying(statistics: Statistics) -> BoolArray:
    """Return which stars scatter more than the error model says, (n_stars,)."""
    degrees = np.maximum(statistics.degrees, 0.5)
    limit = 1.0 + SIGNIFICANT * np.sqrt(2.0 / degrees)
    return np.asarray(np.nan_to_num(statistics.chi2) > limit)


def off_model(
    data: BandData, statistics: Statistics, scatter: Scatter, epochs: Epochs, known: BoolArray
) -> BoolArray:
    """Return which stars are off the model, (n_stars,); `known` variables never are."""
    n_stars = len(known)
    number = nights(epochs.mjd)
    pairs = np.unique(scatter.star * (int(number.max()) + 1) + number[data.epoch[scatter.row]])
    seen_nights = np.bincount(pairs // (int(number.max()) + 1), minlength=n_stars)
    unsure = (seen_nights < ENOUGH_NIGHTS) | (statistics.n < ENOUGH_OBSERVATIONS)
    blended = mostly(data, scatter, int(StarFlag.BLENDED), n_stars)
    extended = extended_stars(data, n_stars, len(epochs))
    driven = _driven(data, scatter, epochs, n_stars) & (seen_nights >= DRIVEN_NIGHTS)
    return varying(statistics) & ~known & (unsure | blended | extended | driven)


def comparison(
    data: BandData, statistics: Statistics, scatter: Scatter, candidates: BoolArray
) -> BoolArray:
    """Return which of the candidates are constant and well measured, (n_stars,)."""
    disturbed = int(StarFlag.BLENDED | StarFlag.SATURATED | StarFlag.EDGE | StarFlag.AMBIGUOUS)
    good = (statistics.n >= COMPARISON_OBSERVATIONS) & candidates & ~varying(statistics)
    good &= np.nan_to_num(statistics.sigma_mag, nan=1.0) <= COMPARISON_SIGMA_MAG
    return good & ~mostly(data, scatter, disturbed, len(candidates))


def mostly(data: BandData, scatter: Scatter, flag: int, n_stars: int) -> BoolArray:
    """Return which stars have a flag in at least half of their observations, (n_stars,)."""
    has = ((data.flags[scatter.row] & flag) != 0).astype(float)
    return np.asarray(_means(scatter.star, has, n_stars) >= 0.5)


def _driven(data: BandData, scatter: Scatter, epochs: Epochs, n_stars: int) -> BoolArray:
    """Return whose residuals follow the width of stars, the aperture, or the place."""
    epoch = data.epoch[scatter.row]
    drivers = (
        data.fwhm_px[scatter.row].astype(float),
        epochs.aperture_px[epoch].astype(float),
        data.place[scatter.row, 0].astype(float),
        data.place[scatter.row, 1].astype(float),
    )
    driven = np.zeros(n_stars, bool)
    for values in drivers:
        known = np.isfinite(values)
        star, weight = scatter.star[known], scatter.sigma[known] ** -2
        share, count = _correlation(star, scatter.residual[known], values[known], weight, n_stars)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.sqrt(share * (count - 2.0) / (1.0 - share))
        driven |= (share > DRIVEN_SHARE) & (t > DRIVEN_SIGNIFICANCE) & (count > 5)
    return driven


def _correlation(
    star: Index, a: FloatArray, b: FloatArray, weight: FloatArray, n_stars: int
) -> tuple[FloatArray, Index]:
    """Return the squared weighted correlation of two quantities for each star, and the numbers."""
    total = np.maximum(np.bincount(star, weight, n_stars), 1e-30)

    def mean(values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(star, weight * values, n_stars) / total)

    a, b = a - mean(a)[star], b - mean(b)[star]
    product, first, second = mean(a * b), mean(a * a), mean(b * b)
    share = np.where(second > 1e-12, product**2 / np.maximum(first * second, 1e-30), 0.0)
    return np.minimum(share, 1.0 - 1e-12), np.bincount(star, minlength=n_stars)


def _means(star: Index, values: FloatArray, n_stars: int) -> FloatArray:
    known = np.isfinite(values)
    count = np.bincount(star[known], minlength=n_stars)
    return np.asarray(np.bincount(star[known], values[known], n_stars) / np.maximum(count, 1))
