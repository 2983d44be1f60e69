"""Compiled kernels that resample a frame which is rotated by a wide angle.

At a narrow angle a row is cut where the integer part of the source position changes. The wider the
angle, the shorter the pieces: at 17 degrees they have 3 pixels along y and 20 along x, and starting
a piece costs more than the work in it. Along x, pieces of fixed size may therefore extend into the
next one; along y, the source rows are sheared first, and then no row has to be cut.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from crowdsky.stacking.kernels.resample import as_sample, interpolated, span, stretch_end

_BLOCK = 32
"""Number of pixels computed at a time along x: a multiple of the vectors, and little is wasted."""

_NONE = -(1 << 40)
"""Row number that stands for no row."""

_CUT = {"contract", "nsz", "arcp"}


@njit(cache=True, nogil=True, fastmath=_CUT)
def resample_in_blocks(rows, taps, step, at, x0, x1, out):  # type: ignore[no-untyped-def]
    """Set out[c, x] to rows[c] at column ``at + step * x`` for x0 <= x < x1, four taps each.

    As long as the integer part of the position grows by one per pixel, so does the source. Such a
    stretch is computed in blocks of fixed size, and the next stretch overwrites what the last block
    writes beyond it: that is cheaper than the rest of a stretch, one pixel at a time.
    """
    slope = np.float32(step - 1.0)
    x = x0
    while x < x1:
        position = at + step * x
        base = math.floor(position)
        start = np.float32(position - base)
        stop = stretch_end(position, step - 1.0, x, x1)
        while x < stop and x + _BLOCK <= x1 and base + _BLOCK + 2 <= rows.shape[1]:
            for plane in range(rows.shape[0]):
                near, target = rows[plane, base - 1 : base + _BLOCK + 2], out[plane, x : x + _BLOCK]
                for k in range(_BLOCK):
                    t = start + slope * np.float32(k)
                    target[k] = interpolated(
                        taps, t, near[k], near[k + 1], near[k + 2], near[k + 3]
                    )
            x, base, start = x + _BLOCK, base + _BLOCK, start + slope * np.float32(_BLOCK)
        for plane in range(rows.shape[0] if x < stop else 0):
            near, target = rows[plane, base - 1 : base + 2 + stop - x], out[plane, x:stop]
            for k in range(stop - x):
                t = start + slope * np.float32(k)
                target[k] = interpolated(taps, t, near[k], near[k + 1], near[k + 2], near[k + 3])
        x = stop


@njit(cache=True, nogil=True)
def blend_sheared(rows, top, transform, taps, y0, level, scale, frame, out, covered):  # type: ignore[no-untyped-def]
    """Run the second pass at a wide angle, where cuts would be only a few pixels apart.

    Source rows sheared by floor(d * x) need no cuts: in every column of an output row the taps
    start at the same sheared row, or at the next. Each of them serves four or five output rows.
    """
    _, _, _, d, e, f = transform
    _, n_planes, width = rows.shape
    place, rest = np.empty(width, np.int32), np.empty(width, np.float32)
    for x in range(width):
        whole = math.floor(d * x)
        place[x], rest[x] = whole * n_planes * width + x, d * x - whole
    sheared = np.empty((5, n_planes, width), np.float32)
    held = np.full(5, _NONE, np.int64)
    for row in range(out.shape[0]):
        y = y0 + row
        x0, x1 = covered[row, frame]
        if x0 >= x1:
            continue
        base = math.floor(e * y + f)
        for v in range(base - 1, base + 4):
            if held[v % 5] != v:
                _shear_row(rows, v - top, d, place, sheared[v % 5])
                held[v % 5] = v
        light = (level, y, np.float32(scale))
        start = np.float32(e * y + f - base)
        _blend_row(sheared, base - 1, rest, start, taps, x0, x1, light, out[row], frame)


@njit(cache=True, nogil=True)
def _shear_row(rows, row, d, place, out):  # type: ignore[no-untyped-def]
    """Set out[c, x] to rows[row + floor(d * x), c, x] where that is within ``rows``.

    ``place`` is the distance of rows[floor(d * x), c, x] from rows[0, c, 0] in memory. The first
    and the last of ``rows`` are spare, because rounding may extend the span by a column.
    """
    count, n_planes, width = rows.shape
    x0, x1 = span(d, 0.0, 1.0 - row, count - 1.0 - row, 0, width)
    flat, near = rows.reshape(rows.size), place[x0:x1]
    for plane in range(n_planes):
        target = out[plane, x0:x1]
        start = (row * n_planes + plane) * width
        for x in range(target.size):
            target[x] = flat[np.uintp(start + near[x])]


@njit(cache=True, nogil=True, fastmath=_CUT)
def _blend_row(sheared, v, rest, start, taps, x0, x1, light, out, frame):  # type: ignore[no-untyped-def]
    """Compute an output row: pixel x is ``rest[x] + start``, 0 to 2, past the second of five rows.

    Up to 1 the first four rows count, above 1 the last four. They are ``v`` to v + 4, each stored
    at its number modulo 5. ``light`` is (level, output row, gain).
    """
    level, y, gain = light
    one, near = np.float32(1.0), rest[x0:x1]
    for plane in range(out.shape[0]):
        r0, r1 = sheared[v % 5, plane, x0:x1], sheared[(v + 1) % 5, plane, x0:x1]
        r2, r3 = sheared[(v + 2) % 5, plane, x0:x1], sheared[(v + 3) % 5, plane, x0:x1]
        r4, target = sheared[(v + 4) % 5, plane, x0:x1], out[plane, frame, x0:x1]
        sky = np.float32(level[plane, 0] + level[plane, 1] * x0 + level[plane, 2] * y)
        tilt = np.float32(level[plane, 1])
        for x in range(target.size):
            # All five are read before the choice, or the compiler would not vectorise the loop.
            v0, v1, v2, v3, v4 = r0[x], r1[x], r2[x], r3[x], r4[x]
            t = near[x] + start
            later = t > one
            t = t - one if later else t
            p = v1 if later else v0
            q = v2 if later else v1
            r = v3 if later else v2
            s = v4 if later else v3
            value = interpolated(taps, t, p, q, r, s)
            target[x] = as_sample(target, gain * value - sky - tilt * np.float32(x))
