"""Reads the rows of a partition as the site sends them (``Hats/CellFile.php``)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.ensemble.columns import Spec, UnreadableTableError, planes, read_table

Ints = NDArray[np.int64]
Texts = NDArray[np.str_]

MAX_ORDER = 29

LETTERS = "RGBL"
"""Bands of a camera: of three colours, or of none."""


@dataclass(frozen=True, slots=True)
class CellEpochs:
    """Stacks and intervals of series. Unknown numbers are NaN, unknown texts empty.

    Attributes:
        mjd, bjd: mid-exposure, UTC and TDB; the latter for the middle of the picture, at ra, dec.
        zero_point, zero_point_error: of the stack alone, mag, shape (n, 3) for R, G, B.
    """

    stack_id: Ints
    series_seconds: Ints
    part: Ints
    field_id: Ints
    mjd: FloatArray
    bjd: FloatArray
    ra: FloatArray
    dec: FloatArray
    exposure_s: FloatArray
    telescope: Texts
    filter_name: Texts
    bands: Texts
    width: Ints
    height: Ints
    zero_point: FloatArray
    zero_point_error: FloatArray


@dataclass(frozen=True, slots=True)
class CellStars:
    """Stars of the archive's list (ICRS, in their year); no Gaia id is 0."""

    star_id: Ints
    ra: FloatArray
    dec: FloatArray
    year: FloatArray
    pm_ra: FloatArray
    pm_dec: FloatArray
    gaia_id: Ints


@dataclass(frozen=True, slots=True)
class CellObservations:
    """A star (row of the stars) in an epoch (row of the epochs); fluxes in ADU, shape (n, 3)."""

    star: Ints
    epoch: Ints
    x: FloatArray
    y: FloatArray
    flux: FloatArray
    flux_error: FloatArray
    flags: Ints


@dataclass(frozen=True, slots=True)
class CellZeroPoints:
    """Zero points of epochs (rows) in calibrations (rows), per band; magnitudes."""

    epoch: Ints
    calibration: Ints
    band: Texts
    zero_point: FloatArray
    zero_point_error: FloatArray
    colour_term: FloatArray
    u: FloatArray
    v: FloatArray
    uu: FloatArray
    uv: FloatArray
    vv: FloatArray
    floor_mag: FloatArray


@dataclass(frozen=True, slots=True)
class CellStarMagnitudes:
    """Means of stars (rows) in calibrations (rows), per band; an unknown colour is NaN."""

    star: Ints
    calibration: Ints
    band: Texts
    mag: FloatArray
    mag_error: FloatArray
    colour: FloatArray
    n_epochs: Ints
    scatter_mag: FloatArray
    chi2: FloatArray
    extra_mag: FloatArray
    flags: Ints


@dataclass(frozen=True, slots=True)
class CellVariables:
    """Stars (rows) that vary, and results of period searches, in calibrations (rows)."""

    star: Ints
    calibration: Ints
    band: Texts
    kind: Texts
    score: FloatArray
    amplitude_mag: FloatArray
    period_d: FloatArray
    period_error_d: FloatArray
    fap: FloatArray
    t0_bjd: FloatArray


@dataclass(frozen=True, slots=True)
class CellCalibrations:
    """The newest public calibration of each field."""

    field_id: Ints
    version: Ints


@dataclass(frozen=True, slots=True)
class Cell:
    """A partition: a HEALPix pixel in nested order, and its rows.

    Attributes:
        content: fingerprint of the rows, which goes back to the site.
    """

    order: int
    pixel: int
    layout: int
    content: str
    epochs: CellEpochs
    stars: CellStars
    observations: CellObservations
    zero_points: CellZeroPoints
    star_magnitudes: CellStarMagnitudes
    variables: CellVariables
    calibrations: CellCalibrations


