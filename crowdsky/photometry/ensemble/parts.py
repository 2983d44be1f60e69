"""Zero points of epochs that are only fitted: intervals of series, whose stack has their light.

They take no part in the ensemble, so that their light counts once: stars, colour terms, floors and
the tie to the catalogue are the same with and without them. Afterwards each gets the zero point at
which its stars agree best with their mean magnitudes. Its terms are those of the stack of the same
telescope and filter that is nearest in time, which is the stack of the same subs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.ensemble.band import (
    ENOUGH_STARS,
    LEAST_SNR,
    MIN_STARS,
    BandData,
    band_data,
)
from crowdsky.photometry.ensemble.flags import UNRELIABLE, StarFlag
from crowdsky.photometry.ensemble.light import measured_light
from crowdsky.photometry.ensemble.noise import MAG_PER_SHARE
from crowdsky.photometry.ensemble.problem import Index
from crowdsky.photometry.ensemble.robust import CAUCHY
from crowdsky.photometry.ensemble.stars import expectations
from crowdsky.photometry.ensemble.tables import (
    Epochs,
    FieldObservations,
    Observations,
    ZeroPoints,
)

if TYPE_CHECKING:
    from crowdsky.photometry.ensemble.field import CalibratedBand, Solved

ROUNDS = 12
PASSES = 2
"""Fits one after the other: by errors as measured, then by those of the light that is expected."""
DISTURBED = StarFlag.BLENDED | StarFlag.DETECTION


def split(observations: FieldObservations) -> tuple[FieldObservations, FieldObservations]:
    """Separate the epochs of the ensemble from those that are only fitted; both have all stars."""
    fit_only = observations.epochs.fit_only
    if not fit_only.any():
        return observations, _with(observations, fit_only)
    return _with(observations, ~fit_only), _with(observations, fit_only)


def _with(observations: FieldObservations, wanted: BoolArray) -> FieldObservations:
    epochs, rows = observations.epochs, observations.observations
    number = np.cumsum(wanted) - 1
    chosen = wanted[rows.epoch]
    kept = {part.name: getattr(rows, part.name)[chosen] for part in fields(Observations)}
    kept["epoch"] = number[kept["epoch"]].astype(np.int32)
    return replace(
        observations,
        epochs=Epochs(*(getattr(epochs, part.name)[wanted] for part in fields(Epochs))),
        observations=Observations(**kept),
    )


def fit_parts(
    parts: FieldObservations,
    stacks: FieldObservations,
    calibrated: Mapping[str, CalibratedBand],
    light: FloatArray,
) -> ZeroPoints:
    """Fit zero points to epochs that took no part in the ensemble.

    Args:
        parts: these epochs, and their observations.
        stacks: those of the ensemble.
        calibrated: the ensemble, by band.
        light: scintillation of the parts, mag, (parts,).

    A part with fewer than MIN_STARS stars, or of a telescope and filter without a stack, has none.
    """
    found = [
        _fit_band(name, parts, stacks, part, light)
        for name, part in calibrated.items()
        if part.solved is not None and len(parts.epochs)
    ]
    return ZeroPoints(*(np.concatenate(columns) for columns in zip(_none(), *found, strict=True)))


def _fit_band(
    name: str,
    parts: FieldObservations,
    stacks: FieldObservations,
    calibrated: CalibratedBand,
    light: FloatArray,
) -> tuple[np.ndarray, ...]:
    solved = calibrated.solved
    if solved is None:
        return _none()
    data = band_data(parts, name)
    model = _nearest(data, parts, stacks, calibrated)
    floors = np.array([*(floor.mag for floor in calibrated.floors), 0.0])
    floor = np.hypot(light, floors[_groups(data, calibrated)])
    terms = np.where(model[:, None] >= 0, solved.tied.solution.terms[model], 0.0)
    of_star = 0.0 if calibrated.colour is None else np.nan_to_num(calibrated.colour[data.star])
    added = terms[data.epoch, 0] * of_star
    added = added + np.sum(terms[data.epoch, 1:] * data.place, axis=1)
    statistics = solved.statistics
    seen = measured_light(data.flux, data.error)
    for _ in range(PASSES):
        rows = _usable(data, seen.sigma, solved, model, parts.stars.known_variable)
        star, epoch = data.star[rows], data.epoch[rows]
        variance = seen.sigma[rows] ** 2 + floor[epoch] ** 2 + statistics.mag_error[star] ** 2
        offset = statistics.mag[star] - seen.mag[rows] - added[rows]
        zero_point, error, count = _agree(epoch, offset, variance, len(parts.epochs))
        seen = expectations(data, statistics, added + zero_point[data.epoch], floor)
    kept = np.flatnonzero(count >= MIN_STARS)
    single = np.float32
    return (
        parts.epochs.epoch_id[kept], np.full(len(kept), name), zero_point[kept],
        error[kept].astype(single), *terms[kept].astype(single).T, floor[kept].astype(single),
        count[kept].astype(np.int32),
    )  # fmt: skip


def _agree(
    epoch: Index, offset: FloatArray, variance: FloatArray, n_epochs: int
) -> tuple[FloatArray, FloatArray, Index]:
    """Average offsets by epoch, outliers weighted down; return the means, errors and counts."""
    count = np.bincount(epoch, minlength=n_epochs)
    mean = np.full(n_epochs, np.nan)
    for number in np.flatnonzero(count):
        mean[number] = np.median(offset[epoch == number])
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(ROUNDS):
            square = (offset - mean[epoch]) ** 2
            weight = 1.0 / (variance * (1.0 + square / (CAUCHY**2 * variance)))
            mean = np.bincount(epoch, weight * offset, n_epochs)
            mean = mean / np.bincount(epoch, weight, n_epochs)
        square = (offset - mean[epoch]) ** 2
        total = np.bincount(epoch, weight, n_epochs)
        chi2 = np.bincount(epoch, weight * square, n_epochs) / np.maximum(count - 1, 1)
        error = np.sqrt(np.maximum(chi2, 1.0) / total)
    return mean, error, count


def _usable(
    data: BandData, sigma: FloatArray, solved: Solved, model: Index, variable: BoolArray
) -> Index:
    """Choose observations of stars that the ensemble knows well; clean ones if there are enough."""
    known = np.isfinite(solved.tied.solution.mag) & np.isfinite(solved.statistics.mag_error)
    good = ((data.flags & int(UNRELIABLE)) == 0) & (known & ~variable)[data.star]
    good &= (sigma <= MAG_PER_SHARE / LEAST_SNR) & (model >= 0)[data.epoch]
    clean = good & ((data.flags & int(DISTURBED)) == 0)
    enough = np.bincount(data.epoch[clean], minlength=len(model)) >= ENOUGH_STARS
    return np.flatnonzero(np.where(enough[data.epoch], clean, good))


def _groups(data: BandData, calibrated: CalibratedBand) -> Index:
    """Number of each part's telescope and filter in the ensemble, (parts,); -1 without one."""
    number = {name: index for index, name in enumerate(calibrated.data.names)}
    known = np.array([*(number.get(name, -1) for name in data.names), -1], np.intp)
    return np.asarray(known[data.group])


def _nearest(
    data: BandData,
    parts: FieldObservations,
    stacks: FieldObservations,
    calibrated: CalibratedBand,
) -> Index:
    """Row of the solved stack of a part's telescope and filter nearest in time; -1 without one."""
    solved = calibrated.solved
    model = np.full(len(parts.epochs), -1, np.intp)
    if solved is None:
        return model
    is_solved = np.isfinite(solved.tied.solution.zero_point)
    group = _groups(data, calibrated)
    for number in np.unique(group[group >= 0]):
        rows = np.flatnonzero(is_solved & (calibrated.data.group == number))
        if rows.size:
            of_group = np.flatnonzero(group == number)
            off = np.abs(parts.epochs.mjd[of_group, None] - stacks.epochs.mjd[rows])
            model[of_group] = rows[off.argmin(axis=1)]
    return model


def _none() -> tuple[np.ndarray, ...]:
    none = np.zeros(0, np.float32)
    ids: tuple[np.ndarray, ...] = (np.zeros(0, np.int64), np.zeros(0, "U1"), np.zeros(0))
    return (*ids, *(none,) * 8, np.zeros(0, np.int32))
