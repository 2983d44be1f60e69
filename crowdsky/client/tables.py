"""Answers of the archive as tables of astropy and as a MOC."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy import units as u
from astropy.io import ascii as text_tables
from astropy.table import Table

from crowdsky.base.errors import UnexpectedAnswerError
from crowdsky.base.extras import require_extra
from crowdsky.base.json_fields import Fields
from crowdsky.catalogues.healpix import nested_of_ring

if TYPE_CHECKING:
    from mocpy import MOC

ORDER = 7
"""Order of the pixels of the coverage: NSIDE 128, 27 arc minutes wide."""
STAR_COLUMNS: dict[str, u.UnitBase | None] = {
    "x": u.pix, "y": u.pix, "flux": u.adu, "a": u.pix, "b": u.pix, "flag": None, "peak": u.adu,
    "ra": u.deg, "dec": u.deg,
}  # fmt: skip


def star_table(answer: Fields) -> Table:
    """Return the stars of a stack as a table; unknown numbers are NaN.

    ``x``, ``y`` are 0-based. The metadata have ``width`` and ``height`` of the picture in pixels,
    and under ``positions`` what ``ra`` and ``dec`` belong to. Raises UnexpectedAnswerError.
    """
    rows = answer.objects("stars")
    columns: dict[str, Any] = {}
    for name, unit in STAR_COLUMNS.items():
        values = [_number(answer, row.get(name)) for row in rows]
        if name == "flag":
            columns[name] = np.array(values, dtype=np.int64)
        else:
            columns[name] = np.array(values, dtype=float) * (unit or 1)
    meta = {
        "width": answer.integer("width", minimum=1),
        "height": answer.integer("height", minimum=1),
        "positions": answer.optional_text("positions") or "",
    }
    return Table(columns, meta=meta)


def coverage_table(text: str) -> Table:
    """Return the observed pixels, one row per pixel and filter, from text in ECSV."""
    return ecsv_table(text, "could not read what was observed")


def ecsv_table(text: str, what: str) -> Table:
    """Return a table from text in ECSV; raises UnexpectedAnswerError where it is none."""
    try:
        # A text of one line would be taken for the name of a file.
        return text_tables.read(text.split("\n"), format="ecsv")
    except (ValueError, text_tables.InconsistentTableError) as error:
        raise UnexpectedAnswerError(what, why="the answer is no ECSV table") from error


def coverage_moc(pixels: Sequence[int]) -> MOC:
    """Return the MOC of pixels of order 7 that are numbered in rings.

    Raises ConfigurationError where the extra ``moc`` is not installed.
    """
    require_extra("moc", "the coverage as a MOC", "mocpy")
    from mocpy import MOC

    nested = nested_of_ring(ORDER, np.unique(np.asarray(pixels, dtype=np.int64)))
    depths = np.full(len(nested), ORDER, dtype=np.uint8)
    return MOC.from_healpix_cells(nested.astype(np.uint64), depths, ORDER)


def _number(answer: Fields, value: object) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise answer.problem("stars", "a star has a value that is no number")
    return float(value)
