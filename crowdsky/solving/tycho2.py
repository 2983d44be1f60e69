"""Tycho-2, the star catalogue that every machine that solves has anyway.

Positions and V_T magnitudes of Tycho-2 (Hog et al. 2000) are read from the astrometry.net index
files: 1.87 million stars, at most ten in each cell of 0.375 degrees. They are decoded once (half a
second) and kept as one memory-mapped file of 12 bytes per star, so that later processes open the
catalogue in a millisecond and share its pages.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import IO

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.solving.catalogue import CatalogueUnavailableError, StarCatalogue, encode_stars

log = logging.getLogger(__name__)

TYCHO_PATTERN = "index-tycho2-*.fits"
CACHE_FORMAT = 1


def open_tycho2(index_dir: Path, cache_dir: Path | None = None) -> StarCatalogue:
    """Open the Tycho-2 stars held in the index files of `index_dir`.

    The decoded catalogue is kept in `cache_dir`. Without one, or if it cannot be written, it is
    decoded into memory each time. Raises CatalogueUnavailableError when the folder has no Tycho-2
    index, or when that cannot be read.
    """
    index = _finest_index(index_dir)
    try:
        status = index.stat()
    except OSError as error:
        raise CatalogueUnavailableError(
            "could not open the star catalogue", where=str(index), why=str(error)
        ) from error
    cached = None
    if cache_dir is not None:
        stamp = f"{status.st_size}-{status.st_mtime_ns}"
        cached = cache_dir / f"tycho2-{CACHE_FORMAT}-{stamp}.npy"
        codes = _open_cache(cached)
        if codes is not None:
            return StarCatalogue("Tycho-2", "VT", 2000.0, codes)
    codes, _ = encode_stars(*_decode_index(index))
    if cached is not None:
        _write_cache(cached, codes)
    return StarCatalogue("Tycho-2", "VT", 2000.0, codes)


def _finest_index(index_dir: Path) -> Path:
    """Return the index with the smallest scale: it has all stars of the coarser ones, and more."""
    found = sorted(index_dir.glob(TYCHO_PATTERN))
    if not found:
        raise CatalogueUnavailableError(
            "could not open the star catalogue",
            where=str(index_dir),
            why=f"no Tycho-2 index files ({TYCHO_PATTERN}) in this folder",
            hint="install the packages astrometry-data-tycho2-07 and -08, or set INDEX_DIR to"
            " the folder that has them",
        )
    return found[0]


def _open_cache(path: Path) -> NDArray[np.uint32] | None:
    try:
        codes = np.load(path, mmap_mode="r")
    except (OSError, ValueError):  # missing or incomplete: it is written again
        return None
    usable = codes.ndim == 2 and codes.shape[0] == 3 and codes.dtype == np.uint32
    return codes if usable else None


def _write_cache(path: Path, codes: NDArray[np.uint32]) -> None:
    """Write the cache whole or not at all; several processes may do so at the same time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=path.name, suffix=".part", delete=False
        ) as part:
            _save_and_move(part.file, Path(part.name), path, codes)
    except OSError as error:
        log.warning("the decoded star catalogue cannot be kept in %s: %s", path.parent, error)


def _save_and_move(file: IO[bytes], part: Path, path: Path, codes: NDArray[np.uint32]) -> None:
    try:
        np.save(file, codes)
        file.flush()
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _decode_index(path: Path) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Decode RA, Dec (degrees) and V_T of all stars of an index file with a MAG_VT column.

    The star tree stores unit vectors as three integers, scaled by the table of ranges. The bytes
    are read directly: astropy takes these tables for text and would strip bytes that look blank.
    """
    try:
        tables = _table_places(path)
        offset, count = tables["kdtree_data_stars"]
        raw = np.fromfile(path, dtype="<u4", count=3 * count, offset=offset).reshape(count, 3)
        ranges = np.fromfile(path, dtype="<f8", count=7, offset=tables["kdtree_range_stars"][0])
        mag_offset, mag_count = tables["MAG_VT"]
        mag = np.fromfile(path, dtype=">f4", count=mag_count, offset=mag_offset)
    except (OSError, KeyError, ValueError) as error:
        raise CatalogueUnavailableError(
            "could not read the star list of the index file",
            where=str(path),
            why=str(error),
            hint="install its package again",
        ) from error
    vectors = raw / ranges[6] + ranges[:3]
    lengths = np.sqrt((vectors**2).sum(axis=1))
    if mag_count != count or not np.allclose(lengths, 1.0, atol=1e-6):
        raise CatalogueUnavailableError(
            "could not read the star list of the index file",
            where=str(path),
            why="it is damaged or in another byte order",
            hint="install its package again",
        )
    ra = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0]))
    dec = np.degrees(np.arcsin(np.clip(vectors[:, 2] / lengths, -1.0, 1.0)))
    return np.mod(ra, 360.0), dec, mag.astype(np.float64)


def _table_places(path: Path) -> dict[str, tuple[int, int]]:
    """Map the name of the first column of each table to (byte offset of its data, rows)."""
    places = {}
    with fits.open(path, memmap=True) as hdus:
        for hdu in hdus[1:]:
            places[hdu.header["TTYPE1"]] = (hdu.fileinfo()["datLoc"], hdu.header["NAXIS2"])
    return places
