"""Compiled kernels that make one pixel out of many frames' values: rejection, mean and median.

A sample is rejected when it lies further from the others than the noise of its frame allows. The
noise is known beforehand (the sky noise of the frame and the light of the pixel), so that this
works with three frames as with three hundred, and no scatter has to be estimated from the samples
that are being judged.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from worker.stacking.kernels_median import middle_of, room_for

_CUT = {"contract", "nsz", "arcp"}

SUSPICION = 0.93
"""A pixel is looked at closely when a sample passes this part of the limit about the mean."""
GROWTH_PX = 2
GROWTH_SIGMA = 1.7
"""The flanks of a trail lie below the limit, but they lean the same way as its core."""
FEW = 6
"""Among so few samples two outliers can hide in the mean: the whole spread is judged instead."""
BATCH = 64
"""Pixels that are looked at together. Frame after frame is gone through for all of them, since a
pixel's samples lie far apart in memory, but next to those of other pixels of the row."""
_OUTLIER, _FLANK = 1, 2
"""Why a sample was rejected; of a pixel, the last thing that happened there."""


@njit(cache=True, nogil=True, fastmath=_CUT)
def _mean_row(values, covered, weights, total, weight, count):  # type: ignore[no-untyped-def]
    """Weighted sum / sum of weights / number of frames of every pixel of a row, no rejection."""
    total[:] = np.float32(0.0)
    weight[:] = np.float32(0.0)
    count[:] = 0
    for frame in range(values.shape[0]):
        x0, x1 = covered[frame, 0], covered[frame, 1]
        share = weights[frame]
        source = values[frame, x0:x1]
        into, gained, seen = total[x0:x1], weight[x0:x1], count[x0:x1]
        for x in range(source.size):
            into[x] += share * source[x]
            gained[x] += share
            seen[x] += 1
    for x in range(total.size):
        total[x] = total[x] / weight[x] if count[x] > 0 else np.float32(0.0)


@njit(cache=True, nogil=True, fastmath=_CUT)
def _excess_row(values, covered, variances, limit, mean, excess):  # type: ignore[no-untyped-def]
    """By how much the worst sample of each pixel passes ``limit`` sigma of its frame's sky."""
    excess[:] = -np.float32(math.inf)
    for frame in range(values.shape[0]):
        x0, x1 = covered[frame, 0], covered[frame, 1]
        allowed = np.float32(limit * limit * variances[frame])
        source, middle, worst = values[frame, x0:x1], mean[x0:x1], excess[x0:x1]
        for x in range(source.size):
            off = source[x] - middle[x]
            over = off * off - allowed
            worst[x] = max(worst[x], over)


@njit(cache=True, nogil=True, fastmath=_CUT)
def _spread_row(values, covered, low, spread):  # type: ignore[no-untyped-def]
    """Squared difference between the highest and the lowest sample of each pixel."""
    low[:] = np.float32(math.inf)
    spread[:] = -np.float32(math.inf)
    for frame in range(values.shape[0]):
        x0, x1 = covered[frame, 0], covered[frame, 1]
        source, least, most = values[frame, x0:x1], low[x0:x1], spread[x0:x1]
        for x in range(source.size):
            least[x] = min(least[x], source[x])
            most[x] = max(most[x], source[x])
    for x in range(low.size):
        spread[x] = (spread[x] - low[x]) * (spread[x] - low[x])


