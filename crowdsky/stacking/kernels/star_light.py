"""Compiled kernels that map where stars shine, from a few registered frames."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from crowdsky.stacking.kernels.resample import span

_CUT = {"contract", "nsz", "arcp"}


@njit(cache=True, nogil=True)
def lower_medians(frames, inverses, scales, levels, first, light):  # type: ignore[no-untyped-def]
    """Compute the lower median of what several frames show above the sky, on the stack's cells.

    Args:
        frames: float32 (frames, rows, columns), each the means of 2x2 pixels, ADU.
        inverses: (frames, 6) transforms (a, b, c, d, e, f) from stack to frame pixels.
        scales: (frames,) factors on the values.
        levels: (frames, 3) sky to subtract afterwards: constant, per x, per y of the stack.
        first: row of cells of the stack that is the first of ``light``.
        light: float32 (rows, columns) for the cells of 2x2 stack pixels, 0 where no frame covers
            them. Of an even number of frames the lower of the middle two counts, so that light in
            one of two frames is no star.
    """
    count, width = frames.shape[0], light.shape[1]
    values = np.empty((count, width), np.float32)
    seen = np.empty(width, np.int64)
    for row in range(light.shape[0]):
        values[:] = np.float32(math.inf)
        seen[:] = 0
        for k in range(count):
            # The centre of a cell is the corner that its four pixels share.
            _gather(
                frames[k], inverses[k], scales[k], levels[k], 2.0 * (first + row) + 0.5,
                values[k], seen,
            )  # fmt: skip
        for end in range(count - 1, 0, -1):
            for k in range(end):
                _sort_two(values[k], values[k + 1])
        for x in range(width):
            light[row, x] = values[(seen[x] - 1) // 2, x] if seen[x] > 0 else np.float32(0.0)


@njit(cache=True, nogil=True, fastmath=_CUT)
def _gather(frame, inverse, scale, level, y, values, seen):  # type: ignore[no-untyped-def]
    """Take the nearest cells of a frame for a row of cells at ``y``, and count where there are
    any."""
    a, b, c, d, e, f = inverse
    rows, columns = frame.shape
    # A cell spans two pixels, of which the first lies half a pixel after its edge.
    u, du = 0.5 * (0.5 * a + b * y + c + 0.5), a
    v, dv = 0.5 * (0.5 * d + e * y + f + 0.5), d
    x0, x1 = span(du, u, 0.0, columns - 0.001, 0, values.size)
    x0, x1 = span(dv, v, 0.0, rows - 0.001, x0, x1)
    gain = np.float32(scale)
    for x in range(x0, x1):
        values[x] = frame[int(v + dv * x), int(u + du * x)]
    tilt, sky = np.float32(2.0 * level[1]), np.float32(level[0] + 0.5 * level[1] + level[2] * y)
    for x in range(x0, x1):
        values[x] = gain * values[x] - sky - tilt * np.float32(x)
        seen[x] += 1


@njit(cache=True, nogil=True, fastmath=_CUT)
def _sort_two(low, high):  # type: ignore[no-untyped-def]
    """Exchange the numbers of two rows where the first is higher."""
    for x in range(low.size):
        least, most = min(low[x], high[x]), max(low[x], high[x])
        low[x] = least
        high[x] = most


@njit(cache=True, nogil=True, fastmath=_CUT)
def highest_within(light, reach, across, out):  # type: ignore[no-untyped-def]
    """Compute the highest value within ``reach`` cells along x and y, at least 0.

    ``light``, ``across`` (scratch) and ``out`` are float32 (rows, columns).
    """
    rows, columns = light.shape
    for row in range(rows):
        source, target = light[row], across[row]
        target[:] = source
        for off in range(1, min(reach, columns - 1) + 1):
            for x in range(columns - off):
                target[x] = max(target[x], source[x + off])
            for x in range(off, columns):
                target[x] = max(target[x], source[x - off])
    for row in range(rows):
        target = out[row]
        target[:] = np.float32(0.0)
        for near in range(max(0, row - reach), min(rows, row + reach + 1)):
            source = across[near]
            for x in range(columns):
                target[x] = max(target[x], source[x])
