"""The two files of a calibration: the site writes the observations of a field and reads the result.

docs/light-curves.md describes both. They are FITS files of binary tables.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

from crowdsky.frames.fits_writer import Card, primary, write_fits
from crowdsky.photometry.ensemble.columns import (
    Spec,
    UnreadableTableError,
    hdu_of,
    planes,
    read_table,
)
from crowdsky.photometry.ensemble.tables import (
    Epochs,
    FieldCalibration,
    FieldObservations,
    Observations,
    StarMagnitudes,
    Stars,
    Variables,
    ZeroPoints,
)

EPOCHS: Spec = {
    "epoch_id": (("EPOCH_ID",), "i8"),
    "mjd": (("MJD",), "f8"),
    "bjd": (("BJD",), "f8"),
    "airmass": (("AIRMASS",), "f4"),
    "exposure_s": (("EXPTIME",), "f4"),
    "n_subs": (("NSUBS",), "i4"),
    "telescope": (("TELESCOPE",), "S80"),
    "filter_name": (("FILTER",), "S16"),
    "bands": (("BANDS",), "S3"),
    "width": (("WIDTH",), "i4"),
    "height": (("HEIGHT",), "i4"),
    "zero_point": (planes("ZP"), "f4"),
    "zero_point_error": (planes("ZPERR"), "f4"),
    "fwhm_px": (("FWHM",), "f4"),
    "aperture_px": (("APRAD",), "f4"),
    "scale_arcsec": (("SCALE",), "f4"),
    "limiting_mag": (("LIMMAG",), "f4"),
    "fit_only": (("FITONLY",), "b1"),
}
STARS: Spec = {
    "star_id": (("STAR_ID",), "i8"),
    "ra": (("RA",), "f8"),
    "dec": (("DEC",), "f8"),
    "year": (("YEAR",), "f8"),
    "gaia_id": (("GAIA_ID",), "i8"),
    "known_variable": (("KNOWN_VARIABLE",), "b1"),
    "search": (("SEARCH",), "b1"),
}
OBSERVATIONS: Spec = {
    "star": (("STAR",), "i4"),
    "epoch": (("EPOCH",), "i4"),
    "x": (("X",), "f4"),
    "y": (("Y",), "f4"),
    "flux": (planes("FLUX"), "f4"),
    "flux_error": (planes("ERR"), "f4"),
    "fwhm_px": (("FWHM",), "f4"),
    "flags": (("FLAGS",), "i2"),
}
ZERO_POINTS: Spec = {
    "epoch_id": (("EPOCH_ID",), "i8"),
    "band": (("BAND",), "S1"),
    "zero_point": (("ZP",), "f8"),
    "zero_point_error": (("ZPERR",), "f4"),
    "colour_term": (("CTERM",), "f4"),
    "u_term": (("U",), "f4"),
    "v_term": (("V",), "f4"),
    "uu_term": (("UU",), "f4"),
    "uv_term": (("UV",), "f4"),
    "vv_term": (("VV",), "f4"),
    "floor_mag": (("FLOOR",), "f4"),
    "n_stars": (("NSTARS",), "i4"),
}
STAR_MAGNITUDES: Spec = {
    "star_id": (("STAR_ID",), "i8"),
    "band": (("BAND",), "S1"),
    "mag": (("MAG",), "f8"),
    "mag_error": (("ERR",), "f4"),
    "colour": (("COLOUR",), "f4"),
    "n_epochs": (("N",), "i4"),
    "scatter_mag": (("SCATTER",), "f4"),
    "chi2": (("CHI2",), "f4"),
    "extra_mag": (("EXTRA",), "f4"),
    "flags": (("FLAGS",), "i4"),
}
VARIABLES: Spec = {
    "star_id": (("STAR_ID",), "i8"),
    "band": (("BAND",), "S1"),
    "kind": (("KIND",), "S20"),
    "score": (("SCORE",), "f8"),
    "excess_mag": (("EXCESS",), "f4"),
    "n_points": (("NPOINTS",), "i4"),
    "n_nights": (("NNIGHTS",), "i4"),
    "amplitude_mag": (("AMPLITUDE",), "f4"),
    "period_d": (("PERIOD",), "f8"),
    "period_error_d": (("PERIOD_ERR",), "f8"),
    "period_fap": (("FAP",), "f8"),
    "t0_bjd": (("T0",), "f8"),
    "depth_mag": (("DEPTH",), "f4"),
    "duration_d": (("DURATION",), "f4"),
    "trend_mag_per_d": (("TREND",), "f4"),
    "bright_epoch_id": (("BRIGHT",), "i8"),
    "faint_epoch_id": (("FAINT",), "i8"),
    "amplitude_error_mag": (("AMPLITUDE_ERR",), "f4"),
    "remark": (("REMARK",), "S160"),
}


def read_observations(path: Path) -> FieldObservations:
    """Read the observations of a field.

    Raises UnreadableTableError if the file is not of this format, UnusableObservationsError if its
    tables contradict each other, OSError if it cannot be read.
    """
    with _opened(path) as hdus:
        header = hdus[0].header
        return FieldObservations(
            field_id=_whole(header, "FIELD", path),
            ra=_real(header, "RA", path),
            dec=_real(header, "DEC", path),
            scope=_whole(header, "SCOPE", path),
            version=_whole(header, "VERSION", path),
            epochs=read_table(Epochs, EPOCHS, hdus, "EPOCHS", path),
            stars=read_table(Stars, STARS, hdus, "STARS", path),
            observations=read_table(Observations, OBSERVATIONS, hdus, "OBSERVATIONS", path),
        )


def write_observations(path: Path, observations: FieldObservations, written: datetime) -> None:
    """Write observations as the site does; raises OSError."""
    cards: list[Card] = [
        ("FIELD", observations.field_id, "number of the field"),
        ("RA", observations.ra, "[deg] its centre"),
        ("DEC", observations.dec, "[deg] its centre"),
        ("SCOPE", observations.scope, "0: public epochs, 1: those an owner sees"),
        ("VERSION", observations.version, "version of the calibration"),
    ]
    tables = [
        hdu_of(observations.epochs, EPOCHS, "EPOCHS"),
        hdu_of(observations.stars, STARS, "STARS"),
        hdu_of(observations.observations, OBSERVATIONS, "OBSERVATIONS"),
    ]
    write_fits(path, [primary(cards), *tables], written)


def read_calibration(path: Path) -> FieldCalibration:
    """Read a calibration; raises what `read_observations` does."""
    with _opened(path) as hdus:
        header = hdus[0].header
        try:
            model = json.loads(header["MODEL"])
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableTableError("MODEL is not JSON", where=path.name) from error
        return FieldCalibration(
            field_id=_whole(header, "FIELD", path),
            version=_whole(header, "VERSION", path),
            catalogue=str(header.get("CATALOG", "")),
            software=str(header.get("CRVER", "")),
            model=model,
            zero_points=read_table(ZeroPoints, ZERO_POINTS, hdus, "ZEROPTS", path),
            stars=read_table(StarMagnitudes, STAR_MAGNITUDES, hdus, "STARMAGS", path),
            variables=read_table(Variables, VARIABLES, hdus, "VARIABLES", path),
        )


def write_calibration(path: Path, calibration: FieldCalibration, written: datetime) -> None:
    """Write a calibration; raises OSError, and ValueError if the model has a NaN."""
    model = json.dumps(calibration.model, separators=(",", ":"), allow_nan=False)
    cards: list[Card] = [
        ("FIELD", calibration.field_id, "number of the field"),
        ("VERSION", calibration.version, "version of the calibration"),
        ("CATALOG", calibration.catalogue, "band, catalogue"),
        ("CRVER", calibration.software, "version of CrowdSky"),
        ("MODEL", model, ""),
    ]
    tables = [
        hdu_of(calibration.zero_points, ZERO_POINTS, "ZEROPTS"),
        hdu_of(calibration.stars, STAR_MAGNITUDES, "STARMAGS"),
        hdu_of(calibration.variables, VARIABLES, "VARIABLES"),
    ]
    write_fits(path, [primary(cards), *tables], written)


@contextmanager
def _opened(path: Path) -> Iterator[fits.HDUList]:
    with path.open("rb") as stream:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", AstropyUserWarning)  # how a cut file is reported
                hdus = fits.open(stream, memmap=False, lazy_load_hdus=False)
        except (OSError, AstropyUserWarning, fits.VerifyError, ValueError, KeyError) as error:
            raise UnreadableTableError("no FITS file of tables", where=path.name) from error
        with hdus:
            yield hdus


def _whole(header: fits.Header, keyword: str, path: Path) -> int:
    value = header.get(keyword)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnreadableTableError(f"{keyword} is no whole number", where=path.name)
    return value


def _real(header: fits.Header, keyword: str, path: Path) -> float:
    value = header.get(keyword)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnreadableTableError(f"{keyword} is no number", where=path.name)
    return float(value)
