"""Compiled kernels of the clipped mean, which combines the samples of many frames into a pixel.

All samples of a row are averaged, and a few pixels are marked as suspicious, in loops that the
compiler vectorises. Only those are examined closely (``kernels.reject``).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from crowdsky.stacking.kernels.median import room_for
from crowdsky.stacking.kernels.reject import (
    BATCH,
    FLANK,
    GROWTH_PX,
    OUTLIER,
    clear,
    columns_with,
    grow_row,
    near_of_row,
    reject_row,
    take_out,
)
from crowdsky.stacking.kernels.variance import leave_out, sums_of_row, variance_of_row

_CUT = {"contract", "nsz", "arcp"}

SUSPICION = 0.93
"""Share of the limit about the mean from which a sample makes its pixel suspicious."""
FEW = 6
"""Number of samples up to which two outliers can hide in the mean: their spread is judged
instead."""


@njit(cache=True, nogil=True, fastmath=_CUT)
def _mean_row(values, covered, weights, total, weight, count):  # type: ignore[no-untyped-def]
    """Compute mean, sum of weights and number of frames of every pixel of a row, without
    rejection."""
    total[:] = np.float32(0.0)
    weight[:] = np.float32(0.0)
    count[:] = 0
    for frame in range(values.shape[0]):
        x0, x1 = covered[frame, 0], covered[frame, 1]
        share = weights[frame]
        source = values[frame, x0:x1]
        into, gained, seen = total[x0:x1], weight[x0:x1], count[x0:x1]
        for x in range(source.size):
            into[x] += share * np.float32(source[x])
            gained[x] += share
            seen[x] += 1
    for x in range(total.size):
        total[x] = total[x] / weight[x] if count[x] > 0 else np.float32(0.0)


@njit(cache=True, nogil=True, fastmath=_CUT)
def _excess_row(values, covered, weights, variances, limit, mean, excess):  # type: ignore[no-untyped-def]
    """Compute how far the worst sample of each pixel exceeds ``limit`` sigma of its frame's sky.

    The limit is for the distance from the mean, which a sample attracts according to its share.
    """
    excess[:] = -np.float32(math.inf)
    total = weights.sum()
    for frame in range(values.shape[0]):
        x0, x1 = covered[frame, 0], covered[frame, 1]
        reach = limit * (1.0 - weights[frame] / total)
        allowed = np.float32(reach * reach * variances[frame])
        source, middle, worst = values[frame, x0:x1], mean[x0:x1], excess[x0:x1]
        for x in range(source.size):
            off = np.float32(source[x]) - middle[x]
            over = off * off - allowed
            worst[x] = max(worst[x], over)


@njit(cache=True, nogil=True, fastmath=_CUT)
def _spread_row(values, covered, low, spread):  # type: ignore[no-untyped-def]
    """Compute the squared difference between the highest and the lowest sample of each pixel."""
    low[:] = np.float32(math.inf)
    spread[:] = -np.float32(math.inf)
    for frame in range(values.shape[0]):
        x0, x1 = covered[frame, 0], covered[frame, 1]
        source, least, most = values[frame, x0:x1], low[x0:x1], spread[x0:x1]
        for x in range(source.size):
            value = np.float32(source[x])
            least[x] = min(least[x], value)
            most[x] = max(most[x], value)
    for x in range(low.size):
        spread[x] = (spread[x] - low[x]) * (spread[x] - low[x])


@njit(cache=True, nogil=True, fastmath=_CUT)
def _suspect_row(  # type: ignore[no-untyped-def]
    values, covered, weights, variances, limit, mean, sky, shot, ripple, near, seen, scratch,
    excess, odd,
):  # fmt: skip
    """Set ``odd`` to 1 where a row may have an outlier, else to 0; a fast test that few pass."""
    n_frames = values.shape[0]
    few = n_frames <= FEW
    if few:
        _spread_row(values, covered, scratch, excess)
        reach, quiet = np.float32(limit), np.float32(variances.min())
    else:
        reach = np.float32(SUSPICION * limit)
        quiet = np.float32(0.0)
        _excess_row(values, covered, weights, variances, reach, mean, excess)
        reach *= np.float32(1.0 - weights.max() / weights.sum())
    allowed, dark = reach * reach, np.float32(sky)
    per_light, per_square = np.float32(shot), np.float32(ripple * ripple)
    for x in range(mean.size):
        # Unlike ``_extra_variance``, in single precision and without a branch.
        light = max(mean[x] - dark, np.float32(0.0))
        moved = max(light, near[x])
        extra = quiet + light * per_light + per_square * (moved * moved)
        passes = (excess[x] > allowed * extra) | (not few and seen[x] <= FEW)
        odd[x] = passes & (seen[x] > 1)


@njit(cache=True, nogil=True)
def combine_band(  # type: ignore[no-untyped-def]
    values, covered, weights, variances, terms, limit, sky, shot, ripple, near, first, rejected,
    shares, lost, out, footprint, variance, gone,
):  # fmt: skip
    """Compute the clipped mean of a band of registered frames.

    Args:
        values: float32 or int16 (rows, planes, frames, width), normalised.
        covered: int32 (rows, frames, 2), the columns [first, end) that each frame covers.
        weights: float32 (frames,).
        variances: float32 (planes, frames), variance of the normalised sky.
        terms: float64 (1 + 2 planes, frames), see ``variance_of_row`` in ``kernels.variance``.
        limit: rejection limit in sigma; 0 or less rejects nothing.
        sky: (planes,) level of the sky.
        shot, ripple: see ``_extra_variance`` in ``kernels.reject``; ``shot`` is (planes,).
        near: float32, the light of stars within reach, in cells of 2x2 pixels of the stack.
        first: row of the stack that is the first of the band.
        rejected: scratch, uint8 (rows, frames, width), zeros before and after.
        shares: (planes,) share of each plane in ``lost``.
        lost: float32 (rows, width), grows by the light that rejection takes away.
        out: float32 (planes, rows, width), 0 where no frame covers a pixel.
        footprint: int32 (rows, width), number of frames that cover a pixel.
        variance: float32 (planes, rows, width), that of ``out``.
        gone: uint8 (rows, width), number of samples that a pixel lost by rejection, zeros before.
    """
    n_rows, n_planes, n_frames, width = values.shape
    weight = np.empty(width, np.float32)
    excess = np.empty(width, np.float32)
    odd, columns = np.empty(width, np.uint8), np.empty(width, np.int64)
    samples = np.empty((BATCH, n_frames), np.float32)
    scratch = np.empty(room_for(n_frames), np.float32)
    sums = np.empty((2 + n_planes, width), np.float64)
    near_row = np.empty(width, np.float32)
    of_frames = np.empty((1 + 2 * n_planes, width + 1), np.float64)
    clips = limit > 0.0 and n_frames > 1
    touched = np.zeros((n_rows, width), np.uint8)
    # Growth and the last averaging follow a few rows behind, while their samples are still in the
    # processor's cache.
    for row in range(n_rows + 2 * GROWTH_PX):
        if row < n_rows:
            seen = footprint[row]
            if clips:
                near_of_row(near, first + row, near_row)
            for plane in range(n_planes):
                mean = out[plane, row]
                _mean_row(values[row, plane], covered[row], weights, mean, weight, seen)
                if not clips:
                    continue
                _suspect_row(
                    values[row, plane], covered[row], weights, variances[plane], limit, mean,
                    sky[plane], shot[plane], ripple, near_row, seen, weight, excess, odd,
                )  # fmt: skip
                reject_row(
                    values[row, plane], covered[row], variances[plane], limit,
                    sky[plane], shot[plane], ripple, near_row, columns_with(odd, 1, columns),
                    samples, scratch, rejected[row], touched[row],
                )  # fmt: skip
            if clips:
                take_out(
                    values[row], covered[row], weights, rejected[row], OUTLIER,
                    columns_with(touched[row], OUTLIER, columns), sums, shares, lost[row],
                    out[:, row],
                )  # fmt: skip
        core = row - GROWTH_PX
        if clips and 0 <= core < n_rows:
            grow_row(
                values, covered, variances, sky, shot, ripple, near, first, out, core,
                columns_with(touched[core], OUTLIER | FLANK, columns), rejected, touched,
            )  # fmt: skip
        done = row - 2 * GROWTH_PX
        if done < 0:
            continue
        sums_of_row(covered[done], terms, of_frames)
        if clips:
            take_out(
                values[done], covered[done], weights, rejected[done], FLANK,
                columns_with(touched[done], FLANK, columns), sums, shares, lost[done],
                out[:, done],
            )  # fmt: skip
            changed = columns_with(touched[done], OUTLIER | FLANK, columns)
            leave_out(covered[done], terms, rejected[done], changed, of_frames, gone[done])
            clear(rejected[done], changed)
        variance_of_row(of_frames, footprint[done], out[:, done], sky, variance[:, done])
