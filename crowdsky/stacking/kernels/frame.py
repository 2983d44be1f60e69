"""Compiled kernels that measure one frame: its noise, its sky, its defects and its stars.

All work on the raw mosaic (height, width) float32 in ADU. A *cell* is one of the four positions in
the 2x2 colour pattern, numbered 2 * (row & 1) + (column & 1); a monochrome frame has four cells of
the same colour.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from crowdsky.stacking.kernels.median import middle_of, room_for

_CUT = {"contract", "nsz", "arcp"}
_MAD_TO_SIGMA = 1.4826
_STEP_TO_SIGMA = 12.0**-0.5
"""Noise, in steps, of numbers that are rounded to steps."""
SAMPLE = 25
"""Number of pixels whose median is a rough level of the sky in a box."""


@njit(cache=True, nogil=True, fastmath=_CUT)
def bin_by_two(mosaic, out):  # type: ignore[no-untyped-def]
    """Average every 2x2 cell of the mosaic: a grey picture of half the size, without a pattern."""
    quarter = np.float32(0.25)
    for y in range(out.shape[0]):
        upper, lower, target = mosaic[2 * y], mosaic[2 * y + 1], out[y]
        for x in range(target.size):
            pair = upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]
            target[x] = quarter * pair


@njit(cache=True, nogil=True)
def cell_noise(mosaic, every):  # type: ignore[no-untyped-def]
    """Measure the noise of single pixels, sigma in ADU per cell (4,), from differences.

    Pixels two columns apart are compared in every ``every``-th pair of rows. Differences above
    about 4.4 sigma are stars and do not count; a plain median would resolve the noise only to one
    step of the converter.
    """
    height, width = mosaic.shape
    noise = np.zeros(4, np.float64)
    rows = (height // 2 + every - 1) // every
    differences = np.empty(rows * (width // 4 + 1), np.float32)
    scratch = np.empty(room_for(differences.size), np.float32)
    for cell in range(4):
        count = 0
        for pair in range(0, height // 2, every):
            line = mosaic[2 * pair + cell // 2]
            for x in range(cell % 2, width - 2, 4):
                differences[count] = abs(line[x + 2] - line[x])
                count += 1
        scratch[:count] = differences[:count]
        limit, least = 3.0 * _MAD_TO_SIGMA * middle_of(scratch, count), 0.0
        if limit == 0.0:
            # Most neighbours are equal, as in 8 bits; the others differ by single steps.
            least = _smallest_step(differences[:count])
            limit, least = 1.5 * least, _STEP_TO_SIGMA * least
        total, kept = 0.0, 0
        for difference in differences[:count]:
            if difference <= limit:
                total += difference * difference
                kept += 1
        noise[cell] = max(math.sqrt(0.5 * total / kept), least)
    return noise


@njit(cache=True, nogil=True)
def _smallest_step(differences):  # type: ignore[no-untyped-def]
    """Return the smallest difference that is not 0; 0 if there is none."""
    least = math.inf
    for difference in differences:
        if 0.0 < difference < least:
            least = difference
    return least if least < math.inf else 0.0


@njit(cache=True, nogil=True)
def mesh_levels(mosaic, box, noise, levels):  # type: ignore[no-untyped-def]
    """Measure the sky per cell in boxes of ``box`` (even) px, into ``levels`` (4, rows, columns).

    It is the mean of every fourth row of the cell, clipped at 3 sigma of its ``noise`` (4,) about
    the median of a small sample, so that stars do not count.
    """
    _, rows, columns = levels.shape
    width = columns * box
    middle, reach = np.empty(width, np.float32), np.empty(width, np.float32)
    total, count = np.empty(width, np.float32), np.empty(width, np.float32)
    scratch = np.empty(room_for(SAMPLE), np.float32)
    for row in range(rows):
        for parity in range(2):
            for column in range(columns):
                for cell in range(2 * parity, 2 * parity + 2):
                    x0, x1 = column * box + cell % 2, (column + 1) * box
                    middle[x0:x1:2] = _sample_median(mosaic, row * box + parity, x0, box, scratch)
                    reach[x0:x1:2] = np.float32(3.0 * noise[cell])
            total[:], count[:] = np.float32(0.0), np.float32(0.0)
            for y in range(row * box + parity, (row + 1) * box, 8):
                _add_inside(mosaic[y], middle, reach, total, count)
            for column in range(columns):
                for cell in range(2 * parity, 2 * parity + 2):
                    x0, x1 = column * box + cell % 2, (column + 1) * box
                    above, seen = total[x0:x1:2].sum(), count[x0:x1:2].sum()
                    level = middle[x0] + above / seen if seen > 0 else middle[x0]
                    levels[cell, row, column] = level


@njit(cache=True, nogil=True)
def _sample_median(mosaic, y0, x0, box, scratch):  # type: ignore[no-untyped-def]
    """Compute the median of SAMPLE pixels of one cell, spread over the box at (y0, x0)."""
    half = box // 2
    for k in range(SAMPLE):
        scratch[k] = mosaic[y0 + 2 * ((k * half) // SAMPLE), x0 + 2 * ((7 * k + k * k) % half)]
    return middle_of(scratch, SAMPLE)


@njit(cache=True, nogil=True, fastmath=_CUT)
def _add_inside(line, middle, reach, total, count):  # type: ignore[no-untyped-def]
    """Add the pixels of a row that are within ``reach`` of ``middle``, relative to it."""
    for x in range(middle.size):
        off = line[x] - middle[x]
        inside = np.float32(abs(off) <= reach[x])
        total[x] += inside * off
        count[x] += inside


@njit(cache=True, nogil=True, fastmath=_CUT)
def subtract_mesh(grey, levels, box):  # type: ignore[no-untyped-def]
    """Subtract from ``grey`` the bilinear interpolation of ``levels`` in boxes of ``box``
    pixels."""
    rows, columns = levels.shape
    middle = (box - 1) / 2.0
    strip = np.empty(columns, np.float32)
    left, share = np.empty(grey.shape[1], np.int32), np.empty(grey.shape[1], np.float32)
    for x in range(left.size):
        u = min(max((x - middle) / box, 0.0), columns - 1.0)
        left[x] = min(int(u), max(columns - 2, 0))
        share[x] = u - left[x]
    beside = min(1, columns - 1)
    for y in range(grey.shape[0]):
        v = min(max((y - middle) / box, 0.0), rows - 1.0)
        row = min(int(v), max(rows - 2, 0))
        t = v - row
        below = min(row + 1, rows - 1)
        for column in range(columns):
            strip[column] = (1.0 - t) * levels[row, column] + t * levels[below, column]
        line = grey[y]
        for x in range(line.size):
            level = strip[left[x]]
            line[x] -= level + share[x] * (strip[left[x] + beside] - level)


@njit(cache=True, nogil=True, fastmath=_CUT)
def add_residuals(mosaic, step, noise, clip, total):  # type: ignore[no-untyped-def]
    """Add to ``total`` how far each pixel stands out from its own colour, in sigma, clipped.

    The pixel is compared with the mean of the middle two of its four neighbours ``step`` away.
    The outermost ``step`` pixels are left as they are. ``noise`` is per cell, (4,).
    """
    height, width = mosaic.shape
    half, bound = np.float32(0.5), np.float32(clip)
    for y in range(step, height - step):
        up, line, down = mosaic[y - step], mosaic[y], mosaic[y + step]
        even = np.float32(1.0 / noise[2 * (y & 1)])
        odd = np.float32(1.0 / noise[2 * (y & 1) + 1])
        target = total[y, step : width - step]
        for x in range(target.size):
            above, below = up[x + step], down[x + step]
            left, right = line[x], line[x + 2 * step]
            high = max(max(above, below), max(left, right))
            low = min(min(above, below), min(left, right))
            middle = half * (above + below + left + right - high - low)
            scale = even if ((x + step) & 1) == 0 else odd
            residual = (line[x + step] - middle) * scale
            target[x] += min(max(residual, -bound), bound)


@njit(cache=True, nogil=True)
def add_stamps(mosaic, y, x, stamps):  # type: ignore[no-untyped-def]
    """Add the square of pixels around each (y, x) to ``stamps`` (n, side, side), side odd."""
    r = stamps.shape[1] // 2
    for index in range(y.size):
        stamps[index] += mosaic[y[index] - r : y[index] + r + 1, x[index] - r : x[index] + r + 1]


@njit(cache=True, nogil=True)
def measure_stars(mosaic, x, y, sky, sigma, radius, out):  # type: ignore[no-untyped-def]
    """Measure windowed centroids and shapes of stars on the mosaic.

    They are measured on the running mean of 2x2 pixels, which has every colour of the pattern once
    at any position. It is shifted by half a pixel, which is corrected here.

    Args:
        x, y: first guesses, frame pixels, 0-based.
        sky: local sky level at each star, mean of the colours, ADU.
        sigma: of the Gaussian window, pixels.
        radius: of the aperture for the light, pixels.
        out: (n, 7) x, y, light in the aperture (ADU), variance along x, along y, covariance (of the
            star itself, px^2), highest raw pixel (ADU). x is NaN if the centroid did not converge.
    """
    height, width = mosaic.shape
    reach = math.ceil(3.0 * sigma)
    far = math.ceil(radius) + 1
    window = sigma * sigma
    for star in range(x.size):
        cx, cy = x[star] - 0.5, y[star] - 0.5
        settled = False
        mxx, myy, mxy = 0.0, 0.0, 0.0
        for _ in range(20):
            ix, iy = round(cx), round(cy)
            edge = max(reach, far)
            if ix < edge or iy < edge or ix >= width - edge - 1 or iy >= height - edge - 1:
                break
            total, sx, sy, mxx, myy, mxy = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for v in range(iy - reach, iy + reach + 1):
                for u in range(ix - reach, ix + reach + 1):
                    dx, dy = u - cx, v - cy
                    value = _running_mean(mosaic, u, v) - sky[star]
                    value *= math.exp(-0.5 * (dx * dx + dy * dy) / window)
                    total += value
                    sx += value * dx
                    sy += value * dy
                    mxx += value * dx * dx
                    myy += value * dy * dy
                    mxy += value * dx * dy
            if total <= 0.0:
                break
            sx, sy = sx / total, sy / total
            mxx, myy, mxy = mxx / total - sx * sx, myy / total - sy * sy, mxy / total - sx * sy
            # In a Gaussian window of its own size, a Gaussian star moves by half of its offset.
            cx, cy = cx + 2.0 * sx, cy + 2.0 * sy
            if abs(cx - x[star] + 0.5) > reach or abs(cy - y[star] + 0.5) > reach:
                break
            if sx * sx + sy * sy < 1e-6:
                settled = True
                break
        out[star, 0], out[star, 1] = cx + 0.5, cy + 0.5
        if not settled:
            out[star, 0] = math.nan
            continue
        light, highest = 0.0, 0.0
        ix, iy = round(cx), round(cy)
        for v in range(iy - far, iy + far + 1):
            for u in range(ix - far, ix + far + 1):
                distance = math.sqrt((u - cx) ** 2 + (v - cy) ** 2)
                inside = min(1.0, max(0.0, radius + 0.5 - distance))
                light += inside * (_running_mean(mosaic, u, v) - sky[star])
                if distance < 2.5:
                    highest = max(highest, mosaic[v, u])
        out[star, 2] = light
        # Remove the window from the moments, then the 2x2 mean (1/4 px^2 per axis).
        determinant = mxx * myy - mxy * mxy
        bx, by, bxy = mxx, myy, mxy
        if determinant > 0.0:
            ixx = myy / determinant - 1.0 / window
            iyy = mxx / determinant - 1.0 / window
            ixy = -mxy / determinant
            inverse = ixx * iyy - ixy * ixy
            if inverse > 0.0 and ixx > 0.0:
                bx, by, bxy = iyy / inverse, ixx / inverse, -ixy / inverse
            else:
                bx, by, bxy = 4.0 * window, 4.0 * window, 0.0
        out[star, 3], out[star, 4], out[star, 5] = bx - 0.25, by - 0.25, bxy
        out[star, 6] = highest


@njit(cache=True, nogil=True, inline="always")
def _running_mean(mosaic, u, v):  # type: ignore[no-untyped-def]
    return 0.25 * (mosaic[v, u] + mosaic[v, u + 1] + mosaic[v + 1, u] + mosaic[v + 1, u + 1])
