"""The inner loop of the triangle matcher, compiled from ``triangle_kernels.c``.

Positions are complex numbers. A plate of known handedness is then one complex factor and a shift:
catalogue = shift + factor * detection. Sky positions are arcseconds on the tangent plane of the
tile, picture positions are 0-based pixels; for a mirrored picture y is negated.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.compiled import (
    DOUBLE,
    FLOAT64,
    FLOAT64_OUT,
    INT32,
    INT32_OUT,
    INT64,
    SIZE,
    UINT8,
    UINT8_OUT,
    ArrayType,
    check_shape,
    compiled,
)

ComplexArray = NDArray[np.complex128]

RASTER_EMPTY = -1

COMPLEX = ArrayType(np.complex128)
_PICTURE = (COMPLEX, SIZE, INT32, SIZE, SIZE, FLOAT64)
_TILE = (COMPLEX, SIZE, INT32, INT32, FLOAT64, SIZE, UINT8, SIZE, FLOAT64)
_paint = compiled("paint", COMPLEX, SIZE, FLOAT64, DOUBLE, INT32_OUT, SIZE, SIZE)
_mark = compiled("mark", COMPLEX, SIZE, FLOAT64, DOUBLE, UINT8_OUT, SIZE)
_pairs_up_to = compiled(
    "pairs_up_to", COMPLEX, INT64, SIZE, DOUBLE, INT32_OUT, INT32_OUT, FLOAT64_OUT, returns=SIZE
)
_search_tile = compiled("search_tile", *_PICTURE, *_TILE, INT64, FLOAT64, FLOAT64_OUT)


class Picture(NamedTuple):
    """The detections of a picture, brightest first, and a raster to look them up in.

    stars   -- detections in pixels, complex128, shape (n,)
    middle  -- middle of the picture, pixels
    raster  -- from `paint`, int32, shape (ny, nx)
    low     -- lower left corner of the raster, pixels
    cell    -- side of a raster cell, pixels
    """

    stars: ComplexArray
    middle: complex
    raster: NDArray[np.int32]
    low: complex
    cell: float


class Tile(NamedTuple):
    """The catalogue stars of one tile of the sky, their pairs, and a bitmap of the bright ones.

    stars        -- catalogue stars in arcseconds from the middle, brightest first, complex128, (n,)
    pair_first, pair_second, pair_length -- pairs of the bright stars, from `pairs_up_to`
    marks        -- bitmap of the bright stars, from `mark`
    low          -- lower left corner of the bitmap, arcseconds
    cell         -- side of a bitmap cell, arcseconds
    reach        -- how far from the middle of the tile that of the picture may lie, arcseconds
    """

    stars: ComplexArray
    pair_first: NDArray[np.int32]
    pair_second: NDArray[np.int32]
    pair_length: NDArray[np.float64]
    marks: NDArray[np.uint8]
    low: complex
    cell: float
    reach: float


class Search(NamedTuple):
    """What is tried, and what is believed.

    n_bright         -- number of the brightest detections that are paired
    max_pairs        -- number of pairs of detections tried at most
    longest_px       -- length of the longest pair tried, pixels
    max_hypotheses   -- number of plates tried at most
    scale            -- arcseconds per pixel
    scale_tolerance  -- its uncertainty, relative
    third_stars      -- number of detections after the pair that are tried on a hypothesis
    needed           -- number of them that have to meet a bright star of the tile
    chance           -- probability that a catalogue star meets a detection by chance
    accept           -- ln chance below which the search ends
    """

    n_bright: int
    max_pairs: int
    longest_px: float
    max_hypotheses: int
    scale: float
    scale_tolerance: float
    third_stars: int
    needed: int
    chance: float
    accept: float


def paint(points: ComplexArray, low: complex, cell: float, nx: int, ny: int) -> NDArray[np.int32]:
    """Paint points into a raster, shape (ny, nx): the row of a point within about a cell, else -1.

    They are painted from the last (faintest) to the first, so that the brightest gets a shared
    cell.
    """
    raster = np.full((ny, nx), RASTER_EMPTY, dtype=np.int32)
    _paint(points, len(points), _pair(low), cell, raster, ny, nx)
    return raster


def mark(points: ComplexArray, low: complex, cell: float, size: int) -> NDArray[np.uint8]:
    """Mark points in a bitmap, `size` cells wide and high: set within about a cell of a point.

    Eight cells of a line share a byte, so that the map of a large tile fits into the cache. The
    lowest bit of a byte is the first of its cells; the shape is (size, bytes of a line).
    """
    marks = np.zeros((size, (size + 7) // 8), dtype=np.uint8)
    _mark(points, len(points), _pair(low), cell, marks, size)
    return marks


def pairs_up_to(
    points: ComplexArray, longest: float
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """List pairs of points no longer than `longest`, shortest first: both rows, and the length."""
    count = len(points)
    room = count * (count - 1) // 2
    first, second = np.empty(room, np.int32), np.empty(room, np.int32)
    length = np.empty(room)
    eastward = np.argsort(points.real, kind="stable")
    found = _pairs_up_to(points, eastward, count, longest, first, second, length)
    order = np.argsort(length[:found], kind="stable")
    return first[order], second[order], length[order]


def search_tile(picture: Picture, tile: Tile, search: Search) -> tuple[float, complex, complex]:
    """Look for the plate of a picture among the catalogue stars of one tile.

    Pairs of bright detections are tried in order of their summed ranks. Each is compared with the
    catalogue pairs of the same length, and each of those gives two hypotheses, one per direction.
    Hypotheses that put the middle of the picture beyond the tile's reach are left to the next tile.
    Enough further detections have to meet a bright star of the tile; what survives is fitted to the
    catalogue and weighed.

    Returns (ln chance, factor, shift) of the first plate at or below `search.accept`, else of the
    best one seen; (0, 0, 0) when there was none.
    """
    _check(picture, tile, search)
    counts = np.array(
        [
            search.n_bright,
            search.max_pairs,
            search.max_hypotheses,
            search.third_stars,
            search.needed,
        ],
        np.int64,
    )
    limits = np.array(
        [search.longest_px, search.scale, search.scale_tolerance, search.chance, search.accept]
    )
    found = np.empty(5)
    _search_tile(
        *picture_arguments(picture),
        tile.stars,
        len(tile.stars),
        tile.pair_first,
        tile.pair_second,
        tile.pair_length,
        len(tile.pair_length),
        tile.marks,
        len(tile.marks),
        np.array([tile.low.real, tile.low.imag, tile.cell, tile.reach]),
        counts,
        limits,
        found,
    )
    value, factor_x, factor_y, shift_x, shift_y = found.tolist()
    return value, complex(factor_x, factor_y), complex(shift_x, shift_y)


def picture_arguments(picture: Picture) -> tuple[object, ...]:
    """Return a picture as C takes it."""
    place = (picture.middle.real, picture.middle.imag, picture.low.real, picture.low.imag)
    ny, nx = picture.raster.shape
    return (
        picture.stars,
        len(picture.stars),
        picture.raster,
        ny,
        nx,
        np.array([*place, picture.cell]),
    )


def _check(picture: Picture, tile: Tile, search: Search) -> None:
    """Raise a ValueError if an index that C follows would lead out of an array."""
    n_pairs, size = len(tile.pair_length), len(tile.marks)
    check_shape("pair_first", tile.pair_first, (n_pairs,))
    check_shape("pair_second", tile.pair_second, (n_pairs,))
    check_shape("marks", tile.marks, (size, (size + 7) // 8))
    if search.n_bright > len(picture.stars):
        raise ValueError(f"{len(picture.stars)} stars cannot have {search.n_bright} bright ones")
    for rows in (tile.pair_first, tile.pair_second):
        if n_pairs and not 0 <= rows.min() <= rows.max() < len(tile.stars):
            raise ValueError("a pair has a row that the tile's stars do not have")
    if picture.raster.size and picture.raster.max() >= len(picture.stars):
        raise ValueError("the raster has a row that the picture's stars do not have")


def _pair(point: complex) -> NDArray[np.float64]:
    return np.array([point.real, point.imag])
