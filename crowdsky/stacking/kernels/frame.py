"""Compiled kernels that measure one frame: its noise, its sky, its defects and its stars.

The loops are in ``frame_bin.c``, ``frame_noise.c``, ``frame_sky.c``, ``frame_defects.c`` and
``frame_stars.c``. All work on the raw mosaic (height, width) float32 in ADU. A *cell* is one of the
four positions in the 2x2 colour pattern, numbered 2 * (row & 1) + (column & 1); a monochrome frame
has four cells of the same colour. Pixels that are NaN are not allowed.
"""

from __future__ import annotations

import math

import numpy as np

from crowdsky.base.compiled import (
    DOUBLE,
    FLOAT,
    FLOAT32,
    FLOAT32_OUT,
    FLOAT64,
    FLOAT64_OUT,
    INT64,
    INT64_OUT,
    SIZE,
    check_shape,
    compiled,
)

LEAST_SIDE_PX = 8
"""Height and width of the smallest mosaic that can be measured, pixels."""
LEAST_BOX_PX = 16
MOST_SIGMA_PX = 10.0
"""Sigma of the widest window that stars can be measured in, pixels."""
STAR_COLUMNS = 7
LANES = 16
"""Number of values that C takes at once; some scratch is longer by it."""

_bin_by_two = compiled("bin_by_two", FLOAT32, SIZE, FLOAT32_OUT, SIZE, SIZE)
_bin_above_sky = compiled(
    "bin_above_sky",
    FLOAT32, SIZE, FLOAT64, SIZE, SIZE, DOUBLE, FLOAT32_OUT, FLOAT32_OUT, SIZE, SIZE,
)  # fmt: skip
_cell_noise = compiled("cell_noise", FLOAT32, SIZE, SIZE, SIZE, FLOAT32_OUT, FLOAT64_OUT)
_mesh_levels = compiled("mesh_levels", FLOAT32, SIZE, SIZE, FLOAT64, FLOAT64_OUT, SIZE, SIZE)
_add_residuals = compiled(
    "add_residuals", FLOAT32, SIZE, SIZE, SIZE, FLOAT64, DOUBLE, FLOAT32_OUT, FLOAT32_OUT
)
_outstanding = compiled(
    "outstanding", FLOAT32, SIZE, SIZE, SIZE, FLOAT, INT64_OUT, SIZE, returns=SIZE
)
_add_stamps = compiled(
    "add_stamps", FLOAT32, SIZE, SIZE, SIZE, INT64, INT64, SIZE, FLOAT32_OUT, SIZE
)
_measure_stars = compiled(
    "measure_stars",
    FLOAT32, SIZE, SIZE, FLOAT64, FLOAT64, FLOAT64, SIZE, DOUBLE, DOUBLE, FLOAT64_OUT,
)  # fmt: skip


