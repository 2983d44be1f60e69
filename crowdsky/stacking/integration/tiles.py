"""Integrates a canvas of any size, tile by tile: each is a small stack of the frames it shows.

A frame is projected to a canvas over degrees by another affine transform for each band of each
tile. The memory for samples is that of one tile, and the finished pixels of a large canvas are in a
file that has no name, of which only the part that is worked on is in memory.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from crowdsky.base.file_arrays import FileArrays, give_back_file_arrays
from crowdsky.stacking.integration.integrate import Integration, integrate
from crowdsky.stacking.integration.layer import CanvasPlace, Layer
from crowdsky.stacking.kernels.combine import Picture
from crowdsky.stacking.registration.framing import Canvas
from crowdsky.stacking.registration.transform import Affine, compose, invert
from crowdsky.stacking.registration.view import affine_between

TILE_PX = 1024
"""Largest side of a tile in pixels. Over half of it a projection two degrees from the middle of the
canvas is bent by 0.03 px; smaller tiles would read more rows of each frame twice."""
LARGE_BYTES = 256 << 20
"""Size in bytes from which the pixels of a canvas are kept in a file."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a canvas: rows and columns [first, stop)."""

    y0: int
    y1: int
    x0: int
    x1: int

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.y1 - self.y0, self.x1 - self.x0

    def meets(self, box: tuple[int, int, int, int]) -> bool:
        """Whether it has pixels of a box (x0, y0, x1, y1)."""
        x0, y0, x1, y1 = box
        return x0 < self.x1 and x1 >= self.x0 and y0 < self.y1 and y1 >= self.y0


def tiles_of(size: tuple[int, int]) -> list[Tile]:
    """Divide a canvas into tiles of about the same size, row by row."""
    rows, columns = (_edges(side) for side in size)
    return [
        Tile(y0, y1, x0, x1)
        for y0, y1 in itertools.pairwise(rows)
        for x0, x1 in itertools.pairwise(columns)
    ]


def integrate_canvas(
    layers: Sequence[Layer],
    how: Integration,
    canvas: Canvas,
    tick: Callable[[int, int], None],
    threads: int | None = None,
) -> Picture:
    """Combine frames into a canvas.

    Args:
        layers: the frames, at least one, each with its ``place``.
        how: how samples are combined; the level of the sky is taken from the layers of a tile.
        canvas: what to show.
        tick: called with (done, total) between tiles and bands; it may raise to cancel.
        threads: number of threads; None takes all processors. The picture does not depend on it.

    Raises OSError when there is no room for a large canvas in the folder for temporary files.
    """
    stored = _Stored(len(how.sky), canvas.size)
    tiles = tiles_of(canvas.size)
    for done, tile in enumerate(tiles):
        tick(done, len(tiles))
        here = [layer for layer in layers if layer.place and tile.meets(layer.place.box)]
        if here:
            stored.put(tile, _integrate_tile(here, how, canvas, tile, threads))
    tick(len(tiles), len(tiles))
    return stored.picture


def _integrate_tile(
    layers: Sequence[Layer], how: Integration, canvas: Canvas, tile: Tile, threads: int | None
) -> Picture:
    paths = _Paths(canvas, tile)
    here = [paths.layer(layer) for layer in layers]
    levels = [layer.place.sky_level for layer in layers if layer.place]
    local = replace(how, sky=np.mean(levels, axis=0))
    # Not between bands: a tile takes a second at most.
    return integrate(here, local, lambda _done, _total: None, threads, tile.size, paths.follow)


class _Paths:
    """The transforms from a tile's pixels to those of frames."""

    def __init__(self, canvas: Canvas, tile: Tile) -> None:
        self._canvas, self._tile = canvas, tile
        self._known: dict[tuple[int, int, int], Affine] = {}

    def layer(self, layer: Layer) -> Layer:
        """Return a layer whose transform and sky count from the first pixel of the tile."""
        sky = layer.sky.copy()
        sky[:, 0] += self._tile.x0 * sky[:, 1] + self._tile.y0 * sky[:, 2]
        inverse = self.follow(layer, 0, self._tile.size[0])
        return replace(layer, transform=invert(inverse), sky=sky)

    def follow(self, layer: Layer, y0: int, y1: int) -> Affine:
        """Return the transform from rows y0 to y1 of the tile to stored frame pixels."""
        if layer.place is None:
            raise ValueError(f"{layer.mosaic.frame.filename} has no place on the canvas")
        return compose(layer.place.from_field, self._to_field(layer.place, y0, y1))

    def _to_field(self, place: CanvasPlace, y0: int, y1: int) -> Affine:
        x, y = float(self._tile.x0), float(self._tile.y0)
        if place.view is None or self._canvas.view is None:
            return (1.0, 0.0, x, 0.0, 1.0, y)
        key = (place.field, y0, y1)
        if key not in self._known:
            own = self._canvas.view.moved(x, y)
            columns = (0.0, self._tile.size[1] - 1.0)
            self._known[key] = affine_between(own, place.view, columns, (float(y0), y1 - 1.0))
        return self._known[key]


class _Stored:
    """The finished pixels of a canvas."""

    def __init__(self, n_planes: int, size: tuple[int, int]) -> None:
        shapes: dict[str, tuple[tuple[int, ...], Any]] = {
            "planes": ((n_planes, *size), np.float32),
            "footprint": (size, np.int32),
            "variance": ((n_planes, *size), np.float32),
            "lost": (size, np.float32),
            "rejected": (size, np.uint8),
        }
        total = sum(math.prod(shape) * np.dtype(kind).itemsize for shape, kind in shapes.values())
        if total >= LARGE_BYTES:
            self.picture = Picture(**FileArrays(shapes).arrays)
        else:
            arrays = {name: np.zeros(shape, kind) for name, (shape, kind) in shapes.items()}
            self.picture = Picture(**arrays)

    def put(self, tile: Tile, part: Picture) -> None:
        """Store the pixels of a tile, and keep none of them in memory if they are in a file."""
        rows, columns = slice(tile.y0, tile.y1), slice(tile.x0, tile.x1)
        for whole, small in _pairs(self.picture, part):
            whole[..., rows, columns] = small
        give_back_file_arrays()


def _pairs(whole: Picture, part: Picture) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for name in ("planes", "footprint", "variance", "rejected", "lost"):
        yield getattr(whole, name), getattr(part, name)


def _edges(side: int) -> list[int]:
    count = math.ceil(side / TILE_PX)
    # Even, because cells of 2 x 2 pixels must not be divided between tiles.
    return [*(round(side * k / count / 2.0) * 2 for k in range(count)), side]
