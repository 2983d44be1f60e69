"""Points that are far off by themselves: no star fades for one stack between two normal ones."""

from __future__ import annotations

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray

QUIET_SIGMA = 3.0
LONE_SIGMA = 4.0
NEIGHBOUR_D = 0.065


def lone_points(deviations: FloatArray, times: FloatArray) -> BoolArray:
    """Return which points are bad ones, (n, m).

    Args:
        deviations: from the median in errors, a row per star, (n, m); NaN where nothing was
            measured.
        times: of the columns, days, in order.

    If most points of a star have neighbours, those without count as single, too; if not, nothing is
    known of them.
    """
    count, columns = len(deviations), np.arange(len(times))
    there = np.isfinite(deviations)
    quiet = there & (np.abs(deviations) < QUIET_SIGMA)
    last = np.maximum.accumulate(np.where(there, columns, -1), axis=1)
    following = np.where(there, columns, len(times))[:, ::-1]
    following = np.minimum.accumulate(following, axis=1)[:, ::-1]
    none = np.ones((count, 1), dtype=np.int64)
    before = np.concatenate([-none, last[:, :-1]], axis=1)
    after = np.concatenate([following[:, 1:], len(times) * none], axis=1)
    near = np.zeros((2, *there.shape), dtype=bool)
    normal = np.ones((2, *there.shape), dtype=bool)
    for side, place in enumerate((before, after)):
        known = (place >= 0) & (place < len(times))
        at = np.clip(place, 0, max(len(times) - 1, 0))
        near[side] = there & known & (np.abs(times[at] - times[columns]) <= NEIGHBOUR_D)
        normal[side] = ~near[side] | np.take_along_axis(quiet, at, axis=1)
    accompanied = near.any(axis=0)
    usual = accompanied.sum(axis=1) > 0.5 * there.sum(axis=1)
    far = there & (np.abs(np.where(there, deviations, 0.0)) > LONE_SIGMA)
    return np.asarray(far & normal.all(axis=0) & (accompanied | usual[:, None]))
