"""Compiled kernels that find outliers among the samples of a row and remove them from the means.

A sample is rejected if it is further from the others than the noise of its frame allows. The noise
is known beforehand, from the sky noise of the frame and the light of the pixel. So this works with
three frames as with three hundred, and no scatter has to be estimated from the samples that are
judged.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from crowdsky.stacking.kernels.median import middle_of

GROWTH_PX = 2
GROWTH_SIGMA = 1.7
"""Deviation in sigma from which the flanks of a trail are rejected, too: they are below the limit,
but deviate in the same direction as its core."""
BATCH = 64
"""Number of pixels that are examined together, one frame after the other: the samples of a pixel
are far apart in memory, but next to those of other pixels of the row."""
OUTLIER, FLANK = 1, 2
"""Marks of a rejected sample, by the reason; and of a pixel, for the last thing that happened."""


@njit(cache=True, nogil=True)
def reject_row(  # type: ignore[no-untyped-def]
    values, covered, variances, limit, sky, shot, ripple, near, suspects, samples, scratch,
    rejected, touched,
):  # fmt: skip
    """Examine the suspicious pixels in a row of a plane, and reject outliers.

    ``suspects`` are columns. Whatever crosses a frame (a trail, a cosmic ray) spoils all colours,
    so a sample is rejected in all planes.
    """
    for first in range(0, suspects.size, BATCH):
        columns = suspects[first : first + BATCH]
        _gather(values, covered, columns, samples)
        for index in range(columns.size):
            x, line = columns[index], samples[index]
            centre, error = _centre_of(line, variances, sky, scratch)
            extra = error + _extra_variance(centre, sky, shot, ripple, near[x])
            for frame in range(line.size):
                off = line[frame] - centre
                outlier = off * off > limit * limit * (variances[frame] + extra)
                if outlier and rejected[frame, x] == 0:
                    rejected[frame, x] = OUTLIER
                    touched[x] = OUTLIER


@njit(cache=True, nogil=True)
def _gather(values, covered, columns, samples):  # type: ignore[no-untyped-def]
    """Gather the samples of some columns into ``samples`` (BATCH, frames), NaN for none."""
    for frame in range(values.shape[0]):
        x0, x1 = covered[frame, 0], covered[frame, 1]
        for index in range(columns.size):
            x = columns[index]
            samples[index, frame] = np.float32(values[frame, x]) if x0 <= x < x1 else math.nan


@njit(cache=True, nogil=True)
def _centre_of(samples, variances, sky, scratch):  # type: ignore[no-untyped-def]
    """Estimate what the samples of a pixel should be, and the variance of that if it counts.

    It is the median; of two samples it is the one nearer to the sky, because outliers stand out
    from it. NaN stands for a frame that does not cover the pixel.
    """
    count, error = 0, 0.0
    for frame in range(samples.size):
        if not math.isnan(samples[frame]):
            scratch[count] = samples[frame]
            error = max(error, variances[frame])
            count += 1
    if count == 2:
        first = abs(scratch[0] - sky) < abs(scratch[1] - sky)
        return (scratch[0] if first else scratch[1]), error
    return middle_of(scratch, count), 0.0


@njit(cache=True, nogil=True)
def _extra_variance(level, sky, shot, ripple, near):  # type: ignore[no-untyped-def]
    """Compute the variance of a sample due to light, beyond that of the sky.

    ``shot`` is the variance per ADU of light in the pixel. ``ripple`` is the scatter between frames
    that the shape of stars, seeing and registration cause, relative to the light ``near`` by.
    """
    light = max(level - sky, 0.0)
    moved = ripple * max(light, near)
    return shot * light + moved * moved


@njit(cache=True, nogil=True)
def near_of_row(near, row, out):  # type: ignore[no-untyped-def]
    """Spread a row of ``near``, which is in cells of 2x2 pixels, over the pixels of ``out``."""
    cells = near[row >> 1]
    for x in range(out.size):
        out[x] = cells[x >> 1]


@njit(cache=True, nogil=True)
def grow_row(  # type: ignore[no-untyped-def]
    values, covered, variances, sky, shot, ripple, near, first, out, row, columns, rejected,
    touched,
):  # fmt: skip
    """Reject the flanks of the outliers in a row: neighbours that deviate in the same direction.

    ``rejected`` contains OUTLIER and gets FLANK, which does not grow further; so does ``touched``
    where something has changed.
    """
    n_rows, n_frames, _ = rejected.shape
    for frame in range(n_frames):
        for x in columns:
            if rejected[row, frame, x] != OUTLIER:
                continue
            light = near[(first + row) >> 1, x >> 1]
            core = _lean(values[row], variances, out[:, row], sky, shot, ripple, light, frame, x)
            side = math.copysign(1.0, core)
            for y in range(max(0, row - GROWTH_PX), min(n_rows, row + GROWTH_PX + 1)):
                left = max(covered[y, frame, 0], x - GROWTH_PX)
                for beside in range(left, min(covered[y, frame, 1], x + GROWTH_PX + 1)):
                    if rejected[y, frame, beside] != 0:
                        continue
                    light = near[(first + y) >> 1, beside >> 1]
                    lean = _lean(
                        values[y], variances, out[:, y], sky, shot, ripple, light, frame, beside
                    )
                    if side * lean > GROWTH_SIGMA:
                        rejected[y, frame, beside] = FLANK
                        touched[y, beside] = FLANK


@njit(cache=True, nogil=True)
def _lean(values, variances, middle, sky, shot, ripple, near, frame, x):  # type: ignore[no-untyped-def]
    """Compute how many sigma a sample is above the mean of all frames, averaged over the planes."""
    n_planes = values.shape[0]
    total = 0.0
    for plane in range(n_planes):
        extra = _extra_variance(middle[plane, x], sky[plane], shot[plane], ripple, near)
        sigma = math.sqrt(variances[plane, frame] + extra)
        total += (values[plane, frame, x] - middle[plane, x]) / sigma
    return total / n_planes


@njit(cache=True, nogil=True)
def take_out(  # type: ignore[no-untyped-def]
    values, covered, weights, rejected, why, columns, sums, shares, lost, out
):
    """Remove the samples that were rejected for the reason ``why`` from the means of some columns.

    ``out`` (planes, width) has the weighted means without what was removed before. Only the
    rejected samples are looked up, because the others are scattered over the memory. A pixel that
    would lose all samples keeps what it had: two that contradict each other. ``lost`` (width,)
    grows by the light that a pixel loses, with the ``shares`` (planes,) of the planes. ``sums`` is
    scratch, float64 (2 + planes, width).
    """
    n_planes, n_frames, _ = values.shape
    sums[:, : columns.size] = 0.0
    left, gone = sums[0], sums[1]
    for frame in range(n_frames):
        x0, x1, share = covered[frame, 0], covered[frame, 1], weights[frame]
        for index in range(columns.size):
            x = columns[index]
            if x0 <= x < x1 and rejected[frame, x] == 0:
                left[index] += share
            elif rejected[frame, x] == why:
                gone[index] += share
                for plane in range(n_planes):
                    sums[2 + plane, index] += share * values[plane, frame, x]
    for index in range(columns.size):
        if left[index] > 0.0:
            x, before = columns[index], left[index] + gone[index]
            for plane in range(n_planes):
                kept = (before * out[plane, x] - sums[2 + plane, index]) / left[index]
                lost[x] += shares[plane] * (out[plane, x] - kept)
                out[plane, x] = kept


@njit(cache=True, nogil=True)
def clear(rejected, columns):  # type: ignore[no-untyped-def]
    """Clear the marks (frames, width) in some columns."""
    for frame in range(rejected.shape[0]):
        for x in columns:
            rejected[frame, x] = 0


@njit(cache=True, nogil=True)
def columns_with(touched, bits, columns):  # type: ignore[no-untyped-def]
    """Return the columns where ``touched`` has any of the ``bits``; a part of ``columns``
    (width,)."""
    count = 0
    for x in range(touched.size):
        if touched[x] & bits:
            columns[count] = x
            count += 1
    return columns[:count]
