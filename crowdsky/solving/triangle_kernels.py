"""The inner loop of the triangle matcher, compiled by numba.

Positions are complex numbers: a plate of known handedness then is one complex factor and a shift,
catalogue = anchor + factor * (detection - detection0). Everything on the sky is in arcseconds on
the tangent plane of the tile, everything on the picture in pixels.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

ComplexArray = NDArray[np.complex128]

MIN_PAIR_PX = 60.0
"""Shorter pairs fix the turn too badly to predict a third star."""

MIN_SPREAD_PX = 1.0
"""Hits that lie nearer to each other do not tell the turn: catalogue stars that all meet one
detection leave of its spread what rounding makes of it, and of the plate a factor of 0."""

RASTER_EMPTY = -1


@njit(cache=True)
def paint(points: ComplexArray, low: complex, cell: float, nx: int, ny: int) -> NDArray[np.int32]:
    """Raster of the points, shape (ny, nx): row of a point within about a cell, else -1.

    Painted from the last (faintest) to the first, so that the brightest wins a shared cell.
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
    """Bitmap of the points, `size` cells wide and high: set within about a cell of a point.

    Eight cells of a line share a byte, so that the map of a large tile stays in the cache.
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
    """Whether the bitmap is set at a point; outside it is not."""
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
    """Pairs of points no longer than `longest`, the shortest first: both rows, and the length."""
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
    """Row of the point painted at `point`, or -1."""
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
    picture: NDArray[np.int32],
    picture_low: complex,
    picture_cell: float,
    detections: ComplexArray,
    catalogue: ComplexArray,
    tolerance_px: float,
) -> tuple[int, int, complex, complex]:
    """Try a plate on all catalogue stars: hits, stars inside, and the plate refitted to the hits.

    The plate maps detections to the catalogue by shift + factor * detection.
    """
    high_x = picture_low.real + picture.shape[1] * picture_cell
    high_y = picture_low.imag + picture.shape[0] * picture_cell
    hits, inside = 0, 0
    sum_d, sum_c, sum_dd, sum_dc = 0j, 0j, 0.0, 0j
    for row in range(len(catalogue)):
        place = (catalogue[row] - shift) / factor
        if not (
            picture_low.real <= place.real < high_x and picture_low.imag <= place.imag < high_y
        ):
            continue
        inside += 1
        found = look_up(picture, place, picture_low, picture_cell)
        if found < 0 or abs(detections[found] - place) > tolerance_px:
            continue
        hits += 1
        d, c = detections[found], catalogue[row]
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
    """Chernoff bound of ln P(hits of inside by chance), the two stars of the pair not counted."""
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


@njit(cache=True, nogil=True)
def search_tile(
    detections: ComplexArray,
    n_bright: int,
    max_pairs: int,
    longest_px: float,
    max_hypotheses: int,
    third_stars: int,
    needed: int,
    catalogue: ComplexArray,
    middle: complex,
    reach: float,
    pair_first: NDArray[np.int32],
    pair_second: NDArray[np.int32],
    pair_length: NDArray[np.float64],
    scale: float,
    scale_tolerance: float,
    sky: NDArray[np.uint8],
    sky_low: complex,
    sky_cell: float,
    picture: NDArray[np.int32],
    picture_low: complex,
    picture_cell: float,
    chance: float,
    accept: float,
) -> tuple[float, complex, complex]:
    """Look for the plate of `detections` among the catalogue stars of one tile.

    Pairs of the `n_bright` brightest detections, up to `longest_px`, are tried in order of their
    summed ranks against the catalogue pairs (sorted by length) that are as long, each giving two
    hypotheses. The `middle` of the picture has to fall within `reach` of the tile's: the others
    are left to the next tile. So many as `needed` of the next `third_stars` detections have to
    meet a star of the bitmap `sky`; what survives is fitted to the catalogue three times and
    weighed.

    Returns (ln chance, factor, shift) of the first plate below `accept`, or of the best seen.
    """
    best, best_factor, best_shift = 0.0, 0j, 0j
    tried, hypotheses = 0, 0
    for rank_sum in range(1, 2 * n_bright - 2):
        for first in range(max(0, rank_sum - n_bright + 1), (rank_sum + 1) // 2):
            second = rank_sum - first
            step = detections[second] - detections[first]
            length = abs(step)
            if length < MIN_PAIR_PX or length > longest_px:
                continue
            tried += 1
            if tried > max_pairs or hypotheses > max_hypotheses:
                return best, best_factor, best_shift
            low = length * scale * (1.0 - scale_tolerance)
            high = length * scale * (1.0 + scale_tolerance)
            start = np.searchsorted(pair_length, low)
            stop = np.searchsorted(pair_length, high)
            hypotheses += 2 * (stop - start)
            for pair in range(2 * start, 2 * stop):
                a, b = pair_first[pair // 2], pair_second[pair // 2]
                if pair % 2:
                    a, b = b, a
                factor = (catalogue[b] - catalogue[a]) / step
                shift = catalogue[a] - factor * detections[first]
                if abs(shift + factor * middle) > reach:
                    continue
                met = 0
                last = min(len(detections), second + 1 + third_stars)
                for third in range(last):
                    if third in (first, second):
                        continue
                    if is_marked(sky, shift + factor * detections[third], sky_low, sky_cell):
                        met += 1
                        if met >= needed:
                            break
                if met < needed:
                    continue
                hits, inside = 0, 0
                for tolerance in (2.0 * picture_cell, picture_cell, picture_cell):
                    hits, inside, factor, shift = count_and_fit(
                        factor, shift, picture, picture_low, picture_cell,
                        detections, catalogue, tolerance,
                    )  # fmt: skip
                    if hits < 3:
                        break
                value = log_chance(hits, inside, chance)
                if value < best:
                    best, best_factor, best_shift = value, factor, shift
                    if best <= accept:
                        return best, best_factor, best_shift
    return best, best_factor, best_shift
