"""The observations of one band, and their ensemble."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.ensemble.flags import UNRELIABLE, StarFlag
from crowdsky.photometry.ensemble.light import Light
from crowdsky.photometry.ensemble.noise import MAG_PER_SHARE
from crowdsky.photometry.ensemble.problem import Index, Problem
from crowdsky.photometry.ensemble.robust import Ensemble, solve_robust
from crowdsky.photometry.ensemble.solve import Errors, errors, free_gradients
from crowdsky.photometry.ensemble.tables import (
    BAND_PLANES,
    COLOUR_BANDS,
    MONO_BANDS,
    FieldObservations,
    Singles,
)
from crowdsky.photometry.ensemble.terms import PLACES, design, places

GOOD_SNR, LEAST_SNR = 15.0, 5.0
"""Median signal-to-noise ratio of the stars behind the zero points, and that of an observation."""

EXTENDED = 1.3
"""Width in widths of the stars of the epoch from which a source is no point."""

MIN_STARS = 3
"""Number of stars that the zero point of an epoch needs."""

ENOUGH_STARS = 30
"""Number of stars from which those that are blended, flagged or extended are left out."""


@dataclass(frozen=True, slots=True)
class BandData:
    """All observations of a band that have a flux and an error; n rows, sorted by group and epoch.

    Fluxes that are not positive are among them: without them, faint stars would be too bright.

    star, epoch     -- rows of the field's tables
    flux, error     -- ADU; the error is that of photons and sky
    place           -- u, v, uu, uv, vv, (n, 5)
    fwhm_px, flags  -- of the observation
    group           -- telescope and filter of each epoch of the field, (n_epochs,)
    names           -- of the groups
    """

    band: str
    star: Index
    epoch: Index
    flux: Singles
    error: Singles
    place: Singles
    fwhm_px: Singles
    flags: NDArray[np.int16]
    group: Index
    names: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class BandSolution:
    """The ensemble of a band in rows of the field; NaN where nothing was solved.

    zero_point, zero_point_error, epoch_extra -- (n_epochs,), mag
    component       -- of each epoch, -1 where nothing was solved
    terms           -- colour, u, v, uu, uv, vv of each epoch, (n_epochs, 6)
    shared, shared_error -- coefficients of the groups in the same order, (n_groups, 6)
    mag             -- of the stars behind the zero points, (n_stars,)
    rows            -- of the band's data, those behind the zero points
    free            -- share of the noise that the fit leaves in their residuals
    residual, weight -- mag, and 1/mag²
    n_stars         -- number of stars behind each zero point
    gradient, gradient_error -- in u and v of each epoch, as without a prior, (n_epochs, 2), mag;
                       NaN where there are too few stars. They are in `terms`, drawn to 0 by it
    """

    zero_point: FloatArray
    zero_point_error: FloatArray
    epoch_extra: FloatArray
    component: Index
    terms: FloatArray
    shared: FloatArray
    shared_error: FloatArray
    mag: FloatArray
    rows: Index
    free: FloatArray
    residual: FloatArray
    weight: FloatArray
    n_stars: Index
    gradient: FloatArray
    gradient_error: FloatArray


def bands_of(observations: FieldObservations) -> list[str]:
    """Return the bands that the epochs have."""
    present = set(observations.epochs.bands.tolist())
    found = list(COLOUR_BANDS) if COLOUR_BANDS in present else []
    return found + ([MONO_BANDS] if MONO_BANDS in present else [])


def band_data(observations: FieldObservations, band: str) -> BandData:
    """Gather the observations of a band."""
    epochs, rows = observations.epochs, observations.observations
    plane = BAND_PLANES[band]
    flux, error = rows.flux[:, plane], rows.flux_error[:, plane]
    of_band = np.char.find(epochs.bands, band) >= 0
    keys = list(zip(epochs.telescope.tolist(), epochs.filter_name.tolist(), strict=True))
    names = sorted({key for key, wanted in zip(keys, of_band, strict=True) if wanted})
    number = {name: index for index, name in enumerate(names)}
    group = np.array([number.get(key, -1) for key in keys], np.intp).reshape(-1)
    usable = of_band[rows.epoch] & (error > 0.0) & np.isfinite(error) & np.isfinite(flux)
    usable &= np.isfinite(rows.x) & np.isfinite(rows.y)
    chosen = np.flatnonzero(usable)
    chosen = chosen[np.lexsort((rows.epoch[chosen], group[rows.epoch[chosen]]))]
    epoch = rows.epoch[chosen].astype(np.intp)
    return BandData(
        band=band,
        star=rows.star[chosen].astype(np.intp),
        epoch=epoch,
        flux=flux[chosen],
        error=error[chosen],
        place=places(
            rows.x[chosen].astype(float), rows.y[chosen].astype(float),
            epochs.width[epoch].astype(float), epochs.height[epoch].astype(float),
        ).astype(np.float32),
        fwhm_px=rows.fwhm_px[chosen],
        flags=rows.flags[chosen],
        group=group,
        names=names,
    )  # fmt: skip


def extended_stars(data: BandData, n_stars: int, n_epochs: int) -> BoolArray:
    """Return which sources are wider than stars on average, such as cores of galaxies."""
    width, epoch = data.fwhm_px, data.epoch
    known = np.isfinite(width)
    typical = medians(epoch[known], width[known].astype(float), n_epochs)
    relative = width[known] / typical[epoch[known]]
    star = data.star[known]
    count = np.maximum(np.bincount(star, minlength=n_stars), 1)
    return np.asarray(np.bincount(star, relative, n_stars) / count > EXTENDED)


def choose_rows(data: BandData, sigma: FloatArray, n_stars: int, n_epochs: int) -> Index:
    """Choose the observations behind the zero points: of bright, lone stars where there are enough.

    `sigma` are their errors by photons and sky, mag, (n,). Epochs with too few of them are left out
    as a whole.
    """
    good = (data.flags & int(UNRELIABLE)) == 0
    disturbed = (data.flags & int(StarFlag.BLENDED | StarFlag.DETECTION)) != 0
    disturbed |= extended_stars(data, n_stars, n_epochs)[data.star]
    typical = medians(data.star[good], sigma[good], n_stars)
    bright = typical <= MAG_PER_SHARE / GOOD_SNR
    if bright.sum() < ENOUGH_STARS:
        best = np.sort(typical[np.isfinite(typical)])[:ENOUGH_STARS]
        bright = typical <= min(best[-1] if best.size else 0.0, MAG_PER_SHARE / LEAST_SNR)
    chosen = good & bright[data.star] & (sigma <= MAG_PER_SHARE / LEAST_SNR)
    lone = chosen & ~disturbed
    enough = np.bincount(data.epoch[lone], minlength=n_epochs) >= ENOUGH_STARS
    chosen = np.where(enough[data.epoch], lone, chosen)
    counted = np.bincount(data.epoch[chosen], minlength=n_epochs) >= MIN_STARS
    return np.flatnonzero(chosen & counted[data.epoch])


def solve_band(
    data: BandData,
    light: Light,
    rows: Index,
    sizes: tuple[int, int],
    colour: FloatArray | None,
    floor: FloatArray,
    gradients: FloatArray,
    last: BandSolution | None = None,
) -> BandSolution:
    """Solve the ensemble of a band.

    Args:
        data: its observations.
        light: their instrumental magnitudes and errors.
        rows: those behind the zero points, at least one.
        sizes: numbers of stars and epochs of the field.
        colour: of the stars, minus the reference, NaN unknown; None for no colour terms.
        floor: error of the epochs beside photons and sky, (n_epochs,), mag.
        gradients: expected variances of those of the epochs in u and v, (n_epochs, 2), mag².
        last: a solution of the same data, whose weights save rounds.
    """
    n_stars, n_epochs = sizes
    stars, star = np.unique(data.star[rows], return_inverse=True)
    epochs, epoch = np.unique(data.epoch[rows], return_inverse=True)
    groups, group = np.unique(data.group[epochs], return_inverse=True)
    of_row = None if colour is None else np.nan_to_num(colour[data.star[rows]])
    terms = design(data.place[rows], of_row, epoch, len(epochs), gradients[epochs])
    problem = Problem(
        star, epoch, group, light.mag[rows], terms.local, terms.local_prior, terms.shared,
        terms.shared_prior, terms.mean_prior, len(stars),
    )  # fmt: skip
    sigma = np.hypot(light.sigma[rows], floor[data.epoch[rows]])
    ensemble = solve_robust(problem, sigma, _start(last, rows, sigma, len(data.star)))
    return _in_rows_of_field(
        ensemble, errors(problem, ensemble.weight, ensemble.component), problem,
        (stars, epochs, groups, rows), (n_stars, n_epochs, len(data.names)),
    )  # fmt: skip


def _start(
    last: BandSolution | None, rows: Index, sigma: FloatArray, n_observations: int
) -> FloatArray | None:
    """Return the weights of the last solution, (rows,); new rows have those of their errors."""
    if last is None:
        return None
    weight = np.zeros(n_observations)
    weight[last.rows] = last.weight
    return np.where(weight[rows] > 0.0, weight[rows], sigma**-2)


def corrections(data: BandData, solution: BandSolution, colour: FloatArray | None) -> FloatArray:
    """Return what is added to instrumental magnitudes, NaN without a zero point, (n,)."""
    added = solution.zero_point[data.epoch]
    if colour is not None:
        added += solution.terms[data.epoch, 0] * np.nan_to_num(colour)[data.star]
    for number in range(PLACES):
        added += solution.terms[data.epoch, 1 + number] * data.place[:, number]
    return np.asarray(added)


def _in_rows_of_field(
    ensemble: Ensemble,
    error: Errors,
    problem: Problem,
    rows: tuple[Index, Index, Index, Index],
    sizes: tuple[int, int, int],
) -> BandSolution:
    stars, epochs, groups, chosen = rows
    n_stars, n_epochs, n_groups = sizes
    solution = ensemble.solution
    lacking = 1 + PLACES - solution.shared.shape[1]
    shared, shared_error = (
        np.pad(values, ((0, 0), (lacking, 0))) for values in (solution.shared, error.shared)
    )
    terms = np.zeros((n_epochs, 1 + PLACES))
    terms[epochs] = shared[problem.group]
    terms[epochs, 1 : solution.epochs.shape[1]] += solution.epochs[:, 1:]
    gradient, gradient_error = free_gradients(problem, ensemble.weight, solution.epochs)
    component = np.full(n_epochs, -1, np.intp)
    component[epochs] = ensemble.component
    return BandSolution(
        zero_point=_spread(solution.epochs[:, 0], epochs, n_epochs),
        zero_point_error=_spread(error.zero_point, epochs, n_epochs),
        epoch_extra=_spread(ensemble.epoch_extra, epochs, n_epochs),
        component=component,
        terms=terms,
        shared=_spread(shared, groups, n_groups),
        shared_error=_spread(shared_error, groups, n_groups),
        mag=_spread(solution.mag, stars, n_stars),
        rows=chosen,
        free=1.0 - ensemble.leverage,
        residual=solution.residual,
        weight=ensemble.weight,
        n_stars=np.bincount(epochs[problem.epoch], minlength=n_epochs),
        gradient=_spread(gradient, epochs, n_epochs),
        gradient_error=_spread(gradient_error, epochs, n_epochs),
    )


def _spread(values: FloatArray, rows: Index, count: int) -> FloatArray:
    whole = np.full((count, *values.shape[1:]), np.nan)
    whole[rows] = values
    return whole


def medians(of: Index, values: FloatArray, count: int) -> FloatArray:
    """Return the (lower) median of the values of each star or epoch, infinite without any."""
    order = np.lexsort((values, of))
    number = np.bincount(of, minlength=count)
    first = np.cumsum(number) - number
    median = np.full(count, np.inf)
    present: BoolArray = number > 0
    median[present] = values[order][(first + (number - 1) // 2)[present]]
    return median
