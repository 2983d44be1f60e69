"""Where the pixels of HiPS tiles are on the sky.

A tile of order k is the HEALPix pixel of that order, and its 512 * 512 pixels are those of order
k + 9 inside it, in nested order (HiPS 1.0, section 4.1): row j from the top and column i of a PNG
are x = j and y = i of the nested index. In FITS tiles, rows count from the bottom: x = 511 - j.
"""

from __future__ import annotations

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.catalogues.healpix import Pixels, centres, pixels_in_cone

FIRST_ORDER, LAST_ORDER = 3, 7
"""Orders of the tiles. The pixels of the last are 3.2 arcsec wide."""
TILE_BITS = 9
TILE_PX = 1 << TILE_BITS
"""Width and height of a tile, pixels."""
PIXEL_ARCSEC = 3600.0 * float(np.degrees(np.sqrt(np.pi / 3.0))) / (1 << LAST_ORDER + TILE_BITS)
"""Side of a square of the area of a pixel of the last order, arcsec."""


def pixel_positions(order: int, tile: int) -> tuple[FloatArray, FloatArray]:
    """Return RA and Dec in degrees of the pixels of a tile, both (512, 512), row 0 on top."""
    return centres(order + TILE_BITS, (np.int64(tile) << 2 * TILE_BITS) | nested_in_tile(TILE_BITS))


def nested_in_tile(bits: int) -> Pixels:
    """Return the nested index within a tile of each of its 2**bits * 2**bits pixels, as a picture.

    With fewer bits than 9 the picture is that of the larger pixels which the tile consists of.
    """
    side = 1 << bits
    x = np.arange(side, dtype=np.int64)[:, np.newaxis]
    y = np.arange(side, dtype=np.int64)[np.newaxis]
    index = np.zeros((side, side), dtype=np.int64)
    for bit in range(bits):
        index |= ((x >> bit & 1) << 2 * bit) | ((y >> bit & 1) << 2 * bit + 1)
    return index


def tiles_near(ra_deg: float, dec_deg: float, radius_deg: float, region: int) -> Pixels:
    """Return the tiles of the last order in a region that a cone meets, sorted.

    Args:
        ra_deg, dec_deg, radius_deg: the cone, degrees.
        region: a tile of the first order.
    """
    near = pixels_in_cone(LAST_ORDER, ra_deg, dec_deg, radius_deg)
    return np.asarray(near[near >> 2 * (LAST_ORDER - FIRST_ORDER) == region])


def quarter_of(tile: int) -> tuple[slice, slice]:
    """Return the rows and columns that a tile takes up in the tile one order above."""
    half = TILE_PX // 2
    row = half if tile & 1 else 0
    column = half if tile & 2 else 0
    return slice(row, row + half), slice(column, column + half)


def tile_name(order: int, tile: int) -> str:
    """Return the path of a tile in a HiPS, without its extension."""
    return f"Norder{order}/Dir{tile // 10000 * 10000}/Npix{tile}"
