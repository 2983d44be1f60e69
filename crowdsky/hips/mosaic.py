"""Merges stacks into the tiles of one region of the sky, one stack after the other.

A pixel of the mosaic is the mean of all stacks that cover it, weighted by their noise. As the sky
of each is subtracted, and each fades out towards its edges, no step shows where one ends. The sums
are in a folder, a file for each tile: a region may have 256 of them, and hundreds of stacks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.hips.calibrated import CalibratedPicture
from crowdsky.hips.tile_grid import LAST_ORDER, TILE_PX, pixel_positions, tiles_near
from crowdsky.solving.tan import separation

Planes = NDArray[np.float32]
SUBPIXELS = (-0.25, 0.25)
"""Where a pixel of a tile samples a stack, in tile pixels from its middle, along both axes: a pixel
of the last order is larger than that of most telescopes, and single samples would be noisier."""


@dataclass(frozen=True, slots=True)
class Mosaic:
    """The sums of one region.

    folder -- holds them; nothing else may be in it
    region -- a tile of the first order
    """

    folder: Path
    region: int

    def add(self, picture: CalibratedPicture) -> int:
        """Add a stack; return the number of tiles of the region in which it covers a pixel."""
        height, width = picture.weight.shape
        middle = ((width - 1) / 2.0, (height - 1) / 2.0)
        ra, dec = (float(value) for value in picture.plate.sky(*middle))
        corners = picture.plate.sky([-0.5, width, -0.5, width], [-0.5, -0.5, height, height])
        radius = float(np.max(separation(ra, dec, *corners)))
        tiles = [int(tile) for tile in tiles_near(ra, dec, radius, self.region)]
        return sum(self._add_to(tile, picture) for tile in tiles)

    def tiles(self) -> Iterator[tuple[int, Planes, Planes]]:
        """Yield the tiles of the last order: number, mean light (3, 512, 512), and weight.

        Where the weight is 0, no stack covers the pixel, and its light is 0.
        """
        for path in sorted(self.folder.glob("*.npy")):
            sums = np.load(path)
            weight = sums[3]
            yield int(path.stem), sums[:3] / np.where(weight > 0.0, weight, 1.0), weight

    def _add_to(self, tile: int, picture: CalibratedPicture) -> bool:
        sample = _sample(tile, picture)
        if sample is None:
            return False
        path = self.folder / f"{tile}.npy"
        if path.exists():
            sample += np.load(path)
        np.save(path, sample)
        return True


def _sample(tile: int, picture: CalibratedPicture) -> Planes | None:
    """Return the weighted sums of a stack in a tile (4, 512, 512); None where it covers nothing."""
    x, y = picture.plate.pixel(*pixel_positions(LAST_ORDER, tile))
    height, width = picture.weight.shape
    near = (x > -2.0) & (x < width + 1.0) & (y > -2.0) & (y < height + 1.0)
    if not near.any():
        return None
    # The steps of a pixel, from those to its neighbours.
    (down_x, across_x), (down_y, across_y) = np.gradient(x), np.gradient(y)
    sums = np.zeros((4, int(near.sum())), dtype=np.float32)
    for down in SUBPIXELS:
        for across in SUBPIXELS:
            at_x = (x + down * down_x + across * across_x)[near]
            at_y = (y + down * down_y + across * across_y)[near]
            sums += _interpolate(picture, at_x, at_y)
    sums /= len(SUBPIXELS) ** 2
    # A pixel that is half outside is not covered: its mean would be that of its other half.
    sums[:, sums[3] < _least(picture)] = 0.0
    if not sums[3].any():
        return None
    whole = np.zeros((4, TILE_PX, TILE_PX), dtype=np.float32)
    whole[:, near] = sums
    return whole


def _least(picture: CalibratedPicture) -> float:
    covered = picture.weight[picture.weight > 0.0]
    return 0.5 * float(covered.min()) if covered.size else math.inf


def _interpolate(picture: CalibratedPicture, x: FloatArray, y: FloatArray) -> Planes:
    """Interpolate the weighted light and the weight between four pixels (bilinear), (4, points)."""
    height, width = picture.weight.shape
    left, below = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    found = np.zeros((4, len(x)), dtype=np.float32)
    for row in (0, 1):
        for column in (0, 1):
            at_x, at_y = left + column, below + row
            inside = (at_x >= 0) & (at_x < width) & (at_y >= 0) & (at_y < height)
            at_x, at_y = np.where(inside, at_x, 0), np.where(inside, at_y, 0)
            share = np.abs(1 - column - (x - left)) * np.abs(1 - row - (y - below)) * inside
            weight = (share * picture.weight[at_y, at_x]).astype(np.float32)
            found[3] += weight
            found[:3] += weight * picture.planes[:, at_y, at_x]
    return found
