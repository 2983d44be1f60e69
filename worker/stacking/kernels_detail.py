"""Compiled kernel of the adaptive reconstruction: see ``detail``."""

from __future__ import annotations

import numpy as np
from numba import njit

_CUT = {"contract", "nsz", "arcp"}

REACH = 2
"""Half side of the window in which detail is compared with noise, and of the gate's margin."""
HALO = 2 * REACH


@njit(cache=True, nogil=True, fastmath=_CUT)
def _smooth_row(above, line, below, seen_above, seen, seen_below, edge, out):  # type: ignore[no-untyped-def]
    """Binomial-like 3x3 mean (1, 3, 1 each way); uncovered neighbours count as the pixel."""
    last = line.size - 1
    three, fifth = np.float32(3.0), np.float32(0.2)
    for x in range(line.size):
        up = above[x] if seen_above[x] > 0 else line[x]
        down = below[x] if seen_below[x] > 0 else line[x]
        edge[x] = fifth * (up + three * line[x] + down)
    for x in range(line.size):
        left, right = max(x - 1, 0), min(x + 1, last)
        here = edge[x]
        there = edge[left] if seen[left] > 0 else here
        other = edge[right] if seen[right] > 0 else here
        out[x] = fifth * (there + three * here + other)


@njit(cache=True, nogil=True, fastmath=_CUT)
def keep_detail_band(planes, footprint, inverse_variance, excess, y0, y1, out):  # type: ignore[no-untyped-def]
    """Rows y0 to y1 of the picture with its noise smoothed and its detail kept, into ``out``.

    Args:
        planes: float32 (planes, height, width); ``out`` has the same shape.
        footprint: int32 (height, width), frames per pixel.
        inverse_variance: (planes,), of the detail of empty sky seen by one frame.
        excess: how many times the detail of noise detail must be to count.
    """
    n_planes, height, width = planes.shape
    first, stop = max(0, y0 - HALO), min(height, y1 + HALO)
    smooth = np.empty((n_planes, stop - first, width), np.float32)
    energy = np.zeros((stop - first, width), np.float32)
    edge = np.empty(width, np.float32)
    for row in range(first, stop):
        above, below = max(row - 1, 0), min(row + 1, height - 1)
        for plane in range(n_planes):
            target = smooth[plane, row - first]
            _smooth_row(
                planes[plane, above], planes[plane, row], planes[plane, below],
                footprint[above], footprint[row], footprint[below], edge, target,
            )  # fmt: skip
            scale = np.float32(inverse_variance[plane] / n_planes)
            line, seen, total = planes[plane, row], footprint[row], energy[row - first]
            for x in range(width):
                detail = line[x] - target[x]
                total[x] += scale * np.float32(seen[x]) * detail * detail
    gate = np.zeros((stop - first, width), np.float32)
    _gate(energy, np.float32(excess), gate)
    widest = np.empty(width, np.float32)
    for row in range(y0, y1):
        at = row - first
        widest[:] = np.float32(0.0)
        for near in range(max(0, at - REACH), min(stop - first, at + REACH + 1)):
            for x in range(width):
                widest[x] = max(widest[x], gate[near, x])
        for x in range(width):
            share = np.float32(0.0)
            for near in range(max(0, x - REACH), min(width, x + REACH + 1)):
                share = max(share, widest[near])
            for plane in range(n_planes):
                soft = smooth[plane, at, x]
                out[plane, row, x] = soft + share * (planes[plane, row, x] - soft)


@njit(cache=True, nogil=True, fastmath=_CUT)
def _gate(energy, excess, gate):  # type: ignore[no-untyped-def]
    """Wiener's share of signal in the mean detail of a window around each pixel."""
    rows, width = energy.shape
    column = np.empty(width, np.float32)
    for row in range(rows):
        top, bottom = max(0, row - REACH), min(rows, row + REACH + 1)
        column[:] = np.float32(0.0)
        for near in range(top, bottom):
            for x in range(width):
                column[x] += energy[near, x]
        for x in range(width):
            left, right = max(0, x - REACH), min(width, x + REACH + 1)
            total = np.float32(0.0)
            for near in range(left, right):
                total += column[near]
            mean = total / np.float32((bottom - top) * (right - left))
            gate[row, x] = max(np.float32(0.0), np.float32(1.0) - excess / max(mean, excess))
