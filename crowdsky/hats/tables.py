"""The tables of the export and their columns."""

from __future__ import annotations

from enum import StrEnum

import pyarrow as pa

LAYOUT = 1
"""Rises when the tables get another form; the site has the same (``Hats/HatsPlan.php``)."""

SPATIAL_INDEX = "_healpix_29"
"""HEALPix pixel of order 29, nested, of a row's position; rows are in its order."""

BANDS = {"R": "tr", "G": "tg", "B": "tb", "L": "cv"}
"""Bands of a camera, and their public names, in which AAVSO has them, in lower case."""


class Catalogue(StrEnum):
    """The tables; each is a catalogue of its own."""

    STARS = "stars"
    LIGHT_CURVES = "light_curves"
    SERIES = "series"


def _light_curves() -> pa.Schema:
    return pa.schema(
        [
            *_place(),
            ("bjd_tdb", pa.float64()),
            ("mjd_utc", pa.float64()),
            ("band", pa.string()),
            ("mag", pa.float32()),
            ("mag_error", pa.float32()),
            ("flux", pa.float32()),
            ("flux_error", pa.float32()),
            ("quality", pa.int32()),
            ("stack_id", pa.int64()),
            ("series_seconds", pa.int32()),
            ("part", pa.int32()),
            ("telescope", pa.string()),
            ("filter", pa.string()),
            ("exptime", pa.float32()),
            ("field_id", pa.int64()),
            ("calibration", pa.int32()),
            ("zero_point_error", pa.float32()),
        ]
    )


def _stars() -> pa.Schema:
    photometry = [
        (f"{name}_{band}", pa.int32() if name == "n" else pa.float32())
        for band in BANDS.values()
        for name in ("mag", "mag_error", "n", "scatter", "chi2")
    ]
    return pa.schema(
        [
            *_place(),
            ("position_year", pa.float64()),
            ("pm_ra", pa.float32()),
            ("pm_dec", pa.float32()),
            ("gaia_id", pa.int64()),
            ("n_observations", pa.int32()),
            ("first_mjd_utc", pa.float64()),
            ("last_mjd_utc", pa.float64()),
            *photometry,
            ("flags", pa.int32()),
            ("field_id", pa.int64()),
            ("calibration", pa.int32()),
            ("variable_kind", pa.string()),
            ("variable_band", pa.string()),
            ("variable_score", pa.float64()),
            ("variable_amplitude", pa.float32()),
            ("variable_period", pa.float64()),
            ("variable_period_error", pa.float64()),
            ("variable_fap", pa.float64()),
            ("variable_t0", pa.float64()),
        ]
    )


def _place() -> list[tuple[str, pa.DataType]]:
    return [
        (SPATIAL_INDEX, pa.int64()),
        ("star_id", pa.int64()),
        ("ra", pa.float64()),
        ("dec", pa.float64()),
    ]


SCHEMAS = {
    Catalogue.STARS: _stars(),
    Catalogue.LIGHT_CURVES: _light_curves(),
    Catalogue.SERIES: _light_curves(),
}
"""Columns of each table. What is not known is null; ids are never floating point."""
