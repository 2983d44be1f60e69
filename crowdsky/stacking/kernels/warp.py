"""Compiled kernels from raw bytes to registered colour rows.

A band of source rows is decoded, repaired, surrounded by a reflected margin, and then warped: every
source row is debayered and resampled along x, and the resulting rows are resampled along y (the
two-pass rotation of Catmull and Smith, 1980). Two passes of 4 taps cost half of one pass of 4 x 4,
and their inner loops run over neighbouring pixels at any angle.

The kernels release the GIL, use no threads of their own, and add in a fixed order, so that a band
is the same to the bit on any thread.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from crowdsky.stacking.kernels.resample import as_sample, interpolated, span, stretch_end
from crowdsky.stacking.kernels.wide import blend_sheared, resample_in_blocks

MARGIN = 8
"""Number of reflected columns on each side of a decoded band, and of rows above and below."""

_WIDE = 0.04
"""Slope in rows per column from which shearing source rows is cheaper than cutting output rows."""

_SLACK = 1e-4
"""Error in rows that a computed position may have; the rounding of float32 is much smaller."""

_CUT = {"contract", "nsz", "arcp"}


@njit(cache=True, nogil=True)
def decode_unsigned(raw, out, top, left):  # type: ignore[no-untyped-def]
    """Decode big-endian 16-bit integers with BZERO 32768, (rows, columns), to float32 ADU.

    ``raw`` has the stored bytes, read as uint16 on a little-endian machine. The result goes to
    ``out`` at row ``top`` and column ``left``.
    """
    for row in range(raw.shape[0]):
        source = raw[row]
        target = out[top + row, left : left + source.size]
        for x in range(source.size):
            stored = source[x]
            # FITS stores a signed number; flipping its highest bit adds 32768.
            value = np.uint16((stored >> 8) | (stored << 8)) ^ np.uint16(0x8000)
            target[x] = np.float32(value)


@njit(cache=True, nogil=True)
def repair(  # type: ignore[no-untyped-def]
    mosaic, top, left, rows, columns, first_row, defect_y, defect_x, step
):
    """Replace defective pixels by the mean of the middle two of four neighbours.

    The part of ``mosaic`` at (top, left) of size rows x columns starts at frame row ``first_row``.
    The neighbours have the same colour and are ``step`` pixels away.
    """
    for index in range(np.searchsorted(defect_y, first_row), defect_y.size):
        y, x = defect_y[index] - first_row, defect_x[index]
        if y >= rows:
            break
        total, low, high, count = 0.0, math.inf, -math.inf, 0
        for dy, dx in ((-step, 0), (step, 0), (0, -step), (0, step)):
            if 0 <= y + dy < rows and 0 <= x + dx < columns:
                value = mosaic[top + y + dy, left + x + dx]
                total += value
                low, high, count = min(low, value), max(high, value), count + 1
        if count > 2:
            mosaic[top + y, left + x] = (total - low - high) / (count - 2)
        elif count > 0:
            mosaic[top + y, left + x] = total / count


@njit(cache=True, nogil=True)
def frame_margins(band, top, bottom):  # type: ignore[no-untyped-def]
    """Reflect the mosaic into its margins without repeating the edge, which preserves the colours.

    ``band`` is (rows, MARGIN + width + MARGIN); its first ``top`` and last ``bottom`` rows are
    outside the frame.
    """
    rows, columns = band.shape
    width = columns - 2 * MARGIN
    for row in range(top, rows - bottom):
        line = band[row]
        for k in range(1, MARGIN + 1):
            line[MARGIN - k] = line[MARGIN + k]
            line[MARGIN + width - 1 + k] = line[MARGIN + width - 1 - k]
    for k in range(1, top + 1):
        band[top - k] = band[top + k]
    for k in range(1, bottom + 1):
        band[rows - bottom - 1 + k] = band[rows - bottom - 1 - k]


@njit(cache=True, nogil=True, fastmath=_CUT)
def _debayer_row(band, y, left, right, on_red_row, red_column, sharp, sums, out):  # type: ignore[no-untyped-def]
    """Debayer columns left..right of band row ``y`` into ``out`` (3, columns): red, green, blue.

    ``sharp`` 1.0 is the filter of Malvar, He and Cutler (2004), 0.0 is bilinear. ``sums`` is
    scratch, float32 (2, columns). Each loop writes one row from few others: of more, the compiler
    could not prove that they do not overlap, and one pixel at a time costs four times as much.
    """
    width = right - left
    mid = band[y, left - 2 : right + 2]
    near = _row_sum(band, y - 1, y + 1, left, right, sums[0])
    far = _row_sum(band, y - 2, y + 2, left, right, sums[1])
    green = out[1, left:right]
    # A row has green and one other colour; the third colour is in the rows above and below.
    row_colour = out[0 if on_red_row else 2, left:right]
    third = out[2 if on_red_row else 0, left:right]
    colour_column = (red_column ^ left ^ (0 if on_red_row else 1)) & 1
    s8 = np.float32(0.125) * np.float32(sharp)
    half, quarter = np.float32(0.5), np.float32(0.25)
    for x in range(width):
        c, h1, h2 = mid[x + 2], mid[x + 1] + mid[x + 3], mid[x] + mid[x + 4]
        detail = np.float32(4.0) * c - h2 - far[x + 1]
        green_here = quarter * (h1 + near[x + 1]) + s8 * detail
        green[x] = green_here if (x & 1) == colour_column else c
    for x in range(width):
        c, h1, h2 = mid[x + 2], mid[x + 1] + mid[x + 3], mid[x] + mid[x + 4]
        d = near[x] + near[x + 2]
        along = half * h1 + s8 * (np.float32(5.0) * c - d - h2 + half * far[x + 1])
        row_colour[x] = c if (x & 1) == colour_column else along
    for x in range(width):
        c, h2, v2 = mid[x + 2], mid[x] + mid[x + 4], far[x + 1]
        d = near[x] + near[x + 2]
        third_here = quarter * d + s8 * np.float32(1.5) * (np.float32(4.0) * c - h2 - v2)
        across = half * near[x + 1] + s8 * (np.float32(5.0) * c - d - v2 + half * h2)
        third[x] = third_here if (x & 1) == colour_column else across


@njit(cache=True, nogil=True, fastmath=_CUT)
def _row_sum(band, above, below, left, right, total):  # type: ignore[no-untyped-def]
    """Add two rows of the band in columns left - 1 to right + 1; returns a part of ``total``."""
    upper, lower = band[above, left - 1 : right + 1], band[below, left - 1 : right + 1]
    result = total[: right - left + 2]
    for x in range(result.size):
        result[x] = upper[x] + lower[x]
    return result


@njit(cache=True, nogil=True, fastmath=_CUT)
def _resample_row(rows, taps, step, at, x0, x1, out):  # type: ignore[no-untyped-def]
    """Set out[c, x] to rows[c] at column ``at + step * x`` for x0 <= x < x1, four taps each."""
    drift = step - 1.0
    x = x0
    while x < x1:
        position = at + step * x
        base = math.floor(position)
        # As long as the integer part of the position grows by one per pixel, so does the source.
        stop = stretch_end(position, drift, x, x1)
        start, slope = np.float32(position - base), np.float32(drift)
        count = stop - x
        for plane in range(rows.shape[0]):
            source = rows[plane, base - 1 : base + 2 + count]
            target = out[plane, x:stop]
            for k in range(count):
                t = start + slope * np.float32(k)
                target[k] = interpolated(
                    taps, t, source[k], source[k + 1], source[k + 2], source[k + 3]
                )
        x = stop


@njit(cache=True, nogil=True, fastmath=_CUT)
def _blend_narrow(rows, top, transform, taps, y0, level, scale, frame, out, covered):  # type: ignore[no-untyped-def]
    """Run the second pass at a narrow angle: rows are cut where the integer part of v changes."""
    _, _, _, d, e, f = transform
    for row in range(out.shape[0]):
        y = y0 + row
        at = e * y + f - top
        x, x1 = covered[row, frame]
        while x < x1:
            position = d * x + at
            base = math.floor(position)
            stop = stretch_end(position, d, x, x1)
            start, slope = np.float32(position - base), np.float32(d)
            for plane in range(out.shape[1]):
                r0, r1 = rows[base - 1, plane, x:stop], rows[base, plane, x:stop]
                r2, r3 = rows[base + 1, plane, x:stop], rows[base + 2, plane, x:stop]
                target = out[row, plane, frame, x:stop]
                sky = np.float32(level[plane, 0] + level[plane, 1] * x + level[plane, 2] * y)
                tilt, gain = np.float32(level[plane, 1]), np.float32(scale)
                for k in range(stop - x):
                    t = start + slope * np.float32(k)
                    value = interpolated(taps, t, r0[k], r1[k], r2[k], r3[k])
                    target[k] = as_sample(target, gain * value - sky - tilt * np.float32(k))
            x = stop


@njit(cache=True, nogil=True, fastmath=_CUT)
def warp_band(  # type: ignore[no-untyped-def]
    band,
    first,
    size,
    red,
    sharp,
    transform,
    taps,
    colours,
    rows,
    y0,
    level,
    scale,
    frame,
    out,
    covered,
):
    """Debayer and register one band of one frame.

    Args:
        band: float32 (rows, columns), mosaic with margins; its first row is frame row ``first``.
        size: (height, width) of the frame.
        red: (row, column) parity of the red pixels, (-1, -1) for a monochrome sensor.
        sharp: 1 for Malvar's debayering, 0 for bilinear.
        transform: (a, b, c, d, e, f) from output to frame pixels.
        taps: four cubic polynomials, the weights of the four taps.
        colours: scratch, float32 (planes, columns of ``band``).
        rows: scratch, float32 (height, planes, output width): source rows resampled along x.
        y0: output row of the first row of ``out``.
        level: (planes, 3) background to subtract: constant, per x, per y.
        scale: the value is multiplied by it before.
        out: float32 or int16, which takes whole numbers and clips (output rows, planes, frames,
            output width), written at ``frame`` where covered.
        covered: int32 (output rows, frames, 2), filled with the covered columns [first, end).
    """
    a, b, c, d, e, f = transform
    height, width = size
    n_rows, _, _, out_width = out.shape
    step = a - b * d / e
    wide = abs(d) > _WIDE
    sums = np.empty((2, band.shape[1]), np.float32)
    ends = (f + e * y0, f + e * (y0 + n_rows - 1))
    lowest = min(ends[0], ends[1]) + min(0.0, d * (out_width - 1))
    highest = max(ends[0], ends[1]) + max(0.0, d * (out_width - 1))
    # Where rounding decides between two rows, the source rows of both are computed.
    top = max(-2, math.floor(lowest - _SLACK) - 1)
    bottom = min(height + 2, math.floor(highest + _SLACK) + 2)
    for v in range(top, bottom + 1):
        x0, x1 = span(d, 0.0, v - 2.001 - max(ends), v + 2.001 - min(ends), 0, out_width)
        at = (b / e) * (v - f) + c
        x0, x1 = span(step, at, -2.5, width + 1.5, x0, x1)
        if x0 >= x1:
            continue
        u0, u1 = at + step * x0, at + step * (x1 - 1)
        left = math.floor(min(u0, u1)) - 1 + MARGIN
        right = math.floor(max(u0, u1)) + 3 + MARGIN
        y = v - first
        if red[0] < 0:
            colours[0, left:right] = band[y, left:right]
        else:
            on_red_row = (v & 1) == red[0]
            _debayer_row(band, y, left, right, on_red_row, red[1], sharp, sums, colours)
        if wide:
            resample_in_blocks(colours, taps, step, at + MARGIN, x0, x1, rows[v - top + 1])
        else:
            _resample_row(colours, taps, step, at + MARGIN, x0, x1, rows[v - top + 1])
    for row in range(n_rows):
        y = y0 + row
        x0, x1 = span(a, b * y + c, 0.0, width - 1.0, 0, out_width)
        covered[row, frame] = span(d, e * y + f, 0.0, height - 1.0, x0, x1)
    if wide:
        blend_sheared(rows, top - 1, transform, taps, y0, level, scale, frame, out, covered)
    else:
        _blend_narrow(rows, top - 1, transform, taps, y0, level, scale, frame, out, covered)
