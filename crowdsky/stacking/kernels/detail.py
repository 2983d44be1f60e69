"""Compiled kernels of the adaptive reconstruction; see ``integration.detail``."""

from __future__ import annotations

import numpy as np
from numba import njit

_CUT = {"contract", "nsz", "arcp"}

NEAR = 2
"""Half side in pixels of the window that collects the light of a star; a smaller one loses some, a
larger one collects noise."""
FAR = 7
"""Half side in pixels of the window around it that gives the level from which the star stands
out."""
NOISE, SIGNAL = 1.0, 3.0
"""Contrast in sigma up to which it counts as noise, and from which nothing is smoothed."""
SHADE, FLANK = 6.0, 18.0
"""The same for pixels darker than their surroundings. All pixels next to a bright star are; where
they are much darker, its light falls off so steeply that a mean would shift it."""


@njit(cache=True, nogil=True, fastmath=_CUT)
def contrast_band(planes, footprint, weights, y0, y1, out):  # type: ignore[no-untyped-def]
    """Compute by how much rows y0 to y1 stand out from their surroundings, into ``out``.

    Args:
        planes: float32 (planes, height, width).
        footprint: int32 (height, width), frames per pixel.
        weights: (planes,) of the planes in the sum that is examined.
        y0, y1: the rows, y1 exclusive.
        out: float32 (height, width): mean of the near window minus that of the far one, times the
            root of the number of frames, so that its noise is the same everywhere.
    """
    n_planes, height, width = planes.shape
    first, stop = max(0, y0 - FAR), min(height, y1 + FAR)
    light = np.zeros((stop - first, width), np.float32)
    for row in range(first, stop):
        target = light[row - first]
        for plane in range(n_planes):
            weight, line = np.float32(weights[plane]), planes[plane, row]
            for x in range(width):
                target[x] += weight * line[x]
    near, far = np.empty(width, np.float32), np.empty(width, np.float32)
    near_columns, far_columns = np.zeros(width, np.float64), np.zeros(width, np.float64)
    near_rows, far_rows = (0, 0), (0, 0)
    for row in range(y0, y1):
        near_rows = _slide(light, near_rows, row - first, NEAR, near_columns)
        far_rows = _slide(light, far_rows, row - first, FAR, far_columns)
        _window_means(near_columns, near_rows[1] - near_rows[0], NEAR, near)
        _window_means(far_columns, far_rows[1] - far_rows[0], FAR, far)
        target, seen = out[row], footprint[row]
        for x in range(width):
            target[x] = (near[x] - far[x]) * np.sqrt(np.float32(seen[x]))


@njit(cache=True, nogil=True, fastmath=_CUT)
def _slide(light, rows, middle, half, columns):  # type: ignore[no-untyped-def]
    """Move ``columns``, sums over ``rows`` [top, bottom), to the window at ``middle``."""
    top, bottom = max(0, middle - half), min(light.shape[0], middle + half + 1)
    for row in range(rows[1], bottom):
        line = light[row]
        for x in range(columns.size):
            columns[x] += line[x]
    for row in range(rows[0], top):
        line = light[row]
        for x in range(columns.size):
            columns[x] -= line[x]
    return top, bottom


@njit(cache=True, nogil=True, fastmath=_CUT)
def _window_means(columns, n_rows, half, out):  # type: ignore[no-untyped-def]
    """Compute the means of the windows along a row from the sums of their columns."""
    width = columns.size
    total = 0.0
    for x in range(min(half, width)):
        total += columns[x]
    for x in range(width):
        if x + half < width:
            total += columns[x + half]
        if x - half > 0:
            total -= columns[x - half - 1]
        count = min(width, x + half + 1) - max(0, x - half)
        out[x] = total / (count * n_rows)


@njit(cache=True, nogil=True, fastmath=_CUT)
def keep_detail_band(planes, footprint, contrast, noise, y0, y1, out):  # type: ignore[no-untyped-def]
    """Smooth the noise of rows y0 to y1 of the picture and keep its detail, into ``out``.

    Where nothing stands out this is the binomial 3x3 mean (1, 2, 1 each way). Two pixels exchange
    light according to how calm both of them are, so that one gets what the other gives.

    Args:
        planes: float32 (planes, height, width); ``out`` has the same shape.
        footprint: int32 (height, width), frames per pixel; uncovered pixels exchange nothing.
        contrast: float32 (height, width), from ``contrast_band``.
        noise: sigma of the contrast where there is nothing.
    """
    n_planes, height, width = planes.shape
    # One more row on both sides, which is 0 outside the picture, like the ends of a row.
    calm = np.zeros((y1 - y0 + 2, width), np.float32)
    for row in range(max(0, y0 - 1), min(height, y1 + 1)):
        _calm_row(contrast[row], footprint[row], noise, calm[row - y0 + 1])
    ones = np.ones(width, np.float32)
    column, around, light = (
        np.zeros(width + 2, np.float32),
        np.empty_like(ones),
        np.empty_like(ones),
    )
    for row in range(y0, y1):
        shares = calm[row - y0], calm[row - y0 + 1], calm[row - y0 + 2]
        above, below = max(row - 1, 0), min(row + 1, height - 1)
        _binomial_row(shares, (ones, ones, ones), column, around)
        for plane in range(n_planes):
            lines = planes[plane, above], planes[plane, row], planes[plane, below]
            _binomial_row(shares, lines, column, light)
            _exchange_row(lines[1], shares[1], light, around, out[plane, row])


@njit(cache=True, nogil=True, fastmath=_CUT)
def _calm_row(contrast, seen, noise, calm):  # type: ignore[no-untyped-def]
    """Compute how calm the pixels of a row are: 0 keeps its light, up to 1; 0 if uncovered."""
    scale = np.float32(1.0 / noise)
    rise, fall = np.float32(1.0 / (SIGNAL - NOISE)), np.float32(1.0 / (FLANK - SHADE))
    for x in range(calm.size):
        sigmas = scale * contrast[x]
        above = (np.float32(SIGNAL) - sigmas) * rise
        below = (np.float32(FLANK) + sigmas) * fall
        level = max(min(min(above, below), np.float32(1.0)), np.float32(0.0))
        calm[x] = level if seen[x] > 0 else np.float32(0.0)


@njit(cache=True, nogil=True, fastmath=_CUT)
def _binomial_row(shares, lines, column, out):  # type: ignore[no-untyped-def]
    """Compute the binomial 3x3 mean of share times light along a row, from three rows of both.

    ``column`` is scratch (width + 2,) with zeros at its ends.
    """
    above, middle, below = shares
    up, line, down = lines
    quarter, half = np.float32(0.25), np.float32(0.5)
    inner = column[1:-1]
    for x in range(inner.size):
        inner[x] = quarter * (above[x] * up[x] + below[x] * down[x]) + half * middle[x] * line[x]
    for x in range(out.size):
        out[x] = quarter * (column[x] + column[x + 2]) + half * column[x + 1]


@njit(cache=True, nogil=True, fastmath=_CUT)
def _exchange_row(line, calm, light, around, out):  # type: ignore[no-untyped-def]
    """Add to each pixel what it gets from its neighbours, less what it gives to them."""
    for x in range(out.size):
        out[x] = line[x] + calm[x] * (light[x] - around[x] * line[x])
