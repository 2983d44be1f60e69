"""Measures the sky of a picture in the cells of a mesh, beside stars and other sources."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.pictures.planes import PicturePlanes, resize_plane, sample_of

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
    mesh = _Mesh.of(picture.covered.shape, shape)
    free = picture.covered
    light = _light(picture)
    all_covered = np.maximum(box_mean(picture.covered, SOURCE_BOX_PX), 1e-6)
    for _ in range(2):
        level = mesh.medians(light[np.newaxis], free)[0]
        filled = np.where(np.isfinite(level), level, np.nanmedian(np.append(level, 0.0)))
        near = resize_plane(filled.astype(np.float32), (width, height), Image.Resampling.BILINEAR)
        smooth = box_mean(np.where(picture.covered, light - near, 0.0), SOURCE_BOX_PX) / all_covered
        spread = spread_of(sample_of(smooth, free)) if free.any() else 0.0
        # Both signs, so that the median of the pixels that are left is that of all.
        sources = picture.covered & (np.abs(smooth) > SOURCE_SIGMA * spread) & (spread > 0.0)
        free = picture.covered & ~(box_mean(sources, SOURCE_GROWTH_PX) > 1e-6)
    sky = mesh.medians(picture.planes, free)
    seen = (mesh.shares(free) >= LEAST_SHARE) & np.isfinite(sky).all(axis=0)
    return MeshCells(sky, seen, mesh.shares(picture.covered) >= LEAST_SHARE)


def _light(picture: PicturePlanes) -> np.ndarray:
    """Average the planes, each in units of its own scatter, about its own median; float32."""
    total = np.zeros(picture.covered.shape, dtype=np.float32)
    for plane in picture.planes:
        values = sample_of(plane, picture.covered)
        middle = float(np.median(values)) if values.size else 0.0
        scale = spread_of(values - middle) if values.size else 0.0
        total += (plane - np.float32(middle)) / np.float32(scale if scale > 0.0 else 1.0)
    return total / np.float32(len(picture.planes))


@dataclass(frozen=True, slots=True)
class _Mesh:
    """Where the cells are: cell i has the pixels from ``rows[i]`` to before ``rows[i + 1]``."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    @classmethod
    def of(cls, picture: tuple[int, int], cells: tuple[int, int]) -> _Mesh:
        rows, columns = (
            np.linspace(0, side, count + 1).round().astype(np.int64)
            for side, count in zip(picture, cells, strict=True)
        )
        return cls(rows, columns)

    def counts(self, free: BoolArray) -> NDArray[np.int64]:
        """Return the number of free pixels of each cell."""
        across = np.add.reduceat(free, self.columns[:-1], axis=1, dtype=np.int64)
        return np.add.reduceat(across, self.rows[:-1], axis=0)

    def shares(self, free: BoolArray) -> FloatArray:
        """Return the share of each cell's pixels that are free."""
        area = np.outer(np.diff(self.rows), np.diff(self.columns))
        return np.asarray(self.counts(free) / area)

    def medians(self, planes: np.ndarray, free: BoolArray) -> FloatArray:
        """Return the medians of the free pixels of each cell, (planes, rows, columns), or NaN.

        A band of cells is sorted at once, behind which what is not free has its place.
        """
        counts = self.counts(free)
        at = self.columns[:-1, None] + np.arange(np.diff(self.columns).max())
        inside = at < self.columns[1:, None]
        at = np.minimum(at, free.shape[1] - 1)
        values = np.full((len(planes), *counts.shape), np.nan)
        for row, (first, last) in enumerate(pairwise(self.rows)):
            used = free[first:last][:, at] & inside
            band = np.where(used, planes[:, first:last][:, :, at], np.float32(np.inf))
            cells = np.sort(np.moveaxis(band, 2, 1).reshape(len(planes), len(at), -1), axis=2)
            count = np.broadcast_to(counts[row, :, None], (len(planes), len(at), 1))
            low = np.take_along_axis(cells, np.maximum(count - 1, 0) // 2, axis=2)
            high = np.take_along_axis(cells, count // 2, axis=2)
            middle = 0.5 * (low.astype(np.float64) + high)[..., 0]
            values[:, row] = np.where(counts[row] > 0, middle, np.nan)
        return values


def spread_of(values: np.ndarray) -> float:
    """Compute the standard deviation from the median absolute deviation of at least one value."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def box_mean(plane: np.ndarray, width: int) -> FloatArray:
    """Average over a square box of odd width; beyond the edges it is 0."""
    reach = width // 2
    padded = np.pad(plane.astype(np.float64), ((reach + 1, reach), (reach + 1, reach)))
    sums = padded.cumsum(0).cumsum(1)
    area = sums[width:, width:] - sums[:-width, width:] - sums[width:, :-width]
    return np.asarray((area + sums[:-width, :-width]) / width**2)
