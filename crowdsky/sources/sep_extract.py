"""Detects the stars of a stack with SEP (Source Extractor as a library), brightest first."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import sep

from crowdsky.base.file_arrays import give_back_file_arrays
from crowdsky.frames.rounding import rounding_of
from crowdsky.sources.background import measure_background

BUFFER_FULL = "internal pixel buffer full"
"""Part of the text of SEP's error; its errors have no class of their own."""

THRESHOLD_SIGMA = 5.0
PIXEL_BUFFER = 100_000
"""Number of pixels that sources may have; their memory, 60 bytes each, is cleared beforehand."""
LARGE_PIXEL_BUFFER = 1_000_000
"""The same for crowded fields and bright nebulae: half of a Seestar's field. Three million would
double the memory of a stack."""
SUB_OBJECT_LIMIT = 8192
LARGEST_PX = 12_000_000
"""Number of pixels that are searched at once: more than any sensor's, less than most mosaics'."""
TILE_PX, MARGIN_PX = 2560, 256
"""Side of a tile of a larger picture, and how much of the picture around it is searched, too."""
X_FIELDS = ("x", "xmin", "xmax", "xcpeak", "xpeak")
Y_FIELDS = ("y", "ymin", "ymax", "ycpeak", "ypeak")
SMOOTHING = np.array([0.25, 0.5, 0.25], np.float32)
"""Weights of the smoothing, along rows and columns, of the picture that is searched."""


def detect_stars(planes: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    """Detect sources in the mean of the planes, at least 5 sigma above the local noise.

    Args:
        planes: float32 (n, height, width), ADU; three of a stack, or one.
        footprint: (height, width); pixels where it is 0 are left out.

    Returns a structured array, one row per source, with the 30 fields of ``sep.extract`` (x and y
    0-based), sorted by descending flux.
    """
    parts = []
    for tile in _tiles(footprint.shape):
        rows, columns = (slice(first, stop) for first, stop in tile.seen)
        found = _detect(planes[:, rows, columns], footprint[rows, columns])
        parts.append(_of_core(found, tile))
        give_back_file_arrays()
    sources = np.concatenate(parts)
    return sources[np.argsort(-sources["flux"], kind="stable")]


@dataclass(frozen=True, slots=True)
class _Tile:
    """A part of a picture: what is searched, and whose sources count; rows and columns."""

    seen: tuple[tuple[int, int], tuple[int, int]]
    core: tuple[tuple[float, float], tuple[float, float]]


def _tiles(size: tuple[int, ...]) -> list[_Tile]:
    """Divide a picture that is larger than any sensor's; others are one tile."""
    if math.prod(size) <= LARGEST_PX:
        return [_Tile(((0, size[0]), (0, size[1])), ((-np.inf, np.inf), (-np.inf, np.inf)))]
    rows, columns = (_parts(side) for side in size)
    return [
        _Tile((row[0], column[0]), (row[1], column[1]))
        for row, column in itertools.product(rows, columns)
    ]


def _parts(side: int) -> list[tuple[tuple[int, int], tuple[float, float]]]:
    """Return what is searched along a side, and the places whose sources count."""
    count = math.ceil(side / TILE_PX)
    edges = [round(side * k / count) for k in range(count + 1)]
    return [
        (
            (max(0, first - MARGIN_PX), min(side, stop + MARGIN_PX)),
            (first - 0.5 if first else -np.inf, stop - 0.5 if stop < side else np.inf),
        )
        for first, stop in itertools.pairwise(edges)
    ]


def _of_core(sources: np.ndarray, tile: _Tile) -> np.ndarray:
    """Return the sources that count for a tile, with places in the whole picture."""
    for names, (first, _) in ((Y_FIELDS, tile.seen[0]), (X_FIELDS, tile.seen[1])):
        for name in names:
            sources[name] += first
    inside = np.ones(len(sources), bool)
    for name, (low, high) in zip("yx", tile.core, strict=True):
        inside &= (sources[name] > low) & (sources[name] <= high)
    return sources[inside]


def _detect(planes: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    """Detect the sources of a picture or a part of one, in no order."""
    luminance = np.ascontiguousarray(planes.mean(axis=0, dtype=np.float32))
    uncovered = np.ascontiguousarray(footprint == 0)
    background = measure_background(luminance, uncovered)
    # The picture that is searched is smoothed, and how much that lowers its noise depends on how
    # correlated neighbours are already. Judged by the noise of single pixels, a sharp stack would
    # show half of its stars.
    noise = measure_background(_smoothed(luminance), uncovered).noise_map()
    # Where there is no noise, rounding errors of the background must not be taken for stars.
    np.maximum(noise, np.float32(rounding_of(background.level)), out=noise)
    return _extract(luminance - background.sky_map(), noise, uncovered)


def _extract(picture: np.ndarray, noise: np.ndarray, uncovered: np.ndarray) -> np.ndarray:
    """Return SEP's sources, with the large buffer if they need it."""
    find = functools.partial(
        sep.extract,
        picture,
        THRESHOLD_SIGMA,
        err=noise,
        mask=uncovered,
        filter_kernel=np.outer(SMOOTHING, SMOOTHING),
        # The matched filter assumes white noise. Warping has smoothed it, and hundreds of ripples
        # would pass for stars (on M 94: 511 instead of 113, half of them false).
        filter_type="conv",
    )
    try:
        with _limits(PIXEL_BUFFER):
            sources: np.ndarray = find()
    except Exception as error:  # SEP has no class of its own
        if BUFFER_FULL not in str(error):
            raise
        with _limits(LARGE_PIXEL_BUFFER):
            sources = find()
    return sources


@contextmanager
def _limits(pixel_buffer: int) -> Iterator[None]:
    """Change SEP's limits inside the block; they hold for the whole process."""
    pixels, sub_objects = sep.get_extract_pixstack(), sep.get_sub_object_limit()
    sep.set_extract_pixstack(pixel_buffer)
    sep.set_sub_object_limit(SUB_OBJECT_LIMIT)
    try:
        yield
    finally:
        sep.set_extract_pixstack(pixels)
        sep.set_sub_object_limit(sub_objects)


def _smoothed(picture: np.ndarray) -> np.ndarray:
    """Smooth the picture that is searched; its edge pixels are repeated outwards."""
    before, middle, after = SMOOTHING
    rows = np.pad(picture, 1, mode="edge")
    rows = before * rows[:-2] + middle * rows[1:-1] + after * rows[2:]
    return np.ascontiguousarray(
        before * rows[:, :-2] + middle * rows[:, 1:-1] + after * rows[:, 2:]
    )
