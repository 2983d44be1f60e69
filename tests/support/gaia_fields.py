"""Stars as Gaia lists them, with known ids, motions and colours, and folders of tiles of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from crowdsky.catalogues.healpix import pixels_at
from crowdsky.catalogues.star_rows import G_MINUS_V, StarRows
from crowdsky.catalogues.tile_folder import TileFolder, tile_of


def gaia_ids(ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """Ids as Gaia gives them: the pixel of order 12 above 35 bits of a number."""
    return (pixels_at(12, ra, dec) << 35) + 1000 + np.arange(len(ra)) * 128


def gaia_rows(
    ra: np.ndarray,
    dec: np.ndarray,
    g_mag: np.ndarray,
    bp_rp: np.ndarray,
    *,
    pmra: float = 0.0,
    pmdec: float = 0.0,
) -> StarRows:
    """Stars of one motion (mas/yr), without V of their own."""
    full = np.full(len(ra), np.nan)
    return StarRows(
        gaia_ids(ra, dec), ra, dec, np.full(len(ra), 2016.0), np.full(len(ra), pmra),
        np.full(len(ra), pmdec), g_mag, bp_rp, full,
    )  # fmt: skip


def g_of(v_mag: np.ndarray, bp_rp: np.ndarray) -> np.ndarray:
    """G of stars with a V and a colour."""
    return np.asarray(v_mag + np.polynomial.polynomial.polyval(bp_rp, G_MINUS_V))


def random_colours(count: int, rng: np.random.Generator) -> np.ndarray:
    """Colours in BP - RP as in a field of Gaia: most like the Sun, few blue or very red ones."""
    return np.clip(rng.gamma(6.0, 0.16, count), 0.0, 3.0)


def write_tiles(folder: Path, rows: StarRows, complete_to: float | None = None) -> TileFolder:
    """Write stars into the tiles of a folder."""
    tiles, pixels = TileFolder(folder), tile_of(rows)
    with tiles.writing() as index:
        for pixel in np.unique(pixels):
            tiles.add(index, int(pixel), rows.take(pixels == pixel), complete_to)
    return tiles
