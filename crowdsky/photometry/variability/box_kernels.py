"""Boxes of phase in the light of many stars at once; the loops are in ``box_kernels.c``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.base.compiled import (
    FLOAT32,
    FLOAT32_OUT,
    FLOAT64,
    INT,
    INT32,
    INT32_OUT,
    SIZE,
    check_shape,
    compiled,
)

BINS_PER_BOX = 3
LEAST_NIGHTS = 3
_LANES = 32
_CHUNK = 128
"""Number of periods that are folded together, so that the light of a block stays in the cache."""

_fold = compiled(
    "fold_epochs", FLOAT64, INT32, SIZE, FLOAT64, INT32, SIZE, INT, SIZE, INT32_OUT, INT32_OUT,
    INT32_OUT, INT32_OUT,
)  # fmt: skip
_best = compiled(
    "best_boxes", FLOAT32, FLOAT32, FLOAT32, SIZE, INT32, INT32, INT32, INT32, SIZE, SIZE, INT,
    FLOAT32_OUT, FLOAT32_OUT, INT32_OUT, INT32_OUT,
)  # fmt: skip


class Boxes(NamedTuple):
    """The best box of each star, arrays (n,).

    power   -- by how much it lowers chi-square; 0 without any in which light is lost
    period  -- days
    begin, duration -- of the box, days from time 0
    searched        -- number of boxes with light enough, per star; a number
    """

    power: FloatArray
    period: FloatArray
    begin: FloatArray
    duration: FloatArray
    searched: int


def best_boxes(
    times: FloatArray,
    night: NDArray[np.int64],
    mags: FloatArray,
    weights: FloatArray,
    periods: FloatArray,
    duration: float,
) -> Boxes:
    """Find the box that explains each light curve best.

    Args:
        times: (m,) days, in order.
        night: (m,) numbers of the nights; a box has points of LEAST_NIGHTS or more.
        mags, weights: (n, m); what has weight 0 counts for nothing.
        periods: (p,) days, several durations long.
        duration: of the boxes, days; it is stretched to whole bins of phase.
    """
    check_shape("night", night, times.shape)
    check_shape("mags", mags, (len(mags), len(times)))
    check_shape("weights", weights, mags.shape)
    n_bins = np.ceil(periods * (BINS_PER_BOX / duration)).astype(np.int32)
    if len(n_bins) and n_bins.min() <= BINS_PER_BOX:
        raise ValueError(f"a period is not longer than a box of {duration:.3g} d")
    pull, weight, total = _side_by_side(mags, weights)
    blocks, epochs = len(pull), len(times)
    most = int(n_bins.max(initial=BINS_PER_BOX))
    power = np.zeros((blocks, _LANES), dtype=np.float32)
    box, number = np.zeros((2, blocks, _LANES), dtype=np.int32)
    bins = np.empty((_CHUNK, epochs), dtype=np.int32)
    begins = np.empty((_CHUNK, most), dtype=np.int32)
    counts, scratch = np.zeros(_CHUNK, dtype=np.int32), np.empty(2 * most, dtype=np.int32)
    cells = np.zeros((most + BINS_PER_BOX - 1) * 2 * _LANES, dtype=np.float32)
    when, nights = np.ascontiguousarray(times), night.astype(np.int32)
    searched = 0
    for first in range(0, len(periods), _CHUNK):
        some = np.ascontiguousarray(periods[first : first + _CHUNK])
        parts = np.ascontiguousarray(n_bins[first : first + _CHUNK])
        _fold(
            when, nights, epochs, some, parts, len(some), LEAST_NIGHTS, most, bins, begins,
            counts, scratch,
        )  # fmt: skip
        searched += int(counts[: len(some)].sum())
        for block in range(blocks):
            _best(
                pull[block], weight[block], total[block], epochs, bins, parts, begins, counts,
                len(some), most, first, cells, power[block], box[block], number[block],
            )  # fmt: skip
    chosen = number.ravel()[: len(mags)]
    period = periods[chosen] if len(periods) else np.full(len(mags), np.nan)
    width = period / n_bins[chosen] if len(periods) else period
    return Boxes(
        power=power.ravel()[: len(mags)].astype(np.float64),
        period=period,
        begin=box.ravel()[: len(mags)] * width,
        duration=BINS_PER_BOX * width,
        searched=searched,
    )


def _side_by_side(
    mags: FloatArray, weights: FloatArray
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Lay stars side by side: pulls, weights (blocks, m, lanes), and sums of weights.

    A pull is the weight times the magnitude about the star's weighted mean.
    """
    blocks, epochs = -(-len(mags) // _LANES), mags.shape[1]
    there = np.where(weights > 0.0, mags, 0.0)
    sums = np.sum(weights, axis=1)
    mean = np.sum(weights * there, axis=1) / np.where(sums > 0.0, sums, 1.0)
    lanes = np.zeros((2, blocks * _LANES, epochs), dtype=np.float32)
    lanes[0, : len(mags)] = weights * (there - mean[:, None])
    lanes[1, : len(mags)] = weights
    pull, weight = np.ascontiguousarray(
        lanes.reshape(2, blocks, _LANES, epochs).transpose(0, 1, 3, 2)
    )
    total = np.zeros((blocks, _LANES), dtype=np.float32)
    total.flat[: len(mags)] = sums
    return pull, weight, total