def bin_by_two(mosaic: np.ndarray, out: np.ndarray) -> None:
    """Average every 2x2 cell of the mosaic: a grey picture of half the size, without a pattern.

    ``out`` is float32 (height // 2, width // 2).
    """
    height, width = mosaic.shape
    check_shape("out", out, (height // 2, width // 2))
    _bin_by_two(mosaic, width, out, *out.shape)


def bin_above_sky(mosaic: np.ndarray, levels: np.ndarray, box: float, out: np.ndarray) -> None:
    """Average every 2x2 cell like ``bin_by_two``, and subtract the sky.

    ``levels`` is float64 (rows, columns) in boxes of ``box`` pixels of the binned picture; between
    their middles it is interpolated bilinearly.
    """
    height, width = mosaic.shape
    check_shape("out", out, (height // 2, width // 2))
    rows, columns = levels.shape
    if levels.size == 0 or not box >= 1.0:
        raise ValueError("the sky needs at least one box, a pixel wide or wider")
    scratch = np.empty(out.shape[1] + columns, np.float32)
    _bin_above_sky(mosaic, width, levels, rows, columns, box, scratch, out, *out.shape)


def cell_noise(mosaic: np.ndarray, every: int) -> np.ndarray:
    """Measure the noise of single pixels, sigma in ADU per cell (4,), from differences.

    Pixels two columns apart are compared in every ``every``-th pair of rows. Differences above
    about 4.4 sigma are stars and do not count; a plain median would resolve the noise only to one
    step of the converter.
    """
    height, width = _measurable(mosaic)
    if every < 1:
        raise ValueError(f"cannot take every {every}th pair of rows")
    pairs = -(-(height // 2) // every)
    noise = np.empty(4)
    scratch = np.empty(pairs * (width // 4 + 1) + LANES, np.float32)
    _cell_noise(mosaic, height, width, every, scratch, noise)
    return noise


def mesh_levels(mosaic: np.ndarray, box: int, noise: np.ndarray, levels: np.ndarray) -> None:
    """Measure the sky per cell in boxes of ``box`` (even) px, into ``levels`` (4, rows, columns).

    It is the mean of every fourth row of the cell, clipped at 3 sigma of its ``noise`` (4,) about
    the median of a small sample, so that stars do not count.
    """
    height, width = _measurable(mosaic)
    rows, columns = levels.shape[1:]
    check_shape("levels", levels, (4, rows, columns))
    check_shape("noise", noise, (4,))
    if box < LEAST_BOX_PX or box % 2 or rows * box > height or columns * box > width:
        raise ValueError(f"{rows}x{columns} boxes of {box} px do not fit into {height}x{width} px")
    _mesh_levels(mosaic, width, box, noise, levels, rows, columns)


def add_residuals(
    mosaic: np.ndarray, step: int, noise: np.ndarray, clip: float, total: np.ndarray
) -> None:
    """Add to ``total`` how far each pixel stands out from its own colour, in sigma, clipped.

    The pixel is compared with the mean of the middle two of its four neighbours ``step`` away.
    The outermost ``step`` pixels are left as they are. ``noise`` is per cell, (4,); ``total`` is
    float32 (height, width).
    """
    check_shape("total", total, mosaic.shape)
    check_shape("noise", noise, (4,))
    if step < 1:
        raise ValueError(f"a pixel has no neighbours {step} pixels away")
    height, width = mosaic.shape
    scratch = np.empty(2 * width, np.float32)
    _add_residuals(mosaic, height, width, step, noise, clip, scratch, total)


def outstanding(total: np.ndarray, border: int, limit: float) -> tuple[np.ndarray, np.ndarray]:
    """Find the pixels whose ``total`` exceeds ``limit`` in size, more than ``border`` inside.

    Returns rows and columns, int64 (n,), in the order of the picture.
    """
    height, width = total.shape
    if border < 0:
        raise ValueError(f"a border of {border} pixels")
    found = np.empty(1024, np.int64)
    count = _outstanding(total, height, width, border, limit, found, found.size)
    if count > found.size:
        found = np.empty(count, np.int64)
        _outstanding(total, height, width, border, limit, found, count)
    y, x = np.divmod(found[:count], width)
    return y, x


def mean_stamps(frames: np.ndarray, y: np.ndarray, x: np.ndarray, side: int) -> np.ndarray:
    """Average the squares of pixels around each (y, x), int64 (n,), over all frames.

    ``frames`` is (frames, height, width), ``side`` odd, and all squares lie in the frames. Returns
    float32 (n, side, side).
    """
    n_frames, height, width = frames.shape
    check_shape("x", x, y.shape)
    radius = side // 2
    for place, size in ((y, height), (x, width)):
        if len(y) and not radius <= place.min() <= place.max() < size - radius:
            raise ValueError(f"a stamp of {side} px reaches beyond {height}x{width} px")
    stamps = np.zeros((len(y), side, side), np.float32)
    _add_stamps(frames, n_frames, height, width, y, x, len(y), stamps, side)
    stamps /= np.float32(n_frames)
    return stamps


def measure_stars(
    mosaic: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    sky: np.ndarray,
    sigma: float,
    radius: float,
) -> np.ndarray:
    """Measure windowed centroids and shapes of stars on the mosaic.

    They are measured on the running mean of 2x2 pixels, which has every colour of the pattern once
    at any position. It is shifted by half a pixel, which is corrected here.

    Args:
        mosaic: float32 (height, width).
        x, y: first guesses, frame pixels, 0-based, (n,).
        sky: local sky level at each star, mean of the colours, ADU, (n,).
        sigma: of the Gaussian window, pixels, up to MOST_SIGMA_PX.
        radius: of the aperture for the light, pixels.

    Returns (n, 7) x, y, light in the aperture (ADU), variance along x, along y, covariance (of the
    star itself, px^2), highest raw pixel (ADU). x is NaN if the centroid did not converge.
    """
    check_shape("y", y, x.shape)
    check_shape("sky", sky, x.shape)
    if not (0.0 < sigma <= MOST_SIGMA_PX and 0.0 <= radius < math.inf):
        raise ValueError(f"cannot measure stars with sigma {sigma} and radius {radius}")
    out = np.zeros((len(x), STAR_COLUMNS))
    _measure_stars(mosaic, *mosaic.shape, x, y, sky, len(x), sigma, radius, out)
    return out


def _measurable(mosaic: np.ndarray) -> tuple[int, int]:
    """Return height and width of a mosaic that is large enough to have noise and sky."""
    height, width = mosaic.shape
    if min(height, width) < LEAST_SIDE_PX:
        raise ValueError(f"{height}x{width} pixels are too few to be measured")
    return height, width
