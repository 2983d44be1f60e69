"""Compiled kernels of the adaptive reconstruction: see ``detail``."""

from __future__ import annotations

import numpy as np
from numba import njit

_CUT = {"contract", "nsz", "arcp"}

NEAR = 2
"""Half side of the window that gathers the light of a star; smaller loses some, larger noise."""
FAR = 7
"""Half side of the window about it that tells the level from which the star stands out."""
REACH = 2
"""A pixel keeps its detail for what stands out so far away from it: the flanks of a star."""


@njit(cache=True, nogil=True, fastmath=_CUT)
def contrast_band(planes, footprint, weights, y0, y1, out):  # type: ignore[no-untyped-def]
    """By how much rows y0 to y1 stand out from their surroundings, into ``out``.

    Args:
        planes: float32 (planes, height, width).
        footprint: int32 (height, width), frames per pixel.
        weights: (planes,) of the planes in the sum that is looked at.
        out: float32 (height, width): mean of the near window minus that of the far one, times
            the root of the frames, so that its noise is the same everywhere.
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
    """Let ``columns``, sums over ``rows`` [top, bottom), be those of the window at ``middle``."""
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
    """Means of the windows along a row from the sums of their columns."""
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
def _smooth_row(above, line, below, seen_above, seen, seen_below, edge, out):  # type: ignore[no-untyped-def]
    """Binomial 3x3 mean (1, 2, 1 each way); uncovered neighbours count as the pixel."""
    last = line.size - 1
    quarter, half = np.float32(0.25), np.float32(0.5)
    for x in range(line.size):
        up = above[x] if seen_above[x] > 0 else line[x]
        down = below[x] if seen_below[x] > 0 else line[x]
        edge[x] = quarter * (up + down) + half * line[x]
    for x in range(line.size):
        left, right = max(x - 1, 0), min(x + 1, last)
        here = edge[x]
        there = edge[left] if seen[left] > 0 else here
        other = edge[right] if seen[right] > 0 else here
        out[x] = quarter * (there + other) + half * here


@njit(cache=True, nogil=True, fastmath=_CUT)
def keep_detail_band(planes, footprint, contrast, noise, y0, y1, out):  # type: ignore[no-untyped-def]
    """Rows y0 to y1 of the picture with its noise smoothed and its detail kept, into ``out``.

    Args:
        planes: float32 (planes, height, width); ``out`` has the same shape.
        footprint: int32 (height, width), frames per pixel.
        contrast: float32 (height, width), of ``contrast_band``.
        noise: square of the contrast below which it is taken for noise.
    """
    n_planes, height, width = planes.shape
    limit = np.float32(noise)
    strongest = np.empty(width, np.float32)
    share = np.empty(width, np.float32)
    smooth, edge = np.empty(width, np.float32), np.empty(width, np.float32)
    for row in range(y0, y1):
        strongest[:] = np.float32(0.0)  # next to a bright star the contrast is strongly negative
        for near in range(max(0, row - REACH), min(height, row + REACH + 1)):
            line = contrast[near]
            for x in range(width):
                strongest[x] = max(strongest[x], line[x])
        share[:] = np.float32(0.0)
        for x in range(width):
            # Wiener's share of signal.
            strongest[x] = np.float32(1.0) - limit / max(strongest[x] * strongest[x], limit)
        for step in range(-REACH, REACH + 1):
            for x in range(max(0, -step), min(width, width - step)):
                share[x] = max(share[x], strongest[x + step])
        above, below = max(row - 1, 0), min(row + 1, height - 1)
        for plane in range(n_planes):
            line, target = planes[plane, row], out[plane, row]
            _smooth_row(
                planes[plane, above], line, planes[plane, below],
                footprint[above], footprint[row], footprint[below], edge, smooth,
            )  # fmt: skip
            for x in range(width):
                target[x] = smooth[x] + share[x] * (line[x] - smooth[x])
