"""Magnitudes and errors as readers of a light curve get them (``LightCurves/Magnitude.php``)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.tables import FieldCalibration, FieldObservations


@dataclass(frozen=True)
class ReaderMagnitudes:
    """Rows of the observations that have a magnitude, with stars and epochs as rows of the field.

    comparison -- whether the star is a comparison star
    """

    row: np.ndarray
    star: np.ndarray
    epoch: np.ndarray
    mag: np.ndarray
    error: np.ndarray
    comparison: np.ndarray


def read_magnitudes(
    observations: FieldObservations, calibration: FieldCalibration, band: str
) -> ReaderMagnitudes:
    """Compute magnitudes and errors in a band by the two formulas of docs/light-curves.md."""
    rows, epochs, plane = observations.observations, observations.epochs, "RGB".index(band)
    zero_points, stars = calibration.zero_points, calibration.stars
    zero = _rows_of(epochs.epoch_id, zero_points.epoch_id, zero_points.band == band)
    mean = _rows_of(observations.stars.star_id, stars.star_id, stars.band == band)
    known = (zero[rows.epoch] >= 0) & (mean[rows.star] >= 0) & (rows.flux[:, plane] > 0.0)
    row = np.flatnonzero(known)
    star, epoch = rows.star[row].astype(np.intp), rows.epoch[row].astype(np.intp)
    z, s = zero[epoch], mean[star]
    u = 2.0 * rows.x[row] / (epochs.width[epoch] - 1.0) - 1.0
    v = 2.0 * rows.y[row] / (epochs.height[epoch] - 1.0) - 1.0
    flux, error = rows.flux[row, plane].astype(float), rows.flux_error[row, plane]
    mag = -2.5 * np.log10(flux) + zero_points.zero_point[z]
    mag += zero_points.colour_term[z] * np.nan_to_num(stars.colour[s])
    mag += zero_points.u_term[z] * u + zero_points.v_term[z] * v + zero_points.uu_term[z] * u * u
    mag += zero_points.uv_term[z] * u * v + zero_points.vv_term[z] * v * v
    comparison = (stars.flags[s] & int(StarFlag.COMPARISON)) != 0
    of_zero_point = np.where(comparison, -1.0, 1.0) * zero_points.zero_point_error[z] ** 2
    of_epoch = np.maximum(zero_points.floor_mag[z] ** 2 + of_zero_point, 0.0)
    whole = np.sqrt((1.0857 * error / flux) ** 2 + of_epoch + stars.extra_mag[s] ** 2)
    return ReaderMagnitudes(row, star, epoch, mag, whole, comparison)


def _rows_of(wanted: np.ndarray, ids: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """Return the usable row of each wanted id, -1 without one."""
    rows = np.flatnonzero(usable)
    order = rows[np.argsort(ids[rows])]
    place = np.searchsorted(ids[order], wanted)
    found = np.append(order, -1)[place]
    return np.where(np.append(ids, -1)[found] == wanted, found, -1)
