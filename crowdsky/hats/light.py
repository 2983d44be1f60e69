"""Magnitudes of observations, as light curves have them (``LightCurves/PointReader.php``)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.hats.cell import LETTERS, Cell, Ints
from crowdsky.photometry.ensemble.flags import StarFlag

PLANES = (0, 1, 2, 1)
"""Columns of the bands R, G, B, L; the light of a sensor without colours is stored as green."""

MAGS = 2.5 / np.log(10.0)
"""Magnitudes of a small relative change of light."""


@dataclass(frozen=True, slots=True)
class Light:
    """Light of observations in one band; unknown numbers are NaN.

    Attributes:
        quality: bits of StarFlag.
        calibration: row of the calibrations, -1 where only the stack's own zero point is known.
    """

    flux: FloatArray
    flux_error: FloatArray
    mag: FloatArray
    mag_error: FloatArray
    quality: Ints
    calibration: Ints
    zero_point_error: FloatArray


class Photometry:
    """The zero points and means of a partition, found by row."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        zeros, means = cell.zero_points, cell.star_magnitudes
        count = max(1, len(cell.calibrations.version))
        self._zero = np.full((len(cell.epochs.stack_id), len(LETTERS)), -1, np.int64)
        self._zero[zeros.epoch, _bands(zeros.band)] = np.arange(len(zeros.epoch))
        self._mean = np.full((count, len(cell.stars.star_id), len(LETTERS)), -1, np.int64)
        self._mean[means.calibration, means.star, _bands(means.band)] = np.arange(len(means.star))

    def light(self, band: int, rows: Ints) -> Light:
        """Return the light of observations (rows) in a band (place in LETTERS)."""
        seen, plane = self._cell.observations, PLANES[band]
        flux, error = seen.flux[rows, plane], seen.flux_error[rows, plane]
        epoch = seen.epoch[rows]
        zero = self._zero[epoch, band]
        is_calibrated = zero >= 0
        calibration = np.where(is_calibrated, _at(self._cell.zero_points.calibration, zero), -1)
        mean = np.where(is_calibrated, self._mean[calibration, seen.star[rows], band], -1)
        has_mean = mean >= 0
        means = self._cell.star_magnitudes
        colour = np.where(has_mean, _at(means.colour, mean), np.nan)
        extra = np.where(has_mean, _at(means.extra_mag, mean), 0.0)
        own = self._cell.epochs.zero_point[epoch, plane]
        added = np.where(is_calibrated, self._added(zero, rows, colour), own)
        zero_error = np.where(
            is_calibrated,
            _at(self._cell.zero_points.zero_point_error, zero),
            self._cell.epochs.zero_point_error[epoch, plane],
        )
        floor = np.where(is_calibrated, _at(self._cell.zero_points.floor_mag, zero), 0.0)
        positive = flux > 0.0
        safe = np.where(positive, flux, np.nan)
        mag = added - 2.5 * np.log10(safe)
        of_mean = np.where(has_mean, _at(means.flags, mean), 0)
        # The zero point follows the noise of comparison stars: they are better for its error.
        sign = np.where((of_mean & int(StarFlag.COMPARISON)) != 0, -1.0, 1.0)
        of_epoch = np.maximum(floor**2 + sign * zero_error**2, 0.0)
        squares = (MAGS * error / safe) ** 2 + of_epoch + extra**2
        quality = seen.flags[rows] | of_mean
        quality = quality | np.where(positive, 0, StarFlag.NOT_POSITIVE)
        no_colour = is_calibrated & np.isnan(colour)
        quality = quality | np.where(no_colour, StarFlag.COLOUR_UNKNOWN, 0)
        mag_error = np.where(np.isnan(mag), np.nan, np.sqrt(squares))
        return Light(flux, error, mag, mag_error, quality, calibration, zero_error)

    def _added(self, zero: Ints, rows: Ints, colour: FloatArray) -> FloatArray:
        """Return what is added to -2.5 log10(flux); any number where there is no zero point."""
        z, seen = self._cell.zero_points, self._cell.observations
        epoch = seen.epoch[rows]
        u = _across(seen.x[rows], self._cell.epochs.width[epoch])
        v = _across(seen.y[rows], self._cell.epochs.height[epoch])
        colours = np.where(np.isnan(colour), 0.0, colour)
        return np.asarray(
            _at(z.zero_point, zero)
            + _at(z.colour_term, zero) * colours
            + _at(z.u, zero) * u
            + _at(z.v, zero) * v
            + _at(z.uu, zero) * u * u
            + _at(z.uv, zero) * u * v
            + _at(z.vv, zero) * v * v
        )


def _bands(letters: np.ndarray) -> Ints:
    return np.array([LETTERS.index(str(letter)) for letter in letters], dtype=np.int64)


def _at(values: np.ndarray, rows: Ints) -> np.ndarray:
    """Return values at rows; any value for the row -1."""
    return values[rows] if values.size else np.zeros(rows.shape, values.dtype)


def _across(place: FloatArray, width: Ints) -> FloatArray:
    """Return a place in pixels as -1 to 1 across the picture."""
    wide = np.maximum(width, 2)
    return np.where(width > 1, 2.0 * place / (wide - 1) - 1.0, 0.0)
