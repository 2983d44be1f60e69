"""Maps where stars shine, from a few registered frames; the loops are in star_light.c."""

from __future__ import annotations

import numpy as np

from crowdsky.base.compiled import (
    FLOAT32,
    FLOAT32_OUT,
    FLOAT64,
    INT32_OUT,
    SIZE,
    check_shape,
    compiled,
)

_lower_medians = compiled(
    "lower_medians",
    *(FLOAT32, SIZE, SIZE, SIZE, FLOAT64, FLOAT64, FLOAT64),
    *(SIZE, FLOAT32_OUT, SIZE, SIZE, FLOAT32_OUT, INT32_OUT),
)
_highest_within = compiled("highest_within", FLOAT32, SIZE, SIZE, SIZE, FLOAT32_OUT, FLOAT32_OUT)


def lower_medians(
    frames: np.ndarray,
    inverses: np.ndarray,
    scales: np.ndarray,
    levels: np.ndarray,
    first: int,
    light: np.ndarray,
) -> None:
    """Compute the lower median of what several frames show above the sky, on the stack's cells.

    Args:
        frames: float32 (frames, rows, columns), each the means of 2x2 pixels, ADU.
        inverses: float64 (frames, 6) transforms (a, b, c, d, e, f) from stack to frame pixels.
        scales: float64 (frames,) factors on the values.
        levels: float64 (frames, 3) sky to subtract afterwards: constant, per x, per y of the stack.
        first: row of cells of the stack that is the first of ``light``.
        light: float32 (rows, columns) for the cells of 2x2 stack pixels, 0 where no frame covers
            them. Of an even number of frames the lower of the middle two counts, so that light in
            one of two frames is no star.

    Raises:
        ValueError: shapes do not match, or there is no cell.
    """
    count, rows, columns = frames.shape
    light_rows, width = light.shape
    if frames.size == 0:
        raise ValueError(f"frames without a cell: shape {frames.shape}")
    check_shape("inverses", inverses, (count, 6))
    check_shape("scales", scales, (count,))
    check_shape("levels", levels, (count, 3))
    values, seen = np.empty((count, width), np.float32), np.empty(width, np.int32)
    _lower_medians(
        frames, count, rows, columns, inverses, scales, levels,
        first, light, light_rows, width, values, seen,
    )  # fmt: skip


def highest_within(light: np.ndarray, reach: int, across: np.ndarray, out: np.ndarray) -> None:
    """Compute the highest value within ``reach`` cells along x and y, at least 0.

    ``light``, ``across`` (scratch) and ``out`` are float32 (rows, columns), three arrays.

    Raises:
        ValueError: shapes differ.
    """
    rows, columns = light.shape
    check_shape("across", across, light.shape)
    check_shape("out", out, light.shape)
    _highest_within(light, rows, columns, reach, across, out)
