"""Compiled kernels of the median: of a few values, and of a band of frames.

What kernels of several files share has to be as settled as this: a kernel is compiled anew when
its own file changes, not when that of another does which it calls.
"""

from __future__ import annotations

import numpy as np
from numba import njit

FEW = 32
"""Up to so many values sorting by insertion is quicker than selecting."""


@njit(cache=True, nogil=True)
def middle_of(values):  # type: ignore[no-untyped-def]
    """The median of an array, which may be sorted in place."""
    if values.size > FEW:
        return np.median(values)
    for i in range(1, values.size):
        value = values[i]
        j = i - 1
        while j >= 0 and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value
    half = values.size // 2
    return values[half] if values.size % 2 else 0.5 * (values[half - 1] + values[half])


@njit(cache=True, nogil=True)
def median_band(values, covered, out, footprint):  # type: ignore[no-untyped-def]
    """Median of a band of registered frames.

    Args:
        values: float32 (rows, planes, frames, width), normalised.
        covered: int32 (rows, frames, 2), the columns [first, end) that each frame covers.
        out: float32 (planes, rows, width), 0 where no frame covers a pixel.
        footprint: int32 (rows, width), number of frames that cover a pixel.
    """
    n_rows, n_planes, n_frames, width = values.shape
    scratch = np.empty(n_frames, np.float32)
    for row in range(n_rows):
        for x in range(width):
            for plane in range(n_planes):
                count = 0
                for frame in range(n_frames):
                    if covered[row, frame, 0] <= x < covered[row, frame, 1]:
                        scratch[count] = values[row, plane, frame, x]
                        count += 1
                footprint[row, x] = count
                out[plane, row, x] = middle_of(scratch[:count]) if count > 0 else 0.0
