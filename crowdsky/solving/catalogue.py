"""Star catalogues for cone searches: their stars, and one kind that is kept in memory.

Coordinates are stored as fractions of the circle in 32 bits. This resolves 0.3 milliarcseconds, and
RA 0/360 needs no special case, because unsigned subtraction wraps around by itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.base.errors import ConfigurationError
from crowdsky.solving.tan import separation

CODE_RANGE = 4294967296.0  # 2**32
RA_UNIT = 360.0 / CODE_RANGE
DEC_UNIT = 180.0 / CODE_RANGE
MAG_UNIT = 1e-6
MAG_OFFSET = 10.0  # added to magnitudes, so that the stored ones are positive


class CatalogueUnavailableError(ConfigurationError):
    """No star catalogue could be read, so solutions can be neither verified nor refined."""


@dataclass(frozen=True, slots=True)
class CatalogueStars:
    """Some stars of a catalogue, brightest first.

    ra, dec     -- degrees, float64 (n,), ICRS at the requested epoch
    mag         -- magnitude in the band of the catalogue, NaN if there is none
    source_id   -- Gaia source id, 0 if there is none
    g_mag       -- Gaia G magnitude, NaN if there is none
    bp_rp       -- Gaia colour BP - RP, mag, NaN if there is none
    mag_error   -- error of `mag` of one star, mag
    pm_ra, pm_dec -- proper motion, mas/yr, pm_ra including cos(dec); NaN if there is none
    """

    ra: FloatArray
    dec: FloatArray
    mag: FloatArray
    source_id: NDArray[np.int64]
    g_mag: FloatArray
    bp_rp: FloatArray
    mag_error: FloatArray
    pm_ra: FloatArray
    pm_dec: FloatArray

    def __len__(self) -> int:
        return len(self.ra)

    def take(self, rows: NDArray[np.intp] | slice) -> CatalogueStars:
        """Return the stars at `rows`, in that order."""
        return CatalogueStars(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def none(cls) -> CatalogueStars:
        """Return no stars."""
        empty = np.zeros(0)
        no_ids = np.zeros(0, dtype=np.int64)
        return cls(empty, empty, empty, no_ids, empty, empty, empty, empty, empty)


class Catalogue(Protocol):
    """Stars around any position.

    name, band  -- e.g. "Tycho-2" and "VT"
    epoch       -- year for which the positions hold that `cone` gives without a year
    has_motions -- whether stars are moved to the year of an observation
    """

    @property
    def name(self) -> str: ...

    @property
    def band(self) -> str: ...

    @property
    def epoch(self) -> float: ...

    @property
    def has_motions(self) -> bool: ...

    def cone(
        self, ra_deg: float, dec_deg: float, radius_deg: float, year: float | None = None
    ) -> CatalogueStars:
        """Return the stars within `radius_deg` of a position, brightest first."""
        ...


@dataclass(frozen=True, slots=True)
class GaiaColumns:
    """The columns of a Gaia subset beyond position and magnitude; rows as in the catalogue.

    Proper motions are in mas/yr, pm_ra including cos(dec); NaN counts as no motion. `bp_rp` and
    `mag_error` are those of `CatalogueStars`.
    """

    source_id: NDArray[np.int64]
    g_mag: FloatArray
    pm_ra: FloatArray
    pm_dec: FloatArray
    bp_rp: FloatArray
    mag_error: FloatArray


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

    @property
    def has_motions(self) -> bool:
        """Whether any star is moved to the year of an observation."""
        return self.gaia is not None and bool(np.isfinite(self.gaia.pm_ra).any())

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
            no_id, unknown = np.zeros(len(rows), dtype=np.int64), np.full(len(rows), np.nan)
            error = tycho_error(mag) if self.band == "VT" else np.zeros(len(rows))
            return CatalogueStars(ra, dec, mag, no_id, unknown, unknown, error, unknown, unknown)
        if year is not None:
            per_year = (year - self.epoch) / 3.6e6  # milliarcseconds to degrees
            ra = ra + np.nan_to_num(self.gaia.pm_ra[rows]) * per_year / np.cos(np.radians(dec))
            dec = dec + np.nan_to_num(self.gaia.pm_dec[rows]) * per_year
        gaia = self.gaia
        return CatalogueStars(
            np.mod(ra, 360.0), dec, mag, gaia.source_id[rows], gaia.g_mag[rows],
            gaia.bp_rp[rows], gaia.mag_error[rows], gaia.pm_ra[rows], gaia.pm_dec[rows],
        )  # fmt: skip


def tycho_error(v_tycho: FloatArray) -> FloatArray:
    """Estimate the error of V_T: 0.013 at 9 mag, 0.05 at 11, 0.11 at 12 (statistics of Tycho-2)."""
    return 0.01 + 0.045 * 10.0 ** (0.35 * (np.asarray(v_tycho) - 11.0))


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


def _dec_code(dec_deg: float) -> int:
    """Encode a declination, rounded down; beyond a pole it is the pole's."""
    return int(min(max((dec_deg + 90.0) / DEC_UNIT, 0.0), CODE_RANGE - 1.0))


def _ra_half_width(dec_deg: float, radius_deg: float) -> float:
    """Return half the range of right ascension that a cone covers; 180 if it contains a pole."""
    if abs(dec_deg) + radius_deg >= 90.0:
        return 180.0
    sine = math.sin(math.radians(radius_deg)) / math.cos(math.radians(dec_deg))
    return min(180.0, math.degrees(math.asin(min(1.0, sine))))
