"""Resamples finished stacks onto each other and averages them; the loops are in merge.c."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.base.compiled import (
    DOUBLE,
    FLOAT32,
    FLOAT32_OUT,
    FLOAT64,
    INT32,
    INT32_OUT,
    INT64,
    SIZE,
    UINT8_OUT,
    check_shape,
    compiled,
)
from crowdsky.stacking.kernels.median import room_for
from crowdsky.stacking.kernels.samples import Transform

_sample_band = compiled(
    "sample_band",
    *(FLOAT32, INT32, INT64, SIZE, FLOAT64, FLOAT32, DOUBLE, FLOAT64, SIZE),
    *(FLOAT32_OUT, INT32_OUT, SIZE, SIZE),
)
_nearest_band = compiled(
    "nearest_band", FLOAT32, INT64, SIZE, FLOAT64, SIZE, FLOAT32_OUT, SIZE, SIZE
)
_merge_band = compiled(
    "merge_band",
    *(FLOAT32, INT32, INT64, FLOAT64, FLOAT64, DOUBLE, FLOAT64, FLOAT64, DOUBLE, FLOAT32),
    *(SIZE, SIZE, FLOAT32_OUT, INT32_OUT, UINT8_OUT, FLOAT32_OUT),
)


@dataclass(frozen=True, slots=True)
class MergeRules:
    """How samples of stacks are averaged and rejected.

    ``shares`` (stacks,) is the weight of one sub of each stack, ``variances`` (stacks, planes) the
    variance of a pixel of empty sky for one sub. ``limit`` is the distance from the median, in
    sigma, above which a sample is rejected; 0 for none. ``sky`` and ``shot`` (planes,) are the
    level of the sky, and the variance that an ADU of light adds per sub; ``ripple`` is the scatter
    of stars between stacks, relative to the light ``near`` by: float32, the light of stars within
    reach, in cells of 2x2 pixels of the deep stack.
    """

    shares: np.ndarray
    variances: np.ndarray
    limit: float
    sky: np.ndarray
    shot: np.ndarray
    ripple: float
    near: np.ndarray


def sample_band(
    source: np.ndarray,
    counts: np.ndarray,
    top: int,
    inverse: Transform,
    taps: np.ndarray,
    scale: float,
    sky: np.ndarray,
    y0: int,
    out: np.ndarray,
    seen: np.ndarray,
) -> None:
    """Resample one stack for a band of rows of the deep one.

    Args:
        source: float32 (planes, rows, columns), rows of the stack from ``top``.
        counts: int32 (rows, columns), its footprint; a pixel that touches a 0 is not covered.
        top: row of the stack that is the first of ``source``.
        inverse: (a, b, c, d, e, f) from deep to stack pixels.
        taps: float32 (4, 4), polynomials that are the weights of the four taps.
        scale: factor on the values.
        sky: float64 (planes, 3) to subtract afterwards: constant, per x, per y of the deep stack.
        y0: row of the deep stack that is the first of ``out``.
        out: float32 (planes, output rows, output columns), written where covered.
        seen: int32 (output rows, output columns), subs that cover the pixel, 0 for none.

    Raises:
        ValueError: shapes do not match.
    """
    n_planes, rows, columns = source.shape
    check_shape("counts", counts, (rows, columns))
    check_shape("taps", taps, (4, 4))
    check_shape("sky", sky, (n_planes, 3))
    check_shape("out", out, (n_planes, *seen.shape))
    _sample_band(
        source, counts, np.array(source.shape), top, np.array(inverse, np.float64), taps, scale,
        np.ascontiguousarray(sky, np.float64), y0, out, seen, *seen.shape,
    )  # fmt: skip


def nearest_band(
    source: np.ndarray, top: int, inverse: Transform, y0: int, out: np.ndarray
) -> None:
    """Take the nearest pixels of a stack for a band of rows of the deep one.

    ``source`` is float32 (planes, rows, columns), rows of the stack from ``top``; ``out`` is
    float32 (planes, output rows, output columns), left as it is outside the stack. Raises
    ValueError when they differ in planes.
    """
    check_shape("out", out, (len(source), *out.shape[1:]))
    _nearest_band(
        source, np.array(source.shape), top, np.array(inverse, np.float64), y0, out, *out.shape[1:]
    )


def merge_band(
    values: np.ndarray, seen: np.ndarray, rules: MergeRules, first: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Average the samples of a band, each weighted by the share of its stack times its subs.

    Args:
        values: float32 (stacks, planes, rows, columns), on one scale and sky.
        seen: int32 (stacks, rows, columns), subs behind a sample, 0 for none.
        rules: see there.
        first: row of the deep stack that is the first of the band.

    Returns:
        float32 (planes, rows, columns), 0 where nothing is covered; int32 (rows, columns), the subs
        that cover a pixel; and bool (stacks, rows, columns), whether a sample is in the mean.

    Raises:
        ValueError: shapes do not match.
    """
    n_stacks, n_planes, *size = values.shape
    check_shape("seen", seen, (n_stacks, *size))
    _check_planes(rules, n_stacks, n_planes)
    near = rules.near
    rows, columns = size
    if rules.limit > 0.0 and (
        len(near) < (first + rows + 1) // 2 or near.shape[1] < (columns + 1) // 2
    ):
        raise ValueError(f"near {near.shape} for rows up to {first + rows} of {columns}")
    out, footprint = np.empty((n_planes, *size), np.float32), np.empty(size, np.int32)
    taken = np.empty(seen.shape, np.uint8)
    shares, variances, sky, shot = (
        np.ascontiguousarray(numbers, np.float64)
        for numbers in (rules.shares, rules.variances, rules.sky, rules.shot)
    )
    _merge_band(
        values, seen, np.array(values.shape), shares, variances, rules.limit, sky, shot,
        rules.ripple, near, near.shape[1], first, out, footprint, taken,
        np.empty(room_for(n_stacks), np.float32),
    )  # fmt: skip
    return out, footprint, taken.view(np.bool_)


def _check_planes(rules: MergeRules, n_stacks: int, n_planes: int) -> None:
    check_shape("shares", rules.shares, (n_stacks,))
    check_shape("variances", rules.variances, (n_stacks, n_planes))
    check_shape("sky", rules.sky, (n_planes,))
    check_shape("shot", rules.shot, (n_planes,))
