"""Compiled kernels of the median: of a list of values, and of a band of frames."""

from __future__ import annotations

import numpy as np
from numba import njit

FEW = 16
"""Number of values up to which sorting by insertion is faster than counting."""
STEP = 32
"""Number of values that are counted at a time; a list is padded to a multiple of it."""


@njit(cache=True, nogil=True)
def room_for(count):  # type: ignore[no-untyped-def]
    """Return the length of the array that ``middle_of`` needs for up to ``count`` values."""
    return -(-count // STEP) * STEP


@njit(cache=True, nogil=True)
def middle_of(values, count):  # type: ignore[no-untyped-def]
    """Compute the median of the first ``count`` values: at least one, and none NaN.

    ``values`` is scratch that is overwritten: float32 in C order, of the length of ``room_for``.
    """
    if count > FEW:
        return _counted_middle(values, count)
    for i in range(1, count):
        value = values[i]
        j = i - 1
        while j >= 0 and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value
    return 0.5 * (values[(count - 1) // 2] + values[count // 2])


@njit(cache=True, nogil=True)
def _counted_middle(values, count):  # type: ignore[no-untyped-def]
    """Find the median by narrowing down: count how many values lie below each of three trials.

    A selection algorithm compares less, but the processor mispredicts every other branch, which
    takes longer than going through all values ten times without any. The trials are the bits of
    floats, read as integers of the same order.
    """
    keys = values[: room_for(count)].view(np.int32)
    least, most = np.int32(0x7FFFFFFF), np.int32(-0x80000000)
    for i in range(count):
        key = _ordered(keys[i])
        keys[i] = key
        least, most = min(least, key), max(most, key)
    keys[count:] = most
    low, spread, rank = np.int64(least), np.int64(most) - np.int64(least), (count - 1) // 2
    step = 1
    while 4 * step <= spread:
        step *= 4
    # ``low`` grows to the largest number that has at most ``rank`` values below it.
    while step > 0:
        first, second, third = _counts_below(keys, low + step, low + 2 * step, low + 3 * step)
        low += step * ((first <= rank) + (second <= rank) + (third <= rank))
        step //= 4
    up_to, above = _beyond(keys, low)
    if count % 2 == 1 or up_to > rank + 1:
        above = low
    keys[0], keys[1] = _ordered(np.int32(low)), _ordered(np.int32(above))
    return 0.5 * (values[0] + values[1])


@njit(cache=True, nogil=True, inline="always")
def _ordered(bits):  # type: ignore[no-untyped-def]
    """Convert the bits of a float to an int32 of the same order; its own inverse."""
    return np.int32(bits ^ ((bits >> 31) & np.int32(0x7FFFFFFF)))


@njit(cache=True, nogil=True)
def _counts_below(keys, first, second, third):  # type: ignore[no-untyped-def]
    """Count how many int32 lie below each of three limits.

    The sums have 32 bits, so that more fit into a vector. No key is as high as the highest int32.
    """
    a, b, c = np.int32(0), np.int32(0), np.int32(0)
    low = np.int32(min(first, 0x7FFFFFFF))
    middle, high = np.int32(min(second, 0x7FFFFFFF)), np.int32(min(third, 0x7FFFFFFF))
    for i in range(keys.size):
        a = np.int32(a + np.int32(keys[i] < low))
        b = np.int32(b + np.int32(keys[i] < middle))
        c = np.int32(c + np.int32(keys[i] < high))
    return a, b, c


@njit(cache=True, nogil=True)
def _beyond(keys, limit):  # type: ignore[no-untyped-def]
    """Count how many int32 do not exceed ``limit``, and return the lowest of those that do."""
    bound, up_to, lowest = np.int32(limit), np.int32(0), np.int32(0x7FFFFFFF)
    for i in range(keys.size):
        up_to = np.int32(up_to + np.int32(keys[i] <= bound))
        passing = keys[i] if keys[i] > bound else np.int32(0x7FFFFFFF)
        lowest = min(lowest, passing)
    return up_to, np.int64(lowest)


@njit(cache=True, nogil=True)
def median_band(values, covered, out, footprint):  # type: ignore[no-untyped-def]
    """Compute the median of a band of registered frames.

    Args:
        values: float32 or int16 (rows, planes, frames, width), normalised.
        covered: int32 (rows, frames, 2), the columns [first, end) that each frame covers.
        out: float32 (planes, rows, width), 0 where no frame covers a pixel.
        footprint: int32 (rows, width), number of frames that cover a pixel.
    """
    n_rows, n_planes, n_frames, width = values.shape
    scratch = np.empty(room_for(n_frames), np.float32)
    for row in range(n_rows):
        for x in range(width):
            for plane in range(n_planes):
                count = 0
                for frame in range(n_frames):
                    if covered[row, frame, 0] <= x < covered[row, frame, 1]:
                        scratch[count] = values[row, plane, frame, x]
                        count += 1
                footprint[row, x] = count
                out[plane, row, x] = middle_of(scratch, count) if count > 0 else 0.0
