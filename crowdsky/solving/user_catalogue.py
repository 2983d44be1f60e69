"""Reads the user's own star catalogue, usually a part of Gaia, as ECSV, FITS or Parquet.

Columns (with Gaia's names, so that the result of a query of the Gaia archive can be used as it is):

====================  ======  ====================================================================
source_id             int64   Gaia identifier; optional, else 0
ra, dec               deg     required
phot_g_mean_mag       mag     G; required unless v_mag is there
bp_rp                 mag     colour; V is computed from it and G
v_mag                 mag     V; used instead of G and bp_rp
pmra, pmdec           mas/yr  proper motion, pmra with cos(dec); optional
ref_epoch             yr      epoch of the positions; optional, else 2016.0
====================  ======  ====================================================================

Stars without position or V are left out: they could neither be matched nor calibrate anything.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.table import Table
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.solving.catalogue import (
    CatalogueUnavailableError,
    GaiaColumns,
    StarCatalogue,
    encode_stars,
)

FORMATS = {
    ".ecsv": "ascii.ecsv",
    ".fits": "fits",
    ".fit": "fits",
    ".parquet": "parquet",
}
DEFAULT_EPOCH = 2016.0

G_MINUS_V = (-0.02704, 0.01424, -0.2156, 0.01426)
"""Coefficients of G - V as a polynomial of BP - RP, from the documentation of Gaia DR3; good to
0.03 mag."""


def open_user_catalogue(path: Path) -> StarCatalogue:
    """Read a catalogue of the user; magnitudes are V.

    Raises CatalogueUnavailableError when the file cannot be read or lacks required columns.
    """
    table = _read(path)
    names = {name.lower(): name for name in table.colnames}
    count = len(table)

    def column(name: str, default: float = np.nan) -> FloatArray:
        if name not in names:
            return np.full(count, default)
        return np.ma.filled(np.ma.asarray(table[names[name]], dtype=np.float64), np.nan)

    if not {"ra", "dec"} <= names.keys() or not {"phot_g_mean_mag", "v_mag"} & names.keys():
        raise CatalogueUnavailableError(
            "could not use the star catalogue",
            where=str(path),
            why="it needs the columns ra, dec and phot_g_mean_mag with bp_rp, or v_mag",
        )
    ra, dec, g_mag = column("ra"), column("dec"), column("phot_g_mean_mag")
    v_mag = column("v_mag") if "v_mag" in names else v_from_gaia(g_mag, column("bp_rp"))
    usable = np.isfinite(ra) & np.isfinite(dec) & np.isfinite(v_mag) & (np.abs(dec) <= 90.0)
    if not usable.any():
        raise CatalogueUnavailableError(
            "could not use the star catalogue",
            where=str(path),
            why="no star in it has a position and a V magnitude (G with bp_rp, or v_mag)",
        )
    codes, order = encode_stars(ra[usable], dec[usable], v_mag[usable])
    gaia = GaiaColumns(
        source_id=_source_ids(table, names)[usable][order],
        g_mag=g_mag[usable][order],
        pm_ra=column("pmra")[usable][order],
        pm_dec=column("pmdec")[usable][order],
    )
    epochs = column("ref_epoch", DEFAULT_EPOCH)
    known = epochs[np.isfinite(epochs)]
    epoch = float(np.median(known)) if known.size else DEFAULT_EPOCH
    return StarCatalogue("Gaia", "V", epoch, codes, gaia)


def v_from_gaia(g_mag: FloatArray, bp_rp: FloatArray) -> FloatArray:
    """Compute Johnson V from G and BP - RP, for colours between -0.5 and 5; NaN beyond."""
    v_mag = g_mag - np.polynomial.polynomial.polyval(bp_rp, G_MINUS_V)
    return np.where((bp_rp >= -0.5) & (bp_rp <= 5.0), v_mag, np.nan)


def _read(path: Path) -> Table:
    known = FORMATS.get(path.suffix.lower())
    if known is None:
        raise CatalogueUnavailableError(
            "could not read the star catalogue",
            where=str(path),
            why=f"{path.suffix or 'no'} is not a known ending",
            hint=f"use one of {', '.join(FORMATS)}",
        )
    try:
        return Table.read(path, format=known)
    except ImportError as error:  # astropy reads Parquet with the help of pyarrow
        raise CatalogueUnavailableError(
            "could not read the star catalogue",
            where=str(path),
            why=str(error),
            hint="install pyarrow, or save the catalogue as FITS or ECSV",
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise CatalogueUnavailableError(
            "could not read the star catalogue", where=str(path), why=str(error)
        ) from error


def _source_ids(table: Table, names: dict[str, str]) -> NDArray[np.int64]:
    """Read identifiers as integers: they have more digits than a float can represent."""
    if "source_id" not in names:
        return np.zeros(len(table), dtype=np.int64)
    return np.asarray(np.ma.filled(table[names["source_id"]], 0), dtype=np.int64)
