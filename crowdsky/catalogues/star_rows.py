"""Rows of a star catalogue with Gaia's columns, checked once where they enter.

Files and services spell the columns as Gaia's archive or as VizieR; here they have Gaia's names:

====================  ======  ====================================================================
source_id             int64   Gaia identifier; 0 if there is none
ra, dec               deg     ICRS at `ref_epoch`
ref_epoch             yr      2016.0 (Gaia DR3) where the source has none
pmra, pmdec           mas/yr  proper motion, pmra with cos(dec)
phot_g_mean_mag       mag     G
bp_rp                 mag     BP - RP, also computed from phot_bp_mean_mag and phot_rp_mean_mag
v_mag                 mag     Johnson V where it was measured or synthesised; never computed from G
====================  ======  ====================================================================

An unknown number is NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.base.errors import BadDataError

DEFAULT_EPOCH = 2016.0

NAMES: dict[str, tuple[str, ...]] = {
    "source_id": ("source_id", "source"),
    "ra": ("ra", "ra_icrs"),
    "dec": ("dec", "de_icrs"),
    "ref_epoch": ("ref_epoch",),
    "pmra": ("pmra",),
    "pmdec": ("pmdec", "pmde"),
    "phot_g_mean_mag": ("phot_g_mean_mag", "gmag"),
    "bp_rp": ("bp_rp", "bp-rp"),
    "phot_bp_mean_mag": ("phot_bp_mean_mag", "bpmag"),
    "phot_rp_mean_mag": ("phot_rp_mean_mag", "rpmag"),
    "v_mag": ("v_mag", "v_jkc_mag"),
}
"""Names by which a column is known, in lower case; the first that a table has is taken."""

MASK_SUFFIX = ".mask"
"""Ending of the columns in which astropy keeps masks in Parquet. A program that writes the file
again keeps them as columns of their own, and a masked value then looks like any other."""

FAINTEST_MAG, BRIGHTEST_MAG = 40.0, -10.0
"""Magnitudes beyond these are the numbers that tables put where there is none: 99.9, -99, 9999."""

MAS_PER_DEGREE = 3.6e6

LARGEST_EXACT = 2.0**53
"""From here on, a float cannot represent every integer."""

MAX_MOTION = 20_000.0
"""Largest proper motion that is one, mas/yr; Barnard's star has 10,400."""


V_SYNTHETIC_ERROR = 0.02
V_COMPUTED_ERROR = 0.03
"""Errors in magnitudes of one star's V: synthesised from Gaia's spectra (Montegriffo et al. 2023,
against Landolt's standards), and computed from G and BP - RP (documentation of Gaia DR3)."""

G_MINUS_V = (-0.02704, 0.01424, -0.2156, 0.01426)
"""Coefficients of G - V as a polynomial of BP - RP, from the documentation of Gaia DR3; good to
0.03 mag."""


class UnusableStarsError(BadDataError):
    """A table has no columns, or no values in them, of which a star catalogue could be made."""


@dataclass(frozen=True, slots=True)
class StarRows:
    """Stars with Gaia's columns; arrays of one length, units as in the table above."""

    source_id: NDArray[np.int64]
    ra: FloatArray
    dec: FloatArray
    ref_epoch: FloatArray
    pmra: FloatArray
    pmdec: FloatArray
    phot_g_mean_mag: FloatArray
    bp_rp: FloatArray
    v_mag: FloatArray

    def __len__(self) -> int:
        return len(self.ra)

    def take(self, rows: NDArray[np.intp] | BoolArray) -> StarRows:
        """Return the stars at `rows`, in that order."""
        return StarRows(*(getattr(self, field.name)[rows] for field in fields(self)))

    def moved_to(self, year: float) -> StarRows:
        """Return the stars where they are in `year`; without a proper motion they stay."""
        years = year - self.ref_epoch
        dec = self.dec + np.nan_to_num(self.pmdec) * years / MAS_PER_DEGREE
        # At a pole, a right ascension says nothing; the limit only avoids a division by 0.
        shrink = np.maximum(np.cos(np.radians(self.dec)), 1e-9)
        ra = self.ra + np.nan_to_num(self.pmra) * years / MAS_PER_DEGREE / shrink
        return replace(
            self,
            ra=np.mod(ra, 360.0),
            dec=np.clip(dec, -90.0, 90.0),
            ref_epoch=np.full(len(self), year),
        )

    @property
    def v_or_computed(self) -> FloatArray:
        """V; computed from G and BP - RP where there is none of its own, else NaN."""
        computed = v_from_gaia(self.phot_g_mean_mag, self.bp_rp)
        return np.where(np.isfinite(self.v_mag), self.v_mag, computed)

    @property
    def v_error(self) -> FloatArray:
        """The error of `v_or_computed`, mag."""
        return np.where(np.isfinite(self.v_mag), V_SYNTHETIC_ERROR, V_COMPUTED_ERROR)


def v_from_gaia(g_mag: FloatArray, bp_rp: FloatArray) -> FloatArray:
    """Compute Johnson V from G and BP - RP, for colours between -0.5 and 5; NaN beyond."""
    v_mag = g_mag - np.polynomial.polynomial.polyval(bp_rp, G_MINUS_V)
    return np.where((bp_rp >= -0.5) & (bp_rp <= 5.0), v_mag, np.nan)


