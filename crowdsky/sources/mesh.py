"""Statistics of the boxes of a picture, and a surface through them; the loops are in mesh.c."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.base.compiled import (
    FLOAT32,
    FLOAT32_OUT,
    FLOAT64,
    FLOAT64_OUT,
    SIZE,
    UINT8,
    check_shape,
    compiled,
)

LANES = 16
"""Number of values that are summed up at a time, LANES of mesh.c."""

_box_skies = compiled(
    "box_skies", FLOAT32, UINT8, SIZE, SIZE, SIZE, FLOAT64_OUT, FLOAT64_OUT, FLOAT32_OUT
)
_spread_mesh = compiled(
    "spread_mesh", FLOAT64, SIZE, SIZE, SIZE, FLOAT32_OUT, SIZE, SIZE, FLOAT64_OUT
)


def box_skies(
    picture: NDArray[np.float32], uncovered: BoolArray | None, box_px: int
) -> tuple[FloatArray, FloatArray]:
    """Measure sky and its standard deviation in boxes, from the lower edge of rows and columns on.

    Args:
        picture: float32 (height, width), C-contiguous. Values that are no numbers do not count.
        uncovered: bool of the same shape, pixels that do not count; None for none.
        box_px: side of a box in pixels.

    Returns two float64 arrays (rows, columns), NaN for a box of which less than half counts.
    Raises ValueError for a picture without a pixel, or a mask of another shape.
    """
    height, width = picture.shape
    if picture.size == 0 or box_px < 1:
        raise ValueError(f"no boxes of {box_px} pixels in a picture of shape {picture.shape}")
    mask = np.zeros(picture.shape, np.bool_) if uncovered is None else uncovered
    check_shape("uncovered", mask, picture.shape)
    mesh = (-(-height // box_px), -(-width // box_px))
    levels, noise = np.empty(mesh), np.empty(mesh)
    values = np.empty(box_px**2 + LANES, np.float32)
    _box_skies(
        picture, np.ascontiguousarray(mask).view(np.uint8), height, width, box_px, levels, noise,
        values,
    )  # fmt: skip
    return levels, noise


def spread_mesh(mesh: FloatArray, shape: tuple[int, int], box_px: int) -> NDArray[np.float32]:
    """Return the bicubic natural spline through the middles of boxes, at every pixel.

    ``mesh`` is float64 (rows, columns), a value per box of ``box_px`` pixels, and ``shape`` the
    (height, width) of the picture that the boxes cover. Raises ValueError if they do not.
    """
    height, width = shape
    rows, columns = -(-height // box_px), -(-width // box_px)
    check_shape("mesh", mesh, (rows, columns))
    out = np.empty(shape, np.float32)
    scratch = np.empty(rows * columns + 2 * columns + max(rows, columns))
    _spread_mesh(np.ascontiguousarray(mesh), rows, columns, box_px, out, height, width, scratch)
    return out
