"""Draws a region of the sky: the tiles of all orders in it, and what it covers.

A region is a tile of the first order, so that it can be made again alone when its stacks change.
What is made is one tar file with

- ``NorderK/DirD/NpixN.png``, the tiles of all orders, transparent where nothing is covered,
- ``allsky.rgba``, the region as 64 * 64 pixels of four bytes, its place in ``Allsky.png``,
- ``coverage.json``, the covered pixels of order ``COVERAGE_ORDER`` as ranges ``[first, last]``.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crowdsky.hips.colours import colours
from crowdsky.hips.mosaic import Mosaic, Planes
from crowdsky.hips.tile_grid import (
    FIRST_ORDER,
    LAST_ORDER,
    TILE_PX,
    nested_in_tile,
    quarter_of,
    tile_name,
)

COVERAGE_ORDER = 11
"""Order of the pixels by which coverage is told; they are 1.7 arcmin wide."""
COVERAGE_BITS = COVERAGE_ORDER - LAST_ORDER
ALLSKY_PX = 64
"""Width of a tile in Allsky, pixels."""


@dataclass(slots=True)
class _Light:
    """Light of a tile in the making, and the covered share of its pixels."""

    light: Planes = field(default_factory=lambda: np.zeros((3, TILE_PX, TILE_PX), np.float32))
    share: Planes = field(default_factory=lambda: np.zeros((TILE_PX, TILE_PX), np.float32))


def write_region(mosaic: Mosaic, path: Path, drawn: Callable[[int], None]) -> int:
    """Write the tar file of a region; one without any tile if no stack covers it.

    Args:
        mosaic: the merged stacks.
        path: where the file appears; it is replaced.
        drawn: called after each tile of the last order with their number so far.

    Returns:
        number of tiles of all orders.

    Raises:
        OSError: the sums cannot be read, or the file cannot be written.
    """
    coverage: list[NDArray[np.int64]] = []
    count = 0
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        tiles: Iterator[tuple[int, _Light]] = _finest(mosaic, coverage, drawn)
        for order in range(LAST_ORDER, FIRST_ORDER - 1, -1):
            above: dict[int, _Light] = {}
            for tile, light in tiles:
                _add(tar, tile_name(order, tile) + ".png", _png(light))
                count += 1
                _shrink_into(above.setdefault(tile >> 2, _Light()), tile, light)
                if order == FIRST_ORDER:
                    _add(tar, "allsky.rgba", _small(light).tobytes())
            tiles = iter(sorted(above.items()))
        _add(tar, "coverage.json", json.dumps(_ranges(coverage)).encode())
    return count


def _finest(
    mosaic: Mosaic, coverage: list[NDArray[np.int64]], drawn: Callable[[int], None]
) -> Iterator[tuple[int, _Light]]:
    """Yield the tiles of the last order, and note what they cover."""
    for number, (tile, light, weight) in enumerate(mosaic.tiles(), start=1):
        share = (weight > 0.0).astype(np.float32)
        coverage.append(_covered(tile, share))
        yield tile, _Light(light.astype(np.float32), share)
        drawn(number)


def _covered(tile: int, share: Planes) -> NDArray[np.int64]:
    """Return the pixels of COVERAGE_ORDER of a tile that are covered in part.

    Programs do not ask for tiles outside of the coverage, however small the part in a tile is.
    """
    side = 1 << COVERAGE_BITS
    block = TILE_PX // side
    shares = share.reshape(side, block, side, block).mean(axis=(1, 3))
    inside = nested_in_tile(COVERAGE_BITS)[shares > 0.0]
    return np.sort((np.int64(tile) << 2 * COVERAGE_BITS) | inside)


def _ranges(coverage: list[NDArray[np.int64]]) -> list[list[int]]:
    """Return sorted pixels as ranges [first, last]."""
    pixels = np.concatenate([np.zeros(0, np.int64), *coverage])
    pieces = np.split(pixels, np.flatnonzero(np.diff(pixels) > 1) + 1)
    return [[int(piece[0]), int(piece[-1])] for piece in pieces if piece.size]


def _shrink_into(above: _Light, tile: int, light: _Light) -> None:
    """Average a tile into its quarter of the tile one order above; only covered pixels count."""
    rows, columns = quarter_of(tile)
    share = _halved(light.share)
    sums = np.stack([_halved(plane * light.share) for plane in light.light])
    above.light[:, rows, columns] = sums / np.where(share > 0.0, share, 1.0)
    above.share[rows, columns] = share


def _halved(plane: Planes) -> Planes:
    half = TILE_PX // 2
    return np.asarray(plane.reshape(half, 2, half, 2).mean(axis=(1, 3)), dtype=np.float32)


def _small(light: _Light) -> NDArray[np.uint8]:
    """Draw a tile as it appears in Allsky."""
    while light.share.shape[0] > ALLSKY_PX:
        half = light.share.shape[0] // 2
        blocks = light.share.reshape(half, 2, half, 2)
        share = blocks.mean(axis=(1, 3))
        sums = (light.light * light.share).reshape(3, half, 2, half, 2).mean(axis=(2, 4))
        light = _Light(sums / np.where(share > 0.0, share, 1.0), share)
    return colours(light.light, light.share)


def _png(light: _Light) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(colours(light.light, light.share)).save(stream, format="PNG")
    return stream.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
