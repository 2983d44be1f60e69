"""Columns of FITS tables that are records of arrays: read with checks, and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from crowdsky.base.errors import BadDataError
from crowdsky.frames.fits_writer import Column, Hdu, table

if TYPE_CHECKING:
    from astropy.io import fits

Spec = Mapping[str, tuple[tuple[str, ...], str]]
"""Field of a record: its columns (three for the planes R, G, B), and the code of their type."""

Record = TypeVar("Record")


class UnreadableTableError(BadDataError):
    """A file of observations or of a calibration is not what its format says."""


def planes(stem: str) -> tuple[str, ...]:
    """Return the names of the columns of red, green and blue."""
    return (f"{stem}_R", f"{stem}_G", f"{stem}_B")


def read_table(kind: type[Record], spec: Spec, hdus: fits.HDUList, name: str, path: Path) -> Record:
    """Read a table as a record of arrays, in the byte order of this machine.

    Texts are str, logical values bool. Raises UnreadableTableError if a column is missing or of
    another type.
    """
    where = f"{path.name}, table {name}"
    if name not in hdus:
        raise UnreadableTableError("the table is missing", where=where)
    try:
        data = hdus[name].data
    except (OSError, ValueError, TypeError) as error:
        raise UnreadableTableError("the rows cannot be read", where=where) from error
    present = [] if data is None else data.dtype.names or ()
    arrays: dict[str, Any] = {}
    for field, (columns, code) in spec.items():
        missing = [column for column in columns if column not in present]
        if missing:
            raise UnreadableTableError(f"column {missing[0]} is missing", where=where)
        read = [_plain(data.field(column), column, code, where) for column in columns]
        arrays[field] = read[0] if len(read) == 1 else np.stack(read, axis=1)
    return kind(**arrays)


def hdu_of(record: Any, spec: Spec, name: str) -> Hdu:
    """Build the table of a record. A text is cut at the width of its column."""
    columns = []
    for field in fields(record):
        names, code = spec[field.name]
        values = np.asarray(getattr(record, field.name))
        parts = [values] if len(names) == 1 else list(values.T)
        columns += [
            Column(column, _stored(part, code)) for column, part in zip(names, parts, strict=True)
        ]
    return table(columns, name)


def _plain(values: Any, column: str, code: str, where: str) -> np.ndarray:
    found = np.asarray(values)
    wanted = np.dtype(code)
    text = wanted.kind == "S"
    kinds = {"S": "US", "b": "b", "i": "i", "f": "f"}[wanted.kind]
    if found.ndim != 1 or found.dtype.kind not in kinds:
        raise UnreadableTableError(
            f"column {column} is of type {found.dtype}, shape {found.shape[1:]}", where=where
        )
    if text:
        return np.char.rstrip(found.astype(f"U{wanted.itemsize}"), " \0")
    return np.ascontiguousarray(found, dtype=wanted)


def _stored(values: np.ndarray, code: str) -> np.ndarray:
    wanted = np.dtype(code)
    if wanted.kind != "S":
        return np.ascontiguousarray(values, dtype=wanted)
    plain = [str(value).encode("ascii", "replace") for value in values]
    return np.array(plain, dtype=wanted)
