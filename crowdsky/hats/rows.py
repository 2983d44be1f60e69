"""The rows of the tables of a partition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from crowdsky.base.arrays import FloatArray
from crowdsky.hats.cell import LETTERS, Cell, Ints
from crowdsky.hats.light import Photometry
from crowdsky.hats.positions import EpochTimes, spatial_index
from crowdsky.hats.tables import BANDS, SCHEMAS, SPATIAL_INDEX, Catalogue

BJD_DECIMALS = 6
"""As in light curves: more would show where on Earth a stack was taken."""


def tables_of(cell: Cell) -> dict[Catalogue, pa.Table]:
    """Return the tables of a partition that have rows, sorted by their place on the sky.

    Raises:
        BadDataError: a star is not in the partition.
    """
    index = spatial_index(cell.order, cell.pixel, cell.stars.ra, cell.stars.dec)
    photometry = Photometry(cell)
    is_interval = cell.epochs.series_seconds[cell.observations.epoch] > 0
    tables = {
        Catalogue.STARS: stars(cell, index),
        Catalogue.LIGHT_CURVES: light_curves(cell, photometry, index, ~is_interval),
        Catalogue.SERIES: light_curves(cell, photometry, index, is_interval),
    }
    return {catalogue: table for catalogue, table in tables.items() if table.num_rows}


def light_curves(cell: Cell, photometry: Photometry, index: Ints, chosen: np.ndarray) -> pa.Table:
    """Return a row for each band of each chosen observation, star after star, in time order."""
    times = EpochTimes(cell.epochs.bjd, cell.epochs.ra, cell.epochs.dec)
    parts = [_in_band(cell, photometry, times, index, chosen, band) for band in range(len(LETTERS))]
    columns = {name: _joined([part[name] for part in parts]) for name in parts[0]}
    keys = ("band_place", "bjd_tdb", "mjd_utc", "star_id", SPATIAL_INDEX)
    order = np.lexsort([columns[key] for key in keys])
    columns = {name: part[order] for name, part in columns.items()}
    names = [BANDS[letter].upper() for letter in LETTERS]
    columns["band"] = _texts(np.array(names)).take(pa.array(columns["band_place"]))
    epoch = pa.array(columns["epoch"])
    columns["telescope"] = _texts(cell.epochs.telescope).take(epoch)
    columns["filter"] = _texts(cell.epochs.filter_name).take(epoch)
    return _table(Catalogue.LIGHT_CURVES, columns)


def stars(cell: Cell, index: Ints) -> pa.Table:
    """Return a row for each star, with its means of the calibration that has most of it."""
    count = len(cell.stars.star_id)
    first, last, number = _times(cell)
    columns: dict[str, Any] = {
        SPATIAL_INDEX: index,
        "star_id": cell.stars.star_id,
        "ra": cell.stars.ra,
        "dec": cell.stars.dec,
        "position_year": cell.stars.year,
        "pm_ra": cell.stars.pm_ra,
        "pm_dec": cell.stars.pm_dec,
        "gaia_id": _positive(cell.stars.gaia_id),
        "n_observations": number,
        "first_mjd_utc": first,
        "last_mjd_utc": last,
        **_means(cell, count),
        **_variables(cell, count),
    }
    order = np.lexsort([cell.stars.star_id, index])
    return _table(Catalogue.STARS, {name: part[order] for name, part in columns.items()})


def _in_band(
    cell: Cell,
    photometry: Photometry,
    times: EpochTimes,
    index: Ints,
    chosen: np.ndarray,
    band: int,
) -> dict[str, Any]:
    has_band = np.char.find(cell.epochs.bands, LETTERS[band]) >= 0
    rows = np.flatnonzero(chosen & has_band[cell.observations.epoch])
    star, epoch = cell.observations.star[rows], cell.observations.epoch[rows]
    light = photometry.light(band, rows)
    epochs, places = cell.epochs, cell.stars
    bjd = times.at(epoch, places.ra[star], places.dec[star])
    versions = cell.calibrations.version
    version = versions[light.calibration] if versions.size else light.calibration
    return {
        SPATIAL_INDEX: index[star],
        "star_id": places.star_id[star],
        "ra": places.ra[star],
        "dec": places.dec[star],
        "bjd_tdb": np.round(bjd, BJD_DECIMALS),
        "mjd_utc": epochs.mjd[epoch],
        "epoch": epoch,
        "band_place": np.full(len(rows), band),
        "mag": light.mag,
        "mag_error": light.mag_error,
        "flux": light.flux,
        "flux_error": light.flux_error,
        "quality": light.quality,
        "stack_id": epochs.stack_id[epoch],
        "series_seconds": epochs.series_seconds[epoch],
        "part": epochs.part[epoch],
        "exptime": epochs.exposure_s[epoch],
        "field_id": _positive(epochs.field_id[epoch]),
        "calibration": np.ma.masked_where(light.calibration < 0, version),
        "zero_point_error": light.zero_point_error,
    }


def _times(cell: Cell) -> tuple[FloatArray, FloatArray, Ints]:
    """Return the first and last time of whole stacks of each star (NaN for none), and how many."""
    count = len(cell.stars.star_id)
    epoch = cell.observations.epoch
    whole = cell.epochs.series_seconds[epoch] == 0
    star, time = cell.observations.star[whole], cell.epochs.mjd[epoch[whole]]
    first, last = np.full(count, np.nan), np.full(count, np.nan)
    np.fmin.at(first, star, time)
    np.fmax.at(last, star, time)
    return first, last, np.bincount(star, minlength=count)


def _means(cell: Cell, count: int) -> dict[str, Any]:
    means = cell.star_magnitudes
    calibrations = max(1, len(cell.calibrations.version))
    epochs = np.zeros((count, calibrations), np.int64)
    np.add.at(epochs, (means.star, means.calibration), means.n_epochs)
    best = np.argmax(epochs, axis=1)
    known = epochs[np.arange(count), best] > 0
    chosen = (means.calibration == best[means.star]) if count else np.zeros(0, bool)
    columns: dict[str, Any] = {}
    flags = np.zeros(count, np.int64)
    np.bitwise_or.at(flags, means.star[chosen], means.flags[chosen])
    for letter, band in BANDS.items():
        rows = np.flatnonzero(chosen & (means.band == letter))
        star = means.star[rows]
        for name, numbers in (
            ("mag", means.mag),
            ("mag_error", means.mag_error),
            ("scatter", means.scatter_mag),
            ("chi2", means.chi2),
        ):
            column = np.full(count, np.nan)
            column[star] = numbers[rows]
            columns[f"{name}_{band}"] = column
        number = np.ma.masked_all(count, np.int64)
        number[star] = means.n_epochs[rows]
        columns[f"n_{band}"] = number
    for name in ("field_id", "version"):
        values = getattr(cell.calibrations, name)
        column = np.ma.masked_all(count, np.int64)
        if values.size:
            column[known] = values[best[known]]
        columns["calibration" if name == "version" else name] = column
    return {**columns, "flags": np.ma.masked_where(~known, flags)}


def _variables(cell: Cell, count: int) -> dict[str, Any]:
    """Return the facts of the calibration in which a star varies most surely."""
    found = cell.variables
    # Of several rows for a star, the last one stays.
    rows = np.lexsort([found.score])
    star = found.star[rows]
    columns: dict[str, Any] = {}
    for name, values in (("variable_kind", found.kind), ("variable_band", found.band)):
        text = np.zeros(count, "U20")
        text[star] = values[rows]
        columns[name] = text
    bands = {letter: name.upper() for letter, name in BANDS.items()}
    columns["variable_band"] = np.array(
        [bands.get(str(letter), "") for letter in columns["variable_band"]], dtype="U2"
    )
    for name, numbers in (
        ("variable_score", found.score),
        ("variable_amplitude", found.amplitude_mag),
        ("variable_period", found.period_d),
        ("variable_period_error", found.period_error_d),
        ("variable_fap", found.fap),
        ("variable_t0", found.t0_bjd),
    ):
        column = np.full(count, np.nan)
        column[star] = numbers[rows]
        columns[name] = column
    return columns


def _joined(parts: list[Any]) -> Any:
    """Return arrays as one; numpy's own function forgets what is masked."""
    is_masked = any(isinstance(part, np.ma.MaskedArray) for part in parts)
    return np.ma.concatenate(parts) if is_masked else np.concatenate(parts)


def _positive(ids: Ints) -> np.ma.MaskedArray:
    return np.ma.masked_where(ids <= 0, ids)


def _table(catalogue: Catalogue, columns: dict[str, Any]) -> pa.Table:
    """Return a table of columns; NaN, empty texts and masked values become nulls."""
    schema = SCHEMAS[catalogue]
    return pa.table([_column(columns[field.name], field.type) for field in schema], schema=schema)


def _texts(values: np.ndarray) -> pa.Array:
    return _column(values, pa.string())


def _column(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    plain = np.ma.getdata(values)
    unknown = np.ma.getmaskarray(values)
    if plain.dtype.kind == "f":
        unknown = unknown | ~np.isfinite(plain)
    elif plain.dtype.kind == "U":
        unknown = unknown | (plain == "")
        plain = plain.astype(object)
    # The cast raises an error for an integer that is too large.
    return pa.array(plain, mask=unknown).cast(kind)
