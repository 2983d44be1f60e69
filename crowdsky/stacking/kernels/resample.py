"""What the ways to resample a row have in common: its span, its stretches, the cubic, samples."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types
from numba.extending import overload

HIGHEST = np.float32(32767.0)
"""What int16 takes: numbers from minus this to this."""


@njit(cache=True, nogil=True)
def span(slope, offset, low, high, x0, x1):  # type: ignore[no-untyped-def]
    """The whole x in [x0, x1) with low <= slope * x + offset <= high, as (first, end)."""
    if abs(slope) < 1e-12:
        return (x0, x1) if low <= offset <= high else (x0, x0)
    first, last = (low - offset) / slope, (high - offset) / slope
    if first > last:
        first, last = last, first
    start = min(x1, max(x0, math.ceil(first)))
    return start, max(start, min(x1, math.floor(last) + 1))


@njit(inline="always")
def stretch_end(position, drift, x, x1):  # type: ignore[no-untyped-def]
    """Where the whole part of a position that drifts so much a pixel changes, ``x1`` at most."""
    base = math.floor(position)
    if drift > 1e-9:
        return min(x1, x + max(1, math.ceil((base + 1 - position) / drift)))
    if drift < -1e-9:
        return min(x1, x + math.floor((position - base) / -drift) + 1)
    return x1


@njit(inline="always")
def interpolated(taps, t, p, q, r, s):  # type: ignore[no-untyped-def]
    """Four values, each weighted by its polynomial in ``t``, lowest power first."""
    (a0, a1, a2, a3), (b0, b1, b2, b3), (c0, c1, c2, c3), (d0, d1, d2, d3) = taps
    return (
        (((a3 * t + a2) * t + a1) * t + a0) * p
        + (((b3 * t + b2) * t + b1) * t + b0) * q
        + (((c3 * t + c2) * t + c1) * t + c0) * r
        + (((d3 * t + d2) * t + d1) * t + d0) * s
    )


def as_sample(samples, value):  # type: ignore[no-untyped-def]
    """A float32 as the array ``samples`` takes it: int16 the nearest whole number that it can."""
    if samples.dtype == np.int16:
        return np.int16(np.rint(min(max(value, -HIGHEST), HIGHEST)))
    return value


@overload(as_sample, inline="always")
def _compiled_as_sample(samples, value):  # type: ignore[no-untyped-def]
    """The same in a compiled loop, which has no choice to make: the type is known."""
    if samples.dtype == types.int16:
        return lambda samples, value: np.int16(
            np.int32(np.rint(min(max(value, -HIGHEST), HIGHEST)))
        )
    return lambda samples, value: value
