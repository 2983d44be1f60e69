"""Light curves of all stars of a field as matrices: a row per star, a column per epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.ensemble.flags import UNRELIABLE, StarFlag
from crowdsky.photometry.ensemble.tables import (
    BAND_PLANES,
    Epochs,
    FieldCalibration,
    FieldObservations,
    StarMagnitudes,
    ZeroPoints,
)

BANDS = ("G", "R", "B", "L")
"""In the order in which a star's numbers are preferred."""
NEIGHBOUR_IN_APERTURE = StarFlag.BLENDED | StarFlag.DETECTION
"""Flags of observations that count only for stars whose period somebody wants to know."""
NIGHT_GAP_D = 0.25


@dataclass(frozen=True, slots=True)
class FieldCurves:
    """Calibrated magnitudes of a field; epochs in order of time.

    epoch_id, bjd, telescope, night -- of the epochs (m,); telescope and night are numbers
    airmass         -- of the epochs (m,), NaN if unknown
    mags, errors    -- per band, (n, m): NaN where there is no good measurement
    fwhm_px, u, v   -- of the observations, (n, m): width, and place in the picture from -1 to 1
    star_id         -- (n,)
    wanted          -- stars whose period is searched in any case, bool (n,)
    """

    epoch_id: NDArray[np.int64]
    bjd: FloatArray
    telescope: NDArray[np.int64]
    night: NDArray[np.int64]
    airmass: FloatArray
    mags: dict[str, FloatArray]
    errors: dict[str, FloatArray]
    fwhm_px: NDArray[np.float32]
    u: NDArray[np.float32]
    v: NDArray[np.float32]
    star_id: NDArray[np.int64]
    wanted: NDArray[np.bool_]