_EPOCHS: Spec = {
    "stack_id": (("STACK_ID",), "i8"),
    "series_seconds": (("SERIES",), "i8"),
    "part": (("PART",), "i8"),
    "field_id": (("FIELD",), "i8"),
    "mjd": (("MJD",), "f8"),
    "bjd": (("BJD",), "f8"),
    "ra": (("RA",), "f8"),
    "dec": (("DEC",), "f8"),
    "exposure_s": (("EXPTIME",), "f8"),
    "telescope": (("TELESCOPE",), "S80"),
    "filter_name": (("FILTER",), "S32"),
    "bands": (("BANDS",), "S3"),
    "width": (("WIDTH",), "i8"),
    "height": (("HEIGHT",), "i8"),
    "zero_point": (planes("ZP"), "f8"),
    "zero_point_error": (planes("ZPERR"), "f8"),
}
_STARS: Spec = {
    "star_id": (("STAR_ID",), "i8"),
    "ra": (("RA",), "f8"),
    "dec": (("DEC",), "f8"),
    "year": (("YEAR",), "f8"),
    "pm_ra": (("PM_RA",), "f8"),
    "pm_dec": (("PM_DEC",), "f8"),
    "gaia_id": (("GAIA_ID",), "i8"),
}
_OBSERVATIONS: Spec = {
    "star": (("STAR",), "i8"),
    "epoch": (("EPOCH",), "i8"),
    "x": (("X",), "f8"),
    "y": (("Y",), "f8"),
    "flux": (planes("FLUX"), "f8"),
    "flux_error": (planes("ERR"), "f8"),
    "flags": (("FLAGS",), "i8"),
}
_ZERO_POINTS: Spec = {
    "epoch": (("EPOCH",), "i8"),
    "calibration": (("CALIB",), "i8"),
    "band": (("BAND",), "S1"),
    "zero_point": (("ZP",), "f8"),
    "zero_point_error": (("ZPERR",), "f8"),
    "colour_term": (("CTERM",), "f8"),
    "u": (("U",), "f8"),
    "v": (("V",), "f8"),
    "uu": (("UU",), "f8"),
    "uv": (("UV",), "f8"),
    "vv": (("VV",), "f8"),
    "floor_mag": (("FLOOR",), "f8"),
}
_STAR_MAGNITUDES: Spec = {
    "star": (("STAR",), "i8"),
    "calibration": (("CALIB",), "i8"),
    "band": (("BAND",), "S1"),
    "mag": (("MAG",), "f8"),
    "mag_error": (("ERR",), "f8"),
    "colour": (("COLOUR",), "f8"),
    "n_epochs": (("N",), "i8"),
    "scatter_mag": (("SCATTER",), "f8"),
    "chi2": (("CHI2",), "f8"),
    "extra_mag": (("EXTRA",), "f8"),
    "flags": (("FLAGS",), "i8"),
}
_VARIABLES: Spec = {
    "star": (("STAR",), "i8"),
    "calibration": (("CALIB",), "i8"),
    "band": (("BAND",), "S1"),
    "kind": (("KIND",), "S20"),
    "score": (("SCORE",), "f8"),
    "amplitude_mag": (("AMPLITUDE",), "f8"),
    "period_d": (("PERIOD",), "f8"),
    "period_error_d": (("PERIOD_ERR",), "f8"),
    "fap": (("FAP",), "f8"),
    "t0_bjd": (("T0",), "f8"),
}
_CALIBRATIONS: Spec = {"field_id": (("FIELD",), "i8"), "version": (("VERSION",), "i8")}


def read_cell(path: Path) -> Cell:
    """Read a partition.

    Raises:
        UnreadableTableError: the file is not of this format, or its tables contradict each other.
        OSError: it cannot be read.
    """
    with warnings.catch_warnings():
        # A file that was cut; the rows that are missing raise their own error.
        warnings.simplefilter("ignore", AstropyUserWarning)
        with fits.open(path, memmap=False) as hdus:
            header = hdus[0].header
            cell = Cell(
                order=_whole(header, "ORDER", path),
                pixel=_whole(header, "PIXEL", path),
                layout=_whole(header, "LAYOUT", path),
                content=str(header.get("CONTENT", "")),
                epochs=read_table(CellEpochs, _EPOCHS, hdus, "EPOCHS", path),
                stars=read_table(CellStars, _STARS, hdus, "STARS", path),
                observations=read_table(
                    CellObservations, _OBSERVATIONS, hdus, "OBSERVATIONS", path
                ),
                zero_points=read_table(CellZeroPoints, _ZERO_POINTS, hdus, "ZEROPTS", path),
                star_magnitudes=read_table(
                    CellStarMagnitudes, _STAR_MAGNITUDES, hdus, "STARMAGS", path
                ),
                variables=read_table(CellVariables, _VARIABLES, hdus, "VARIABLES", path),
                calibrations=read_table(
                    CellCalibrations, _CALIBRATIONS, hdus, "CALIBRATIONS", path
                ),
            )
    _check(cell, path)
    return cell


def _whole(header: fits.Header, keyword: str, path: Path) -> int:
    value = header.get(keyword)
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnreadableTableError(f"{keyword} is no whole number", where=path.name)
    return value


def _check(cell: Cell, path: Path) -> None:
    """Check that rows name rows that are there, that the pixel is one, and bands are known."""
    if not (0 <= cell.order <= MAX_ORDER and 0 <= cell.pixel < 12 << 2 * cell.order):
        raise UnreadableTableError("ORDER and PIXEL name no pixel", where=path.name)
    stars, epochs = len(cell.stars.star_id), len(cell.epochs.stack_id)
    calibrations = len(cell.calibrations.version)
    named = (
        ("OBSERVATIONS", cell.observations.star, stars),
        ("OBSERVATIONS", cell.observations.epoch, epochs),
        ("ZEROPTS", cell.zero_points.epoch, epochs),
        ("ZEROPTS", cell.zero_points.calibration, calibrations),
        ("STARMAGS", cell.star_magnitudes.star, stars),
        ("STARMAGS", cell.star_magnitudes.calibration, calibrations),
        ("VARIABLES", cell.variables.star, stars),
        ("VARIABLES", cell.variables.calibration, calibrations),
    )
    for table, rows, count in named:
        if rows.size and not (rows.min() >= 0 and rows.max() < count):
            raise UnreadableTableError(
                "rows of other tables are named that are not there", where=f"{path.name}, {table}"
            )
    for texts in (cell.epochs.bands, cell.zero_points.band, cell.star_magnitudes.band):
        if set("".join(np.unique(texts))) - set(LETTERS):
            raise UnreadableTableError("there are unknown bands", where=path.name)
