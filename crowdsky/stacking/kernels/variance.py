"""Compiled kernels of the variance of a stack's pixels, from what is known of its frames."""

from __future__ import annotations

import numpy as np
from numba import njit

from crowdsky.stacking.kernels.reject import FLANK, OUTLIER

_CUT = {"contract", "nsz", "arcp"}
LIT = 3.0
"""Light in sigma of the pixel from which it adds to the variance: what is less is mostly noise, and
a variance that follows the noise of its own pixel would favour the fainter ones."""
MOST = 255
"""Largest number of rejected samples that is counted."""


@njit(cache=True, nogil=True)
def sums_of_row(covered, terms, sums):  # type: ignore[no-untyped-def]
    """Add up the terms of the frames that cover each pixel of a row.

    Args:
        covered: int32 (frames, 2), the columns [first, end) that each frame covers.
        terms: float64 (terms, frames).
        sums: float64 (terms, width + 1), filled.

    Where a frame begins or ends the sums change, and nowhere else.
    """
    sums[:] = 0.0
    width = sums.shape[1] - 1
    begun, ended = 0, width
    for frame in range(covered.shape[0]):
        x0, x1 = covered[frame, 0], covered[frame, 1]
        if x0 < x1:
            begun, ended = max(begun, x0), min(ended, x1)
            for term in range(sums.shape[0]):
                sums[term, x0] += terms[term, frame]
                sums[term, x1] -= terms[term, frame]
    for term in range(sums.shape[0]):
        line, total = sums[term], 0.0
        for x in range(min(begun, width - 1) + 1):
            total += line[x]
            line[x] = total
        if begun < ended:
            line[begun + 1 : ended] = total
            begin = ended
        else:
            begin = begun + 1
        for x in range(begin, width):
            total += line[x]
            line[x] = total


@njit(cache=True, nogil=True, fastmath=_CUT)
def variance_of_row(sums, seen, mean, sky, variance):  # type: ignore[no-untyped-def]
    """Compute the variance of the weighted means of a row from the sums of its frames.

    Args:
        sums: float64 (1 + 2 planes, width + 1): of the weights; of their squares times the
            variance of the sky, per plane; and times the variance that an ADU of light adds.
        seen: int32 (width,), number of frames.
        mean: float32 (planes, width), the means.
        sky: (planes,) level of the sky.
        variance: float32 (planes, width), filled; 0 where no frame is.
    """
    n_planes, width = variance.shape
    weights = sums[0]
    for plane in range(n_planes):
        of_sky, of_light = sums[1 + plane], sums[1 + n_planes + plane]
        target, level, dark = variance[plane], mean[plane], sky[plane]
        for x in range(width):
            light = max(level[x] - dark, 0.0)
            weight = weights[x] if seen[x] > 0 else 1.0
            square = weight * weight
            is_lit = light * light * square > LIT * LIT * of_sky[x]
            value = (of_sky[x] + (light * of_light[x] if is_lit else 0.0)) / square
            target[x] = value if seen[x] > 0 else 0.0


@njit(cache=True, nogil=True)
def leave_out(covered, terms, rejected, columns, sums, gone):  # type: ignore[no-untyped-def]
    """Take the terms of rejected samples out of the sums of some columns, and count the samples.

    As in ``take_out``, outliers go first and flanks after them, and neither leaves a pixel without
    a sample. ``gone`` is uint8 (width,), the count, at most MOST.
    """
    left = np.empty(columns.size, np.int64)
    for why in (OUTLIER, FLANK):
        left[:] = 0
        for frame in range(rejected.shape[0]):
            x0, x1 = covered[frame, 0], covered[frame, 1]
            for index in range(columns.size):
                mark = rejected[frame, columns[index]]
                left[index] += x0 <= columns[index] < x1 and (mark == 0 or mark > why)
        for frame in range(rejected.shape[0]):
            for index in range(columns.size):
                x = columns[index]
                if rejected[frame, x] == why and left[index] > 0:
                    for term in range(sums.shape[0]):
                        sums[term, x] -= terms[term, frame]
                    gone[x] = min(gone[x] + 1, MOST)


@njit(cache=True, nogil=True)
def median_variance_band(covered, terms, excess, sky, mean, seen, variance):  # type: ignore[no-untyped-def]
    """Compute the variance of the medians of a band.

    Args:
        covered: int32 (rows, frames, 2).
        terms: float64 (2 planes, frames): 1 / sigma of the sky, and the variance that an ADU of
            light adds over that of the sky.
        excess: (frames + 1,) variance of the median of so many frames over that of their mean.
        sky: (planes,) level of the sky.
        mean: float32 (planes, rows, width), the medians.
        seen: int32 (rows, width), number of frames.
        variance: float32 (planes, rows, width), filled.
    """
    n_planes, n_rows, width = variance.shape
    sums = np.empty((2 * n_planes, width + 1), np.float64)
    for row in range(n_rows):
        sums_of_row(covered[row], terms, sums)
        for plane in range(n_planes):
            for x in range(width):
                count = seen[row, x]
                if count == 0 or not sums[plane, x] > 0.0:
                    variance[plane, row, x] = 0.0
                    continue
                light = max(mean[plane, row, x] - sky[plane], 0.0)
                # As of a median of many frames: the density in the middle decides.
                quiet = excess[count] * count / (sums[plane, x] * sums[plane, x])
                of_light = sums[n_planes + plane, x] / count
                if light * light > LIT * LIT * quiet:
                    quiet *= 1.0 + light * of_light
                variance[plane, row, x] = quiet
