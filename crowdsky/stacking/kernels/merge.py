"""Compiled kernels that resample finished stacks onto each other and average them."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

ENOUGH_TO_JUDGE = 3
"""Number of samples from which outliers are rejected; of two it is not known which one is wrong."""


@njit(cache=True, nogil=True)
def sample_band(  # type: ignore[no-untyped-def]
    source, counts, top, inverse, taps, scale, sky, y0, out, seen
):
    """Resample one stack for a band of rows of the deep one.

    Args:
        source: float32 (planes, rows, columns), rows of the stack from ``top``.
        counts: int32 (rows, columns), its footprint; a pixel that touches a 0 is not covered.
        top: row of the stack that is the first of ``source``.
        inverse: (a, b, c, d, e, f) from deep to stack pixels.
        taps: four cubic polynomials, the weights of the four taps.
        scale: factor on the values.
        sky: (planes, 3) to subtract afterwards: constant, per x, per y of the deep stack.
        y0: row of the deep stack that is the first of ``out``.
        out: float32 (planes, output rows, output columns), written where covered.
        seen: int32 (output rows, output columns), subs that cover the pixel, 0 for none.
    """
    a, b, c, d, e, f = inverse
    n_planes, height, width = source.shape
    x_weights, y_weights = np.empty(4, np.float64), np.empty(4, np.float64)
    for row in range(seen.shape[0]):
        y = y0 + row
        for x in range(seen.shape[1]):
            u, v = a * x + b * y + c, d * x + e * y + f - top
            column, line = math.floor(u), math.floor(v)
            seen[row, x] = 0
            if not (-1 <= column <= width and -1 <= line <= height):
                continue
            for k in range(4):
                p0, p1, p2, p3 = taps[k]
                s, t = u - column, v - line
                x_weights[k] = ((p3 * s + p2) * s + p1) * s + p0
                y_weights[k] = ((p3 * t + p2) * t + p1) * t + p0
            if not _is_covered(counts, column, line, x_weights, y_weights):
                continue
            seen[row, x] = counts[math.floor(v + 0.5), math.floor(u + 0.5)]
            for plane in range(n_planes):
                total = 0.0
                for j in range(4):
                    for i in range(4):
                        weight = x_weights[i] * y_weights[j]
                        # Taps without weight may be outside.
                        if weight != 0.0:
                            total += weight * source[plane, line + j - 1, column + i - 1]
                level = sky[plane, 0] + sky[plane, 1] * x + sky[plane, 2] * y
                out[plane, row, x] = scale * total - level


@njit(cache=True, nogil=True)
def _is_covered(counts, column, line, x_weights, y_weights):  # type: ignore[no-untyped-def]
    """Whether every tap with a weight is on a covered pixel."""
    height, width = counts.shape
    for j in range(4):
        for i in range(4):
            if x_weights[i] * y_weights[j] == 0.0:
                continue
            y, x = line + j - 1, column + i - 1
            if y < 0 or y >= height or x < 0 or x >= width or counts[y, x] == 0:
                return False
    return True


@njit(cache=True, nogil=True)
def nearest_band(source, top, inverse, y0, out):  # type: ignore[no-untyped-def]
    """Take the nearest pixels of a stack for a band of rows of the deep one.

    ``source`` is float32 (planes, rows, columns), rows of the stack from ``top``; ``out`` is
    float32 (planes, output rows, output columns), left as it is outside the stack.
    """
    a, b, c, d, e, f = inverse
    n_planes, height, width = source.shape
    for row in range(out.shape[1]):
        y = y0 + row
        for x in range(out.shape[2]):
            column = math.floor(a * x + b * y + c + 0.5)
            line = math.floor(d * x + e * y + f - top + 0.5)
            if 0 <= column < width and 0 <= line < height:
                for plane in range(n_planes):
                    out[plane, row, x] = source[plane, line, column]


@njit(cache=True, nogil=True)
def merge_band(  # type: ignore[no-untyped-def]
    values, seen, shares, variances, limit, sky, shot, ripple, near, first, out, footprint, taken
):
    """Average the samples of a band, each weighted by the share of its stack times its subs.

    Args:
        values: float32 (stacks, planes, rows, columns), on one scale and sky.
        seen: int32 (stacks, rows, columns), subs behind a sample, 0 for none.
        shares: (stacks,) weight of one sub of each stack.
        variances: (stacks, planes) variance of a pixel of empty sky for one sub.
        limit: distance from the median, in sigma, above which a sample is rejected; 0 for none.
        sky, shot: (planes,) level of the sky, and the variance that an ADU of light adds per sub.
        ripple: scatter of stars between stacks, relative to the light near by.
        near: float32, the light of stars within reach, in cells of 2x2 pixels of the deep stack.
        first: row of the deep stack that is the first of the band.
        out: float32 (planes, rows, columns), 0 where nothing is covered.
        footprint: int32 (rows, columns), subs that cover a pixel.
        taken: bool (stacks, rows, columns), set to whether a sample is in the mean.
    """
    n_stacks, n_planes, n_rows, width = values.shape
    sorted_values = np.empty(n_stacks, np.float32)
    kept = np.empty(n_stacks, np.bool_)
    for row in range(n_rows):
        for x in range(width):
            covering, subs = 0, 0
            for stack in range(n_stacks):
                kept[stack] = seen[stack, row, x] > 0
                covering += kept[stack]
                subs += seen[stack, row, x]
            footprint[row, x] = subs
            if limit > 0.0 and covering >= ENOUGH_TO_JUDGE:
                _leave_out(
                    values[:, :, row, x], seen[:, row, x], variances, limit, sky, shot, ripple,
                    near[(first + row) >> 1, x >> 1], covering, sorted_values, kept,
                )  # fmt: skip
            taken[:, row, x] = kept
            for plane in range(n_planes):
                total, weight = 0.0, 0.0
                for stack in range(n_stacks):
                    if kept[stack]:
                        share = shares[stack] * seen[stack, row, x]
                        total += share * values[stack, plane, row, x]
                        weight += share
                out[plane, row, x] = total / weight if weight > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _leave_out(  # type: ignore[no-untyped-def]
    values, seen, variances, limit, sky, shot, ripple, near, covering, sorted_values, kept
):
    """Clear ``kept`` for the stacks whose sample is an outlier in any plane.

    As with subs, whatever spoils one colour of a pixel spoils them all.
    """
    n_stacks, n_planes = values.shape
    for plane in range(n_planes):
        count = 0
        for stack in range(n_stacks):
            if seen[stack] > 0:
                sorted_values[count] = values[stack, plane]
                count += 1
        middle = np.median(sorted_values[:count])
        light = max(middle - sky[plane], 0.0)
        for stack in range(n_stacks):
            if not kept[stack]:
                continue
            noise = (variances[stack, plane] + shot[plane] * light) / seen[stack]
            moved = ripple * max(light, near)
            allowed = limit * limit * (noise + moved * moved)
            off = values[stack, plane] - middle
            # The last one stays: a covered pixel has a value.
            if off * off > allowed and covering > 1:
                kept[stack] = False
                covering -= 1