@njit(cache=True, nogil=True)
def _extra_variance(level, sky, shot, ripple):  # type: ignore[no-untyped-def]
    """Variance of a sample due to the light of the pixel itself, above that of the sky.

    ``shot`` is the variance per ADU of light; ``ripple`` the relative scatter between frames that
    seeing and registration cause where there is a gradient, as in the cores of stars.
    """
    light = max(level - sky, 0.0)
    return shot * light + (ripple * light) * (ripple * light)


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
def _reject_row(  # type: ignore[no-untyped-def]
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
                    rejected[frame, x] = _OUTLIER
                    touched[x] = _OUTLIER
                    found += 1
    return found


@njit(cache=True, nogil=True)
def _gather(values, covered, columns, samples):  # type: ignore[no-untyped-def]
    """The samples of some columns of a row into ``samples`` (BATCH, frames), NaN for none."""
    for frame in range(values.shape[0]):
        x0, x1 = covered[frame, 0], covered[frame, 1]
        for index in range(columns.size):
            x = columns[index]
            samples[index, frame] = values[frame, x] if x0 <= x < x1 else math.nan


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
def _grow_row(  # type: ignore[no-untyped-def]
    values, covered, variances, sky, shot, ripple, out, row, columns, rejected, touched
):
    """Reject also the flanks of a row's outliers: what leans the same way next to them.

    ``rejected`` holds _OUTLIER and gets _FLANK, which does not grow any further; so does
    ``touched`` where something has changed. Returns how many flanks there are.
    """
    n_rows, n_frames, _ = rejected.shape
    found = 0
    for frame in range(n_frames):
        for x in columns:
            if rejected[row, frame, x] != _OUTLIER:
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
                        rejected[y, frame, near] = _FLANK
                        touched[y, near] = _FLANK
                        found += 1
    return found


@njit(cache=True, nogil=True)
def _take_out(values, covered, weights, rejected, why, columns, sums, out):  # type: ignore[no-untyped-def]
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
def _columns_with(touched, bits, columns):  # type: ignore[no-untyped-def]
    """The columns where ``touched`` has any of the ``bits``; a part of ``columns`` (width,)."""
    count = 0
    for x in range(touched.size):
        if touched[x] & bits:
            columns[count] = x
            count += 1
    return columns[:count]


@njit(cache=True, nogil=True)
def combine_band(  # type: ignore[no-untyped-def]
    values, covered, weights, variances, limit, sky, shot, ripple, rejected, out, footprint
):
    """Clipped mean of a band of registered frames.

    Args:
        values: float32 (rows, planes, frames, width), normalised.
        covered: int32 (rows, frames, 2), the columns [first, end) that each frame covers.
        weights: float32 (frames,).
        variances: float32 (planes, frames), variance of the normalised sky.
        limit: rejection limit in sigma; 0 or less rejects nothing.
        sky: (planes,) level of the sky.
        shot, ripple: see ``_extra_variance``; ``shot`` is (planes,).
        rejected: scratch, uint8 (rows, frames, width), zeros before and after.
        out: float32 (planes, rows, width), 0 where no frame covers a pixel.
        footprint: int32 (rows, width), number of frames that cover a pixel.

    Returns:
        The number of samples that were rejected.
    """
    n_rows, n_planes, n_frames, width = values.shape
    weight = np.empty(width, np.float32)
    excess = np.empty(width, np.float32)
    odd, columns = np.empty(width, np.uint8), np.empty(width, np.int64)
    samples = np.empty((BATCH, n_frames), np.float32)
    scratch = np.empty(room_for(n_frames), np.float32)
    sums = np.empty((2 + n_planes, width), np.float64)
    clips = limit > 0.0 and n_frames > 1
    touched = np.zeros((n_rows, width), np.uint8)
    total = 0
    # Growth and the last averaging follow a few rows behind, while their samples are in the
    # processor's cache.
    for row in range(n_rows + 2 * GROWTH_PX):
        if row < n_rows:
            seen = footprint[row]
            for plane in range(n_planes):
                mean = out[plane, row]
                _mean_row(values[row, plane], covered[row], weights, mean, weight, seen)
                if not clips:
                    continue
                _suspect_row(
                    values[row, plane], covered[row], variances[plane], limit, mean,
                    sky[plane], shot[plane], ripple, seen, weight, excess, odd,
                )  # fmt: skip
                total += _reject_row(
                    values[row, plane], covered[row], variances[plane], limit,
                    sky[plane], shot[plane], ripple, _columns_with(odd, 1, columns),
                    samples, scratch, rejected[row], touched[row],
                )  # fmt: skip
            if clips:
                _take_out(
                    values[row], covered[row], weights, rejected[row], _OUTLIER,
                    _columns_with(touched[row], _OUTLIER, columns), sums, out[:, row],
                )  # fmt: skip
        core = row - GROWTH_PX
        if clips and 0 <= core < n_rows:
            total += _grow_row(
                values, covered, variances, sky, shot, ripple, out, core,
                _columns_with(touched[core], _OUTLIER | _FLANK, columns), rejected, touched,
            )  # fmt: skip
        done = row - 2 * GROWTH_PX
        if clips and done >= 0:
            _take_out(
                values[done], covered[done], weights, rejected[done], _FLANK,
                _columns_with(touched[done], _FLANK, columns), sums, out[:, done],
            )  # fmt: skip
            _clear(rejected[done], _columns_with(touched[done], _OUTLIER | _FLANK, columns))
    return total


@njit(cache=True, nogil=True)
def _clear(rejected, columns):  # type: ignore[no-untyped-def]
    """Take the marks (frames, width) away at some columns."""
    for frame in range(rejected.shape[0]):
        for x in columns:
            rejected[frame, x] = 0


@njit(cache=True, nogil=True, fastmath=_CUT)
def _suspect_row(  # type: ignore[no-untyped-def]
    values, covered, variances, limit, mean, sky, shot, ripple, seen, scratch, excess, odd
):
    """Set ``odd`` to 1 where a row may hold an outlier, else to 0; quick, so that few do."""
    n_frames = values.shape[0]
    few = n_frames <= FEW
    if few:
        _spread_row(values, covered, scratch, excess)
        reach, quiet = np.float32(limit), np.float32(variances.min())
    else:
        # An outlier draws the mean of n towards itself by its share.
        reach = np.float32(SUSPICION * limit * (1.0 - 1.0 / n_frames))
        quiet = np.float32(0.0)
        _excess_row(values, covered, variances, reach, mean, excess)
    allowed, dark = reach * reach, np.float32(sky)
    per_light, per_square = np.float32(shot), np.float32(ripple * ripple)
    for x in range(mean.size):
        # In single precision and without a branch, other than in ``_extra_variance``.
        light = max(mean[x] - dark, np.float32(0.0))
        extra = quiet + light * (per_light + per_square * light)
        passes = (excess[x] > allowed * extra) | (not few and seen[x] <= FEW)
        odd[x] = passes & (seen[x] > 1)
