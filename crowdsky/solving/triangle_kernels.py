"""The inner loop of the triangle matcher, compiled by numba.

Positions are complex numbers. A plate of known handedness is then one complex factor and a shift:
catalogue = shift + factor * detection. Sky positions are arcseconds on the tangent plane of the
tile, picture positions are 0-based pixels; for a mirrored picture y is negated.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

ComplexArray = NDArray[np.complex128]

MIN_PAIR_PX = 60.0
"""Length in pixels of the shortest pair; shorter ones fix the rotation too badly to predict a third
star."""

MIN_SPREAD_PX = 1.0
"""Spread in pixels of the hits below which the rotation is undetermined. When all catalogue stars
meet the same detection, only rounding is left of the spread, and the fitted factor would be 0."""

RASTER_EMPTY = -1


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


@njit(cache=True)
def paint(points: ComplexArray, low: complex, cell: float, nx: int, ny: int) -> NDArray[np.int32]:
    """Paint points into a raster, shape (ny, nx): the row of a point within about a cell, else -1.

    They are painted from the last (faintest) to the first, so that the brightest gets a shared
    cell.
    """
    raster = np.full((ny, nx), RASTER_EMPTY, dtype=np.int32)
    for row in range(len(points) - 1, -1, -1):
        column = int((points[row].real - low.real) / cell)
        line = int((points[row].imag - low.imag) / cell)
        for j in range(max(0, line - 1), min(ny, line + 2)):
            for i in range(max(0, column - 1), min(nx, column + 2)):
                raster[j, i] = row
    return raster


@njit(cache=True)
def mark(points: ComplexArray, low: complex, cell: float, size: int) -> NDArray[np.uint8]:
    """Mark points in a bitmap, `size` cells wide and high: set within about a cell of a point.

    Eight cells of a line share a byte, so that the map of a large tile fits into the cache.
    """
    marks = np.zeros((size, (size + 7) // 8), dtype=np.uint8)
    for row in range(len(points)):
        column = int((points[row].real - low.real) / cell)
        line = int((points[row].imag - low.imag) / cell)
        for j in range(max(0, line - 1), min(size, line + 2)):
            for i in range(max(0, column - 1), min(size, column + 2)):
                marks[j, i >> 3] |= np.uint8(1 << (i & 7))
    return marks


@njit(cache=True)
def is_marked(marks: NDArray[np.uint8], point: complex, low: complex, cell: float) -> bool:
    """Whether the bitmap is set at a point; outside it never is."""
    x = (point.real - low.real) / cell
    y = (point.imag - low.imag) / cell
    size = marks.shape[0]
    if x < 0.0 or y < 0.0 or x >= size or y >= size:
        return False
    i = int(x)
    marked: bool = ((marks[int(y), i >> 3] >> (i & 7)) & 1) != 0
    return marked


@njit(cache=True, nogil=True)
def pairs_up_to(
    points: ComplexArray, longest: float
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """List pairs of points no longer than `longest`, shortest first: both rows, and the length."""
    first, second, length = [np.int32(0)], [np.int32(0)], [-1.0]  # numba infers types from these
    eastward = np.argsort(points.real)
    for i in range(len(eastward)):
        for j in range(i + 1, len(eastward)):
            a, b = eastward[i], eastward[j]
            step = points[b] - points[a]
            if step.real > longest:
                break
            if step.real * step.real + step.imag * step.imag <= longest * longest:
                first.append(np.int32(min(a, b)))
                second.append(np.int32(max(a, b)))
                length.append(abs(step))
    lengths = np.array(length)
    order = np.argsort(lengths)[1:]  # without the one of length -1
    return np.array(first)[order], np.array(second)[order], lengths[order]


@njit(cache=True)
def look_up(raster: NDArray[np.int32], point: complex, low: complex, cell: float) -> int:
    """Return the row of the point painted at `point`, or -1."""
    x = (point.real - low.real) / cell
    y = (point.imag - low.imag) / cell
    if x < 0.0 or y < 0.0 or x >= raster.shape[1] or y >= raster.shape[0]:
        return RASTER_EMPTY
    row: int = raster[int(y), int(x)]
    return row


@njit(cache=True)
def count_and_fit(
    factor: complex,
    shift: complex,
    picture: Picture,
    catalogue: ComplexArray,
    tolerance_px: float,
) -> tuple[int, int, complex, complex]:
    """Try a plate on all catalogue stars, and refit it to those that meet a detection.

    The plate maps detections to the catalogue by shift + factor * detection. Returns the number of
    hits, the number of catalogue stars inside the picture, and the refitted factor and shift.
    """
    high_x = picture.low.real + picture.raster.shape[1] * picture.cell
    high_y = picture.low.imag + picture.raster.shape[0] * picture.cell
    hits, inside = 0, 0
    sum_d, sum_c, sum_dd, sum_dc = 0j, 0j, 0.0, 0j
    for row in range(len(catalogue)):
        place = (catalogue[row] - shift) / factor
        if not (
            picture.low.real <= place.real < high_x and picture.low.imag <= place.imag < high_y
        ):
            continue
        inside += 1
        found = look_up(picture.raster, place, picture.low, picture.cell)
        if found < 0 or abs(picture.stars[found] - place) > tolerance_px:
            continue
        hits += 1
        d, c = picture.stars[found], catalogue[row]
        sum_d += d
        sum_c += c
        sum_dd += d.real * d.real + d.imag * d.imag
        sum_dc += d.conjugate() * c
    if hits < 2:
        return hits, inside, factor, shift
    spread = sum_dd - abs(sum_d) ** 2 / hits
    if spread <= hits * MIN_SPREAD_PX**2:
        return hits, inside, factor, shift
    new_factor = (sum_dc - sum_d.conjugate() * sum_c / hits) / spread
    return hits, inside, new_factor, (sum_c - new_factor * sum_d) / hits


@njit(cache=True)
def log_chance(hits: int, inside: int, chance: float) -> float:
    """Bound ln P(hits of inside by chance) (Chernoff), without the two stars of the pair."""
    hits, inside = hits - 2, inside - 2
    if hits <= 0 or inside <= 0:
        return 0.0
    share = hits / inside
    if share <= chance:
        return 0.0
    divergence = share * math.log(share / chance)
    if share < 1.0:
        divergence += (1.0 - share) * math.log((1.0 - share) / (1.0 - chance))
    return -inside * divergence


@njit(cache=True)
def _weigh(
    factor: complex, shift: complex, picture: Picture, tile: Tile, chance: float
) -> tuple[float, complex, complex]:
    """Fit a hypothesis to the catalogue three times: ln chance, and the fitted factor and shift."""
    hits, inside = 0, 0
    for tolerance in (2.0 * picture.cell, picture.cell, picture.cell):
        hits, inside, factor, shift = count_and_fit(factor, shift, picture, tile.stars, tolerance)
        if hits < 3:
            break
    return log_chance(hits, inside, chance), factor, shift


@njit(cache=True, nogil=True)
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
    best, best_factor, best_shift = 0.0, 0j, 0j
    tried, hypotheses = 0, 0
    stars = picture.stars
    for rank_sum in range(1, 2 * search.n_bright - 2):
        for first in range(max(0, rank_sum - search.n_bright + 1), (rank_sum + 1) // 2):
            second = rank_sum - first
            step = stars[second] - stars[first]
            length = abs(step)
            if length < MIN_PAIR_PX or length > search.longest_px:
                continue
            tried += 1
            if tried > search.max_pairs or hypotheses > search.max_hypotheses:
                return best, best_factor, best_shift
            low = length * search.scale * (1.0 - search.scale_tolerance)
            high = length * search.scale * (1.0 + search.scale_tolerance)
            start = np.searchsorted(tile.pair_length, low)
            stop = np.searchsorted(tile.pair_length, high)
            hypotheses += 2 * (stop - start)
            for pair in range(2 * start, 2 * stop):
                a, b = tile.pair_first[pair // 2], tile.pair_second[pair // 2]
                if pair % 2:
                    a, b = b, a
                factor = (tile.stars[b] - tile.stars[a]) / step
                shift = tile.stars[a] - factor * stars[first]
                if abs(shift + factor * picture.middle) > tile.reach:
                    continue
                met = 0  # counted here: in a function of its own this takes a quarter longer
                last = min(len(stars), second + 1 + search.third_stars)
                for third in range(last):
                    if third in (first, second):
                        continue
                    if is_marked(tile.marks, shift + factor * stars[third], tile.low, tile.cell):
                        met += 1
                        if met >= search.needed:
                            break
                if met < search.needed:
                    continue
                value, factor, shift = _weigh(factor, shift, picture, tile, search.chance)
                if value < best:
                    best, best_factor, best_shift = value, factor, shift
                    if best <= search.accept:
                        return best, best_factor, best_shift
    return best, best_factor, best_shift
