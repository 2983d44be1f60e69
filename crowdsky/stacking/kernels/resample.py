"""Common parts of the kernels that resample a row: span, stretches, the cubic, and samples."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types
from numba.extending import overload

HIGHEST = np.float32(32767.0)
"""Largest number of an int16 sample; the smallest is its negative."""


@njit(cache=True, nogil=True)
def span(slope, offset, low, high, x0, x1):  # type: ignore[no-untyped-def]
    """Return the integers x in [x0, x1) with low <= slope * x + offset <= high, as (first, end)."""
    if abs(slope) < 1e-12:
        return (x0, x1) if low <= offset <= high else (x0, x0)
    first, last = (low - offset) / slope, (high - offset) / slope
    if first > last:
        first, last = last, first
    start = min(x1, max(x0, math.ceil(first)))
    return start, max(start, min(x1, math.floor(last) + 1))


@njit(inline="always")
def stretch_end(position, drift, x, x1):  # type: ignore[no-untyped-def]
    """Return where the integer part of a position with this drift per pixel changes, at most
    ``x1``."""
    base = math.floor(position)
    if drift > 1e-9:
        return min(x1, x + max(1, math.ceil((base + 1 - position) / drift)))
    if drift < -1e-9:
        return min(x1, x + math.floor((position - base) / -drift) + 1)
    return x1


@njit(inline="always")
def interpolated(taps, t, p, q, r, s):  # type: ignore[no-untyped-def]
    """Interpolate: weight four values by their polynomials in ``t``, lowest power first."""
    (a0, a1, a2, a3), (b0, b1, b2, b3), (c0, c1, c2, c3), (d0, d1, d2, d3) = taps
    return (
        (((a3 * t + a2) * t + a1) * t + a0) * p
        + (((b3 * t + b2) * t + b1) * t + b0) * q
        + (((c3 * t + c2) * t + c1) * t + c0) * r
        + (((d3 * t + d2) * t + d1) * t + d0) * s
    )


def as_sample(samples, value):  # type: ignore[no-untyped-def]
    """Convert a float32 to the type of the array ``samples``; for int16 rounded and clipped."""
    if samples.dtype == np.int16:
        return np.int16(np.rint(min(max(value, -HIGHEST), HIGHEST)))
    return value


@overload(as_sample, inline="always")
def _compiled_as_sample(samples, value):  # type: ignore[no-untyped-def]
    """Return the same for a compiled loop, where the type is known beforehand."""
    if samples.dtype == types.int16:
        return lambda samples, value: np.int16(
            np.int32(np.rint(min(max(value, -HIGHEST), HIGHEST)))
        )
    return lambda samples, value: value
