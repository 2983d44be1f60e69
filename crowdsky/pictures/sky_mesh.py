"""Measures the sky of a picture in the cells of a mesh, beside stars and other sources."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.pictures.planes import PicturePlanes, resize_plane

CELLS, CELLS_ACROSS, SMALLEST_CELL_PX = 40, 8, 8
"""Least number of cells along the longer and the shorter side, as far as their size in pixels of
the reduced picture is not below the last number."""
SOURCE_SIGMA = 3.0
"""Distance of a smoothed pixel from the sky of its cell, in standard deviations, that masks it."""
SOURCE_BOX_PX, SOURCE_GROWTH_PX = 3, 5
LEAST_SHARE = 0.3
"""Share of a cell's pixels that must show sky."""


@dataclass(frozen=True, slots=True)
class MeshCells:
    """The mesh.

    sky     -- of each cell, ADU, (planes, rows, columns): the median beside sources, or NaN
    seen    -- bool (rows, columns), cells that show sky beside their sources
    covered -- bool (rows, columns), cells that the picture covers
    """

    sky: FloatArray
    seen: BoolArray
    covered: BoolArray


def measure_cells(picture: PicturePlanes) -> MeshCells:
    """Measure the sky of each cell beside sources."""
    height, width = picture.covered.shape
    cell = min(max(height, width) / CELLS, min(height, width) / CELLS_ACROSS)
    cell = max(SMALLEST_CELL_PX, cell)
    shape = (max(1, round(height / cell)), max(1, round(width / cell)))
    free = picture.covered
    light = _light(picture)
    for _ in range(2):
        level, _ = _medians(light[np.newaxis], free, shape)
        filled = np.where(np.isfinite(level[0]), level[0], np.nanmedian(np.append(level[0], 0.0)))
        near = resize_plane(filled.astype(np.float32), (width, height), Image.Resampling.BILINEAR)
        away = np.where(picture.covered, light - near, 0.0)
        share = np.maximum(box_mean(picture.covered.astype(np.float64), SOURCE_BOX_PX), 1e-6)
        smooth = box_mean(away, SOURCE_BOX_PX) / share
        spread = spread_of(smooth[free]) if free.any() else 0.0
        # Both signs, so that the median of the pixels that are left is that of all.
        sources = picture.covered & (np.abs(smooth) > SOURCE_SIGMA * spread) & (spread > 0.0)
        free = picture.covered & ~(box_mean(sources.astype(np.float64), SOURCE_GROWTH_PX) > 1e-6)
    sky, share_of_cells = _medians(picture.planes, free, shape)
    seen = (share_of_cells >= LEAST_SHARE) & np.isfinite(sky).all(axis=0)
    _, share_covered = _medians(picture.planes, picture.covered, shape)
    return MeshCells(sky, seen, share_covered >= LEAST_SHARE)


def _light(picture: PicturePlanes) -> FloatArray:
    """Average the planes, each in units of its own scatter, about its own median."""
    planes = []
    for plane in picture.planes:
        values = plane[picture.covered]
        middle = float(np.median(values)) if values.size else 0.0
        scale = spread_of(values - middle) if values.size else 0.0
        planes.append((plane - middle) / (scale if scale > 0.0 else 1.0))
    return np.asarray(np.mean(planes, axis=0), dtype=np.float64)


def _medians(
    planes: np.ndarray, free: BoolArray, shape: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    """Take the median of the free pixels of each cell, and the share of pixels that are free."""
    rows, columns = (
        np.linspace(0, side, count + 1).round().astype(int)
        for side, count in zip(free.shape, shape, strict=True)
    )
    values, share = np.full((len(planes), *shape), np.nan), np.zeros(shape)
    for row in range(shape[0]):
        for column in range(shape[1]):
            box = np.s_[rows[row] : rows[row + 1], columns[column] : columns[column + 1]]
            inside = free[box]
            share[row, column] = inside.mean() if inside.size else 0.0
            if inside.any():
                values[:, row, column] = np.median(planes[:, *box][:, inside], axis=1)
    return values, share


def spread_of(values: np.ndarray) -> float:
    """Compute the standard deviation from the median absolute deviation of at least one value."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def box_mean(plane: np.ndarray, width: int) -> FloatArray:
    """Average over a square box of odd width; beyond the edges it is 0."""
    reach = width // 2
    sums = np.pad(plane, ((reach + 1, reach), (reach + 1, reach))).cumsum(0).cumsum(1)
    area = sums[width:, width:] - sums[:-width, width:] - sums[width:, :-width]
    return np.asarray((area + sums[:-width, :-width]) / width**2)
