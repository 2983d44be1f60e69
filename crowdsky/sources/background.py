"""The sky of a picture and its noise, smooth over the picture; the loops are in mesh.c.

The picture is divided into boxes. In each, values are clipped around the median until their scatter
settles, and the mode follows from median and mean (Bertin & Arnouts 1996, A&AS 117, 393). A median
over 3x3 boxes takes out those that a large star or galaxy fills, and a bicubic spline goes through
the result. It is the method of SExtractor and SEP, without their lock on Python's threads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.sources.mesh import box_skies, spread_mesh

BOX_PX = 64
"""Side of a box in pixels: wider than the light of a star, narrower than a gradient."""


@dataclass(frozen=True, slots=True)
class Background:
    """The sky of a picture in boxes.

    levels, noise   -- sky and its standard deviation per box, ADU, (rows, columns)
    shape           -- (height, width) of the picture
    box_px          -- side of a box
    """

    levels: FloatArray
    noise: FloatArray
    shape: tuple[int, int]
    box_px: int

    @property
    def level(self) -> float:
        """Median sky of the boxes, ADU."""
        return float(np.median(self.levels))

    @property
    def rms(self) -> float:
        """Median noise of the boxes, ADU."""
        return float(np.median(self.noise))

    def sky_map(self) -> NDArray[np.float32]:
        """Return the sky at every pixel, float32 (height, width), ADU."""
        return spread_mesh(self.levels, self.shape, self.box_px)

    def noise_map(self) -> NDArray[np.float32]:
        """Return the noise of the sky at every pixel, float32 (height, width), ADU."""
        return spread_mesh(self.noise, self.shape, self.box_px)


def measure_background(
    picture: NDArray[np.float32], uncovered: BoolArray | None = None, box_px: int = BOX_PX
) -> Background:
    """Measure the sky of a picture.

    Args:
        picture: float32 (height, width), C-contiguous, ADU. Values that are no numbers do not
            count.
        uncovered: bool of the same shape, pixels that do not count; None for none.
        box_px: side of a box in pixels.

    A box of which less than half counts takes the mean of the nearest boxes; in a picture without
    any that counts, sky and noise are 0.

    Raises ValueError for a picture without a pixel or a mask of another shape.
    """
    levels, noise = (
        _median_of_neighbours(_filled(mesh)) for mesh in box_skies(picture, uncovered, box_px)
    )
    return Background(levels, noise, picture.shape, box_px)


def _filled(mesh: FloatArray) -> FloatArray:
    """Give boxes without a value the mean of the nearest that have one; 0 if none has."""
    known = np.argwhere(np.isfinite(mesh))
    missing = np.argwhere(~np.isfinite(mesh))
    if len(known) == 0:
        return np.zeros_like(mesh)
    filled = mesh.copy()
    for row, column in missing:
        square = ((known - (row, column)) ** 2).sum(axis=1)
        nearest = known[square == square.min()]
        filled[row, column] = math.fsum(mesh[tuple(nearest.T)]) / len(nearest)
    return filled


def _median_of_neighbours(mesh: FloatArray) -> FloatArray:
    """Replace every box by the median of the boxes around it, itself included.

    Beyond the edge the mesh goes on as its mirror image in a point, so that a gradient stays one.
    """
    padded = mesh
    for axis, length in enumerate(mesh.shape):
        widths = [(1, 1) if axis == each else (0, 0) for each in range(2)]
        if length > 1:
            padded = np.pad(padded, widths, mode="reflect", reflect_type="odd")
        else:
            padded = np.pad(padded, widths, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    return np.asarray(np.median(around, axis=(2, 3)))
