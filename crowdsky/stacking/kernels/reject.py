"""Compiled kernels that find the samples of a row which do not belong there, and take them out.

A sample is rejected when it lies further from the others than the noise of its frame allows. The
noise is known beforehand (the sky noise of the frame and the light of the pixel), so that this
works with three frames as with three hundred, and no scatter has to be estimated from the samples
that are being judged.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from crowdsky.stacking.kernels.median import middle_of

GROWTH_PX = 2
GROWTH_SIGMA = 1.7
"""The flanks of a trail lie below the limit, but they lean the same way as its core."""
BATCH = 64
"""Pixels that are looked at together. Frame after frame is gone through for all of them, since a
pixel's samples lie far apart in memory, but next to those of other pixels of the row."""
OUTLIER, FLANK = 1, 2
"""Why a sample was rejected; of a pixel, the last thing that happened there."""


@njit(cache=True, nogil=True)
def reject_row(  # type: ignore[no-untyped-def]
    values, covered, variances, limit, sky, shot, ripple, suspects, samples, scratch,
    rejected, touched,
):  # fmt: skip
    """Look closely at the suspects of a plane's row and reject what is an outlier.

    ``suspects`` are columns. What crosses a frame (a trail, a cosmic ray) spoils all of its
    colours, so that a sample goes with all its planes. Returns how many samples are rejected that
    were not before.
    """
    found = 0
    for first in range(0, suspects.size, BATCH):
        columns = suspects[first : first + BATCH]
        _gather(values, covered, columns, samples)
        for index in range(columns.size):
            x, line = columns[index], samples[index]
            centre, error = _centre_of(line, variances, sky, scratch)
            extra = error + _extra_variance(centre, sky, shot, ripple)
            for frame in range(line.size):
                off = line[frame] - centre
                outlier = off * off > limit * limit * (variances[frame] + extra)
                if outlier and rejected[frame, x] == 0:
                    rejected[frame, x] = OUTLIER
                    touched[x] = OUTLIER
                    found += 1
    return found


@njit(cache=True, nogil=True)
def _gather(values, covered, columns, samples):  # type: ignore[no-untyped-def]
    """The samples of some columns of a row into ``samples`` (BATCH, frames), NaN for none."""
    for frame in range(values.shape[0]):
        x0, x1 = covered[frame, 0], covered[frame, 1]
        for index in range(columns.size):
            x = columns[index]
            samples[index, frame] = np.float32(values[frame, x]) if x0 <= x < x1 else math.nan


@njit(cache=True, nogil=True)
def _centre_of(samples, variances, sky, scratch):  # type: ignore[no-untyped-def]
    """What the samples of a pixel should be, and the variance of that as far as it counts.

    The median; of two samples the one nearer to the sky, since what should not be there stands
    out from it. NaN stands for a frame that does not cover the pixel.
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
def _extra_variance(level, sky, shot, ripple):  # type: ignore[no-untyped-def]
    """Variance of a sample due to the light of the pixel itself, above that of the sky.

    ``shot`` is the variance per ADU of light; ``ripple`` the relative scatter between frames that
    seeing and registration cause where there is a gradient, as in the cores of stars.
    """
    light = max(level - sky, 0.0)
    return shot * light + (ripple * light) * (ripple * light)


@njit(cache=True, nogil=True)
def grow_row(  # type: ignore[no-untyped-def]
    values, covered, variances, sky, shot, ripple, out, row, columns, rejected, touched
):
    """Reject also the flanks of a row's outliers: what leans the same way next to them.

    ``rejected`` holds OUTLIER and gets FLANK, which does not grow any further; so does
    ``touched`` where something has changed. Returns how many flanks there are.
    """
    n_rows, n_frames, _ = rejected.shape
    found = 0
    for frame in range(n_frames):
        for x in columns:
            if rejected[row, frame, x] != OUTLIER:
                continue
            core = _lean(values[row], variances, out[:, row], sky, shot, ripple, frame, x)
            side = math.copysign(1.0, core)
            for y in range(max(0, row - GROWTH_PX), min(n_rows, row + GROWTH_PX + 1)):
                left = max(covered[y, frame, 0], x - GROWTH_PX)
                for near in range(left, min(covered[y, frame, 1], x + GROWTH_PX + 1)):
                    if rejected[y, frame, near] != 0:
                        continue
                    lean = _lean(values[y], variances, out[:, y], sky, shot, ripple, frame, near)
                    if side * lean > GROWTH_SIGMA:
                        rejected[y, frame, near] = FLANK
                        touched[y, near] = FLANK
                        found += 1
    return found


@njit(cache=True, nogil=True)
def _lean(values, variances, middle, sky, shot, ripple, frame, x):  # type: ignore[no-untyped-def]
    """How many sigma the planes of a sample lie above the mean of all frames, on average."""
    n_planes = values.shape[0]
    total = 0.0
    for plane in range(n_planes):
        extra = _extra_variance(middle[plane, x], sky[plane], shot[plane], ripple)
        sigma = math.sqrt(variances[plane, frame] + extra)
        total += (values[plane, frame, x] - middle[plane, x]) / sigma
    return total / n_planes


@njit(cache=True, nogil=True)
def take_out(values, covered, weights, rejected, why, columns, sums, out):  # type: ignore[no-untyped-def]
    """Take the samples that were rejected for this reason out of the means of a row's columns.

    ``out`` (planes, width) holds the weighted means without what was taken out before. Only the
    rejected samples are looked up: the others lie all over the memory. A pixel that would lose
    all samples keeps what it had: two that contradict each other. ``sums`` is scratch, float64
    (2 + planes, width).
    """
    n_planes, n_frames, _ = values.shape
    sums[:, : columns.size] = 0.0
    left, lost = sums[0], sums[1]
    for frame in range(n_frames):
        x0, x1, share = covered[frame, 0], covered[frame, 1], weights[frame]
        for index in range(columns.size):
            x = columns[index]
            if x0 <= x < x1 and rejected[frame, x] == 0:
                left[index] += share
            elif rejected[frame, x] == why:
                lost[index] += share
                for plane in range(n_planes):
                    sums[2 + plane, index] += share * values[plane, frame, x]
    for index in range(columns.size):
        if left[index] > 0.0:
            x, before = columns[index], left[index] + lost[index]
            for plane in range(n_planes):
                out[plane, x] = (before * out[plane, x] - sums[2 + plane, index]) / left[index]


@njit(cache=True, nogil=True)
def clear(rejected, columns):  # type: ignore[no-untyped-def]
    """Take the marks (frames, width) away at some columns."""
    for frame in range(rejected.shape[0]):
        for x in columns:
            rejected[frame, x] = 0


@njit(cache=True, nogil=True)
def columns_with(touched, bits, columns):  # type: ignore[no-untyped-def]
    """The columns where ``touched`` has any of the ``bits``; a part of ``columns`` (width,)."""
    count = 0
    for x in range(touched.size):
        if touched[x] & bits:
            columns[count] = x
            count += 1
    return columns[:count]