def joined(parts: list[StarRows]) -> StarRows:
    """Return the stars of all parts, one after another; of no parts, none."""
    columns = (field.name for field in fields(StarRows))
    if not parts:
        return StarRows(*(np.zeros(0, _type_of(name)) for name in columns))
    return StarRows(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))


def columns_of(names: list[str]) -> dict[str, str]:
    """Map our names of columns to those of a table, as far as it has them.

    Raises:
        UnusableStarsError: it lacks the columns that every star catalogue needs.
    """
    there = {name.lower(): name for name in reversed(names)}
    found = {}
    for ours, known in NAMES.items():
        theirs = next((there[name] for name in known if name in there), None)
        if theirs is not None:
            found[ours] = theirs
    if not {"ra", "dec"} <= found.keys() or not {"phot_g_mean_mag", "v_mag"} & found.keys():
        raise UnusableStarsError(
            "could not use the star catalogue",
            why="it needs the columns ra, dec and phot_g_mean_mag with bp_rp, or v_mag; it has "
            + (", ".join(names[:12]) + (", ..." if len(names) > 12 else "") or "no columns"),
        )
    return found


def needed_columns(names: list[str]) -> list[str]:
    """Return the names of the columns of a table that are worth reading, with their masks."""
    wanted = set(columns_of(names).values())
    return [name for name in names if name in wanted or name.removesuffix(MASK_SUFFIX) in wanted]


def star_rows(names: list[str], read: Callable[[str], np.ndarray]) -> StarRows:
    """Build the rows of a table, without stars whose position is not known.

    Args:
        names: of the table's columns.
        read: returns a column by its name, as an array, masked where there is no value.

    Raises:
        UnusableStarsError: columns are missing, a column has no numbers, or the ids were rounded.
    """
    found = columns_of(names)

    def masked(ours: str) -> np.ma.MaskedArray:
        theirs = found[ours]
        values = np.ma.asarray(read(theirs))
        flags = theirs + MASK_SUFFIX
        if flags in names:
            hidden = np.ma.filled(np.ma.asarray(read(flags)), True).astype(bool)
            values = np.ma.masked_where(hidden | np.ma.getmaskarray(values), values)
        return values

    def column(ours: str, low: float = -np.inf, high: float = np.inf) -> FloatArray:
        if ours not in found:
            return np.full(count, np.nan)
        try:
            values = np.ma.filled(masked(ours).astype(np.float64), np.nan)
        except (TypeError, ValueError) as error:
            raise UnusableStarsError(
                "could not use the star catalogue",
                why=f"the column {found[ours]} does not hold numbers: {error}",
            ) from error
        with np.errstate(invalid="ignore"):
            return np.where((values >= low) & (values <= high), values, np.nan)

    def magnitude(ours: str) -> FloatArray:
        return column(ours, BRIGHTEST_MAG, FAINTEST_MAG)

    count = len(read(found["ra"]))
    ids = _exact_ids(masked("source_id"), found["source_id"]) if "source_id" in found else None
    bp_rp = magnitude("bp_rp")
    from_bands = magnitude("phot_bp_mean_mag") - magnitude("phot_rp_mean_mag")
    epoch = column("ref_epoch", 1800.0, 2200.0)
    rows = StarRows(
        source_id=np.zeros(count, dtype=np.int64) if ids is None else ids,
        ra=column("ra", -360.0, 360.0),
        dec=column("dec", -90.0, 90.0),
        ref_epoch=np.where(np.isfinite(epoch), epoch, DEFAULT_EPOCH),
        pmra=column("pmra", -MAX_MOTION, MAX_MOTION),
        pmdec=column("pmdec", -MAX_MOTION, MAX_MOTION),
        phot_g_mean_mag=magnitude("phot_g_mean_mag"),
        bp_rp=np.where(np.isfinite(bp_rp), bp_rp, from_bands),
        v_mag=magnitude("v_mag"),
    )
    return rows.take(np.isfinite(rows.ra) & np.isfinite(rows.dec))


def _exact_ids(values: np.ma.MaskedArray, name: str) -> NDArray[np.int64]:
    """Convert identifiers to integers, 0 where there is none; refuse those that were rounded.

    Gaia's have up to 19 digits and a float keeps 16, so that neighbours become the same star.
    """
    if values.dtype.kind == "f":
        values = np.ma.masked_invalid(values)
        if (np.ma.filled(np.abs(values), 0.0) >= LARGEST_EXACT).any():
            raise UnusableStarsError(
                "could not use the star catalogue",
                why=f"the column {name} holds rounded numbers (type {values.dtype}), so that"
                " different stars have the same id",
                hint=f"write the file again with {name} as whole numbers of 64 bits; pandas rounds"
                " them where one is missing, unless its type is Int64",
            )
    try:
        if values.dtype.kind in "OSU":
            text = [0 if value is np.ma.masked else int(str(value) or 0) for value in values]
            return np.array(text, dtype=np.int64)
        return np.asarray(np.ma.filled(values, 0), dtype=np.int64)
    except (TypeError, ValueError, OverflowError) as error:
        raise UnusableStarsError(
            "could not use the star catalogue",
            why=f"the column {name} does not hold whole numbers: {error}",
        ) from error


def _type_of(name: str) -> type:
    return np.int64 if name == "source_id" else np.float64
