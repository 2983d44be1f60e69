"""The median: of a list of values, and of a band of frames; the loops are in median.c."""

from __future__ import annotations

import ctypes

import numpy as np

from crowdsky.base.compiled import (
    DOUBLE,
    FLOAT32_OUT,
    FLOAT64,
    INT32_OUT,
    SIZE,
    check_shape,
    compiled,
)
from crowdsky.stacking.kernels.combine import Picture
from crowdsky.stacking.kernels.samples import Samples

STEP = 32
"""Number of values that are counted at a time, MEDIAN_STEP of ``median.h``."""

_median = compiled("median", FLOAT32_OUT, SIZE, returns=DOUBLE)
_median_band = compiled(
    "median_band",
    *(ctypes.c_void_p, SIZE, SIZE, SIZE, SIZE, FLOAT64, FLOAT64, FLOAT64),
    *(FLOAT32_OUT, INT32_OUT, FLOAT32_OUT, FLOAT32_OUT),
)


def room_for(count: int) -> int:
    """Return the length of the scratch for a median of so many values."""
    return -(-count // STEP) * STEP


def middle_of(values: np.ndarray, count: int) -> float:
    """Compute the median of the first ``count`` values: at least one, and none NaN.

    ``values`` is scratch that is overwritten: float32 of the length of ``room_for``. Raises
    ValueError when it is shorter, or there is no value.
    """
    if not 1 <= count <= room_for(count) <= values.size:
        raise ValueError(f"a median of {count} of {values.size} numbers")
    return float(_median(values, count))


def median_band(
    samples: Samples,
    row: int,
    count: int,
    first: int,
    terms: np.ndarray,
    excess: np.ndarray,
    sky: np.ndarray,
    picture: Picture,
) -> None:
    """Compute the median of a band of registered frames, and its variance.

    Args:
        samples: ``count`` rows from ``row`` on are combined, rows of the picture from ``first`` on.
        terms: float64 (2 planes, frames), in numbers of the samples: 1 / sigma of the sky, and the
            variance that an ADU of light adds over that of the sky.
        excess: float64 (frames + 1,) variance of the median of so many frames over that of their
            mean.
        sky: float64 (planes,) level of the sky, in numbers.
        picture: filled; its variance is 0 where no frame is, or the noise of one is unknown.

    Raises:
        ValueError: shapes do not match.
    """
    n_planes, height, width = picture.planes.shape
    n_frames = samples.n_frames
    samples.check_rows(row, count)
    if (samples.n_planes, samples.width) != (n_planes, width) or not 0 <= first <= height - count:
        raise ValueError(f"{count} rows of {samples.values.shape} for {picture.planes.shape}")
    check_shape("terms", terms, (2 * n_planes, n_frames))
    check_shape("excess", excess, (n_frames + 1,))
    check_shape("sky", sky, (n_planes,))
    check_shape("footprint", picture.footprint, (height, width))
    check_shape("variance", picture.variance, picture.planes.shape)
    _median_band(
        samples.pointer, row, count, first, height, terms, excess, sky, picture.planes,
        picture.footprint, picture.variance, np.empty(room_for(n_frames), np.float32),
    )  # fmt: skip
