"""The star catalogue that solutions are verified, refined and calibrated with.

Positions and V_T magnitudes of Tycho-2 (Hog et al. 2000) are read from the astrometry.net index
files, which every machine that solves has anyway: 1.87 million stars, at most ten in each cell of
0.375 degrees. They are decoded once (half a second) and kept as one memory-mapped file of 12 bytes
per star, so that later processes open the catalogue in a millisecond and share its pages.

Coordinates are stored as fractions of the circle in 32 bits. This resolves 0.3 milliarcseconds, and
RA 0/360 needs no special case, because unsigned subtraction wraps around by itself.
"""

from __future__ import annotations

import logging
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.base.errors import ConfigurationError
from crowdsky.solving.tan import separation

log = logging.getLogger(__name__)

CODE_RANGE = 4294967296.0  # 2**32
RA_UNIT = 360.0 / CODE_RANGE
DEC_UNIT = 180.0 / CODE_RANGE
MAG_UNIT = 1e-6
MAG_OFFSET = 10.0  # added to magnitudes, so that the stored ones are positive

TYCHO_PATTERN = "index-tycho2-*.fits"
CACHE_FORMAT = 1


class CatalogueUnavailableError(ConfigurationError):
    """No star catalogue could be read, so solutions can be neither verified nor refined."""


@dataclass(frozen=True, slots=True)
class CatalogueStars:
    """Some stars of a catalogue, brightest first.

    ra, dec     -- degrees, float64 (n,), ICRS at the requested epoch
    mag         -- magnitude in the band of the catalogue
    source_id   -- Gaia source id, 0 if there is none
    g_mag       -- Gaia G magnitude, NaN if there is none
    """

    ra: FloatArray
    dec: FloatArray
    mag: FloatArray
    source_id: NDArray[np.int64]
    g_mag: FloatArray

    def __len__(self) -> int:
        return len(self.ra)

    def take(self, rows: NDArray[np.intp] | slice) -> CatalogueStars:
        """Return the stars at `rows`, in that order."""
        return CatalogueStars(
            self.ra[rows], self.dec[rows], self.mag[rows], self.source_id[rows], self.g_mag[rows]
        )


@dataclass(frozen=True, slots=True)
class GaiaColumns:
    """The columns of a Gaia subset beyond position and magnitude; rows as in the catalogue.

    Proper motions are in mas/yr, pm_ra including cos(dec); NaN counts as no motion.
    """

    source_id: NDArray[np.int64]
    g_mag: FloatArray
    pm_ra: FloatArray
    pm_dec: FloatArray


@dataclass(frozen=True, slots=True)
class StarCatalogue:
    """Stars sorted by declination, for cone searches in a fraction of a millisecond.

    name, band  -- e.g. "Tycho-2" and "VT"
    epoch       -- year for which the positions hold
    codes       -- uint32, shape (3, N): right ascension, declination, magnitude, from
    `encode_stars` gaia        -- further columns of a Gaia subset, or None
    """

    name: str
    band: str
    epoch: float
    codes: NDArray[np.uint32]
    gaia: GaiaColumns | None = None

    def __len__(self) -> int:
        return int(self.codes.shape[1])

    def cone(
        self, ra_deg: float, dec_deg: float, radius_deg: float, year: float | None = None
    ) -> CatalogueStars:
        """Return the stars within `radius_deg` of a position, brightest first.

        Positions are ICRS in degrees. With `year` those that have a proper motion are moved to that
        epoch; without it they are those of the catalogue.
        """
        # The keys have the type of the catalogue, or searchsorted would first convert all of it.
        low, high = np.uint32(_dec_code(dec_deg - radius_deg)), _dec_code(dec_deg + radius_deg)
        first = np.searchsorted(self.codes[1], low, side="left")
        last = np.searchsorted(self.codes[1], np.uint32(high), side="right")
        rows = np.arange(first, last)
        half_width = _ra_half_width(dec_deg, radius_deg)
        if half_width < 180.0:
            west = np.uint32(int((ra_deg - half_width) % 360.0 / RA_UNIT) % int(CODE_RANGE))
            width = np.uint32(2.0 * half_width / RA_UNIT + 2.0)
            rows = rows[self.codes[0, first:last] - west <= width]
        ra, dec = self.codes[0, rows] * RA_UNIT, self.codes[1, rows] * DEC_UNIT - 90.0
        near = separation(ra_deg, dec_deg, ra, dec) <= radius_deg
        rows, ra, dec = rows[near], ra[near], dec[near]
        mag = self.codes[2, rows] * MAG_UNIT - MAG_OFFSET
        order = np.argsort(mag, kind="stable")
        return self._stars(rows[order], ra[order], dec[order], mag[order], year)

    def _stars(
        self,
        rows: NDArray[np.intp],
        ra: FloatArray,
        dec: FloatArray,
        mag: FloatArray,
        year: float | None,
    ) -> CatalogueStars:
        if self.gaia is None:
            nothing = np.zeros(len(rows), dtype=np.int64)
            return CatalogueStars(ra, dec, mag, nothing, np.full(len(rows), np.nan))
        if year is not None:
            per_year = (year - self.epoch) / 3.6e6  # milliarcseconds to degrees
            ra = ra + np.nan_to_num(self.gaia.pm_ra[rows]) * per_year / np.cos(np.radians(dec))
            dec = dec + np.nan_to_num(self.gaia.pm_dec[rows]) * per_year
        return CatalogueStars(
            np.mod(ra, 360.0), dec, mag, self.gaia.source_id[rows], self.gaia.g_mag[rows]
        )


def encode_stars(
    ra_deg: FloatArray, dec_deg: FloatArray, mag: FloatArray
) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """Encode stars for a `StarCatalogue`; return the codes (3, N) and the order of the stars.

    All arrays are (N,): degrees and magnitudes.
    """
    top = np.uint64(CODE_RANGE - 1)
    dec = np.minimum(np.round((dec_deg + 90.0) / DEC_UNIT).astype(np.uint64), top)
    order = np.argsort(dec, kind="stable")
    ra = np.round(np.mod(ra_deg, 360.0) / RA_UNIT).astype(np.uint64) % np.uint64(CODE_RANGE)
    magnitude = np.round((np.clip(mag, -MAG_OFFSET, 40.0) + MAG_OFFSET) / MAG_UNIT)
    codes = np.stack([ra[order], dec[order], magnitude.astype(np.uint64)[order]])
    return codes.astype(np.uint32), order


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


def _dec_code(dec_deg: float) -> int:
    """Encode a declination, rounded down; beyond a pole it is the pole's."""
    return int(min(max((dec_deg + 90.0) / DEC_UNIT, 0.0), CODE_RANGE - 1.0))


def _ra_half_width(dec_deg: float, radius_deg: float) -> float:
    """Return half the range of right ascension that a cone covers; 180 if it contains a pole."""
    if abs(dec_deg) + radius_deg >= 90.0:
        return 180.0
    sine = math.sin(math.radians(radius_deg)) / math.cos(math.radians(dec_deg))
    return min(180.0, math.degrees(math.asin(min(1.0, sine))))