def field_curves(observations: FieldObservations, calibration: FieldCalibration) -> FieldCurves:
    """Compute the magnitudes of all stars in a calibration.

    Errors are those of photons, zero point and floor, without the extra error of single stars: that
    one hides what is looked for. Times are those of the middle of the field, at most 6 s from those
    of a star. Epochs without a zero point of the calibration have no magnitudes.
    """
    epochs, rows, stars = observations.epochs, observations.observations, observations.stars
    order = np.argsort(epochs.bjd, kind="stable")
    order = order[np.isfinite(epochs.bjd[order])]
    column = np.full(len(epochs), -1)
    column[order] = np.arange(len(order))
    wanted = stars.known_variable | stars.search
    spoiling = rows.flags.astype(np.int64)
    spoilt = (spoiling & int(UNRELIABLE)) != 0
    spoilt |= ((spoiling & int(NEIGHBOUR_IN_APERTURE)) != 0) & ~wanted[rows.star]
    good = np.flatnonzero(~spoilt & (column[rows.epoch] >= 0))
    star, epoch = rows.star[good], rows.epoch[good]
    u = 2.0 * rows.x[good] / (epochs.width[epoch] - 1.0) - 1.0
    v = 2.0 * rows.y[good] / (epochs.height[epoch] - 1.0) - 1.0
    shape, place = (len(stars), len(order)), (star, column[epoch])
    mags, errors = {}, {}
    for band in BANDS:
        there = np.array([band in text for text in epochs.bands.tolist()], dtype=bool)
        if not there.any():
            continue
        plane = BAND_PLANES[band]
        flux = np.where(there[epoch], rows.flux[good, plane], np.nan).astype(np.float64)
        error = rows.flux_error[good, plane].astype(np.float64)
        terms = _Terms.of_band(calibration.zero_points, epochs, band)
        colour = _of_stars(calibration.stars, observations, band, calibration.stars.colour)
        flags = _of_stars(calibration.stars, observations, band, calibration.stars.flags)
        sign = np.where((flags.astype(np.int64) & int(StarFlag.COMPARISON)) != 0, -1.0, 1.0)
        mags[band], errors[band] = np.full(shape, np.nan), np.full(shape, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            flux = np.where(flux > 0.0, flux, np.nan)
            mag = -2.5 * np.log10(flux) + terms.correction(epoch, colour[star], u, v)
            whole = np.sqrt((1.0857 * error / flux) ** 2 + terms.square_error(epoch, sign[star]))
        usable = np.isfinite(mag) & np.isfinite(whole) & (whole > 0.0)
        mags[band][place] = np.where(usable, mag, np.nan)
        errors[band][place] = np.where(usable, whole, np.nan)
    return FieldCurves(
        epoch_id=epochs.epoch_id[order],
        bjd=epochs.bjd[order],
        telescope=_telescopes(epochs)[order],
        night=nights_of(epochs.bjd[order], _telescopes(epochs)[order]),
        airmass=epochs.airmass[order].astype(np.float64),
        mags=mags,
        errors=errors,
        fwhm_px=_spread(shape, place, rows.fwhm_px[good]),
        u=_spread(shape, place, u),
        v=_spread(shape, place, v),
        star_id=stars.star_id,
        wanted=np.asarray(wanted),
    )


def nights_of(bjd: FloatArray, telescope: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the nights of epochs in order of time.

    A night of a telescope ends with a gap of six hours; those of several telescopes are the same
    night if their middles are at most half a day apart.
    """
    middles, members = [], []
    for unit in np.unique(telescope):
        rows = np.flatnonzero(telescope == unit)
        for part in np.split(rows, np.flatnonzero(np.diff(bjd[rows]) > NIGHT_GAP_D) + 1):
            middles.append(float(bjd[part].mean()))
            members.append(part)
    night = np.zeros(len(bjd), dtype=np.int64)
    number, first = -1, -np.inf
    for place in np.argsort(middles, kind="stable"):
        if middles[place] - first > 0.5:
            number, first = number + 1, middles[place]
        night[members[place]] = number
    return night


@dataclass(frozen=True, slots=True)
class _Terms:
    """Terms of a band's zero points per row of the epochs; NaN where there is none."""

    zero_point: FloatArray
    colour: FloatArray
    places: tuple[FloatArray, ...]
    floor: FloatArray
    error: FloatArray

    @classmethod
    def of_band(cls, table: ZeroPoints, epochs: Epochs, band: str) -> _Terms:
        rows = np.flatnonzero(table.band == band)
        row_of = {int(epoch): row for row, epoch in enumerate(epochs.epoch_id)}
        places = np.array([row_of.get(int(epoch), -1) for epoch in table.epoch_id[rows]], dtype=int)
        rows, places = rows[places >= 0], places[places >= 0]

        def spread(values: np.ndarray) -> FloatArray:
            result = np.full(len(epochs), np.nan)
            result[places] = values[rows]
            return result

        of_place = (table.u_term, table.v_term, table.uu_term, table.uv_term, table.vv_term)
        return cls(
            zero_point=spread(table.zero_point),
            colour=spread(table.colour_term),
            places=tuple(spread(term) for term in of_place),
            floor=spread(table.floor_mag),
            error=spread(table.zero_point_error),
        )

    def square_error(self, epoch: np.ndarray, sign: FloatArray) -> FloatArray:
        """Compute the variance that an epoch adds, as `LightCurves/Magnitude.php` does.

        `sign` is -1 for comparison stars, whose noise the zero point follows.
        """
        return np.asarray(np.maximum(self.floor[epoch] ** 2 + sign * self.error[epoch] ** 2, 0.0))

    def correction(
        self, epoch: np.ndarray, colour: FloatArray, u: np.ndarray, v: np.ndarray
    ) -> FloatArray:
        """Compute what is to be added to instrumental magnitudes."""
        shapes = (u, v, u * u, u * v, v * v)
        flat = sum(term[epoch] * shape for term, shape in zip(self.places, shapes, strict=True))
        return np.asarray(self.zero_point[epoch] + self.colour[epoch] * colour + flat)


def _of_stars(
    table: StarMagnitudes, observations: FieldObservations, band: str, values: np.ndarray
) -> FloatArray:
    """Return a column of the calibration for each star, 0 where it is unknown."""
    rows = np.flatnonzero(table.band == band)
    row_of = {int(star): row for row, star in enumerate(observations.stars.star_id)}
    known = np.zeros(len(observations.stars))
    for row in rows:
        star = row_of.get(int(table.star_id[row]))
        if star is not None and np.isfinite(values[row]):
            known[star] = values[row]
    return known


def _telescopes(epochs: Epochs) -> NDArray[np.int64]:
    names = np.char.add(np.char.add(epochs.telescope, "\n"), epochs.filter_name)
    return np.asarray(np.unique(names, return_inverse=True)[1], dtype=np.int64).reshape(-1)


def _spread(
    shape: tuple[int, int], place: tuple[np.ndarray, np.ndarray], values: np.ndarray
) -> NDArray[np.float32]:
    matrix = np.full(shape, np.nan, dtype=np.float32)
    matrix[place] = values
    return matrix
