"""Reads Tycho-2 stars for the synthetic sky directly from an astrometry.net index file.

The index files of the Debian packages ``astrometry-data-tycho2-07`` and ``-08`` contain unit
vectors (scaled to unsigned 32-bit integers, in kd-tree order), and the V_T magnitude of each star.
Both tables are mapped, so a field takes a few hundredths of a second, and nothing is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

INDEX_NAMES = ("index-tycho2-07.littleendian.fits", "index-tycho2-08.littleendian.fits")


@dataclass(frozen=True, slots=True)
class TychoStars:
    """Stars of one field, brightest first: J2000 degrees and V_T magnitudes, shape (n,) each."""

    ra_deg: np.ndarray
    dec_deg: np.ndarray
    v_mag: np.ndarray


def find_index(folder: Path) -> Path | None:
    """Find the Tycho-2 index file with the most stars in ``folder``; None if none is installed."""
    for name in INDEX_NAMES:
        if (folder / name).is_file():
            return folder / name
    return None


def stars_near(index: Path, ra_deg: float, dec_deg: float, radius_deg: float) -> TychoStars:
    """Read all stars of ``index`` within ``radius_deg`` of a position.

    Raises KeyError when the file is FITS but not an index with V_T magnitudes, and OSError when it
    is not FITS at all.
    """
    vectors, lower, scale, magnitudes = _map_tables(index)
    ra, dec = np.radians([ra_deg, dec_deg])
    centre = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    # cos(angle) of every star, computed from the scaled integers without unpacking them.
    closeness = vectors @ (centre / scale) + lower @ centre
    inside = np.flatnonzero(closeness > np.cos(np.radians(radius_deg)))
    inside = inside[np.argsort(magnitudes[inside], kind="stable")]
    x, y, z = (vectors[inside] / scale + lower).T
    return TychoStars(
        ra_deg=np.degrees(np.arctan2(y, x)) % 360.0,
        dec_deg=np.degrees(np.arcsin(np.clip(z, -1.0, 1.0))),
        v_mag=magnitudes[inside].astype(np.float64),
    )


def _map_tables(index: Path) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """Map the star vectors (n, 3) and magnitudes (n,); return lower bound (3,) and scale, too."""
    with fits.open(index) as hdus:
        tables = {hdu.header.get("TTYPE1", "").strip(): hdu for hdu in hdus[1:]}
        count = tables["MAG_VT"].header["NAXIS2"]
        starts = {
            name: tables[name].fileinfo()["datLoc"]
            for name in ("kdtree_range_stars", "kdtree_data_stars", "MAG_VT")
        }
    # The kd-tree is in the byte order of the file name, the magnitudes in that of FITS.
    bounds = np.fromfile(index, "<f8", count=7, offset=starts["kdtree_range_stars"])
    vectors = np.memmap(index, "<u4", "r", starts["kdtree_data_stars"], (count, 3))
    magnitudes = np.memmap(index, ">f4", "r", starts["MAG_VT"], (count,))
    return vectors, bounds[:3], float(bounds[6]), magnitudes
