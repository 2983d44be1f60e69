"""Reads a file of stars: Parquet, FITS, ECSV, CSV or VOTable, as the Gaia archive gives them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import votable
from astropy.table import Table

from crowdsky.base.errors import ConfigurationError
from crowdsky.base.extras import require_extra
from crowdsky.catalogues.star_rows import (
    StarRows,
    UnusableStarsError,
    needed_columns,
    star_rows,
)
from crowdsky.solving.catalogue import CatalogueUnavailableError

NO_VALUE = [("", "0"), ("null", "0")]
"""Texts that stand for a missing value; the archive's bulk files write the second. Astropy masks
such a cell, whatever number it is given instead."""

READ_EXTRA = "catalogue"


@dataclass(frozen=True, slots=True)
class StarFile:
    """The stars of a file.

    cut_off -- whether the service that wrote the file says that there are more rows
    """

    rows: StarRows
    cut_off: bool = False


def read_star_file(path: Path) -> StarFile:
    """Read a file of stars; only the columns that are needed.

    Raises:
        CatalogueUnavailableError: it cannot be read, or lacks required columns.
        ConfigurationError: the extra that reads its format is not installed.
    """
    ending = path.name.lower().removesuffix(".gz")
    reader = next((read for end, read in READERS.items() if ending.endswith(end)), None)
    if reader is None:
        raise CatalogueUnavailableError(
            "could not read the star catalogue",
            where=str(path),
            why=f"{path.suffix or 'no'} is not a known ending",
            hint=f"use one of {', '.join(READERS)}",
        )
    try:
        return reader(path)
    except (CatalogueUnavailableError, ConfigurationError):
        raise
    except UnusableStarsError as error:
        raise CatalogueUnavailableError(
            error.what, where=str(path), why=error.why, hint=error.hint
        ) from error
    except Exception as error:
        raise CatalogueUnavailableError(
            "could not read the star catalogue", where=str(path), why=str(error)
        ) from error


def _read_parquet(path: Path) -> StarFile:
    """Read Parquet without astropy, which needs pandas for it and makes nullable ids floats."""
    require_extra(READ_EXTRA, "reading Parquet", "pyarrow")
    from pyarrow import parquet

    names = parquet.read_schema(path).names
    # Not from_path with partitioning: a folder name like hpx5=00042 would become a column.
    with parquet.ParquetFile(path) as file:
        table = file.read(columns=needed_columns(names))
    return StarFile(star_rows(names, lambda name: masked_column(table.column(name))))


def masked_column(column: Any) -> np.ma.MaskedArray:
    """Convert a ChunkedArray of pyarrow to a masked array of its own type.

    Converted as a whole, whole numbers with a null would become floats.
    """
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    missing = column.is_null().to_numpy()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return np.ma.masked_array(column.to_numpy(), mask=missing)
    if not (pa.types.is_primitive(column.type) and column.type.bit_width <= 64):
        raise UnusableStarsError(
            "could not use the star catalogue", why=f"a column has the type {column.type}"
        )
    zero = pa.scalar(0).cast(column.type) if column.null_count else None
    filled = column if zero is None else compute.fill_null(column, zero)
    return np.ma.masked_array(filled.to_numpy(), mask=missing)


def _read_fits(path: Path) -> StarFile:
    return _of_table(Table.read(path, format="fits"))


def _read_ecsv(path: Path) -> StarFile:
    return _of_table(_without_nulls(path, "ascii.ecsv"))


def _read_csv(path: Path) -> StarFile:
    return _of_table(_without_nulls(path, "ascii.csv"))


def _read_votable(path: Path) -> StarFile:
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
        tree = votable.parse(stream)
    table = tree.get_first_table().to_table(use_names_over_ids=True)
    return StarFile(_of_table(table).rows, cut_off=says_overflow(tree))


def says_overflow(tree: votable.tree.VOTableFile) -> bool:
    """Whether a VOTable says anywhere that rows are missing from it."""
    infos = list(tree.infos)
    for resource in tree.resources:
        infos += [*resource.infos, *(info for table in resource.tables for info in table.infos)]
    return any(
        info.name.upper() == "QUERY_STATUS" and str(info.value).upper() == "OVERFLOW"
        for info in infos
    )


def _of_table(table: Table) -> StarFile:
    rows = star_rows(table.colnames, lambda name: np.ma.asarray(table[name]))
    return StarFile(rows, cut_off=str(table.meta.get("QUERY_STATUS", "")).upper() == "OVERFLOW")


def _without_nulls(path: Path, form: str) -> Table:
    return Table.read(path, format=form, fill_values=NO_VALUE)


READERS: dict[str, Callable[[Path], StarFile]] = {
    ".parquet": _read_parquet,
    ".ecsv": _read_ecsv,
    ".csv": _read_csv,
    ".fits": _read_fits,
    ".fit": _read_fits,
    ".vot": _read_votable,
    ".xml": _read_votable,
}
"""How a file is read, by the ending of its name; `.gz` may follow, but not on Parquet."""
