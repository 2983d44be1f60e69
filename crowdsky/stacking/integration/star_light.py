"""Maps the light of stars, which rejection must expect in every frame within their reach.

Wind, tracking, focus and seeing change the shape of the stars from frame to frame. Where a star is
sharp in most frames, a trailed one puts light beside it that the others do not have, and takes it
from the core. No noise explains that, but the star does: so the threshold grows with the light of
stars near by, as it grows with the gradient in the rejection of cosmic rays by drizzle (Fruchter &
Hook 2002). A trail or a hot pixel away from stars is judged as before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from crowdsky.stacking.integration.layer import Layer
from crowdsky.stacking.integration.mosaic import Mosaic, colours_of
from crowdsky.stacking.kernels.frame import bin_by_two
from crowdsky.stacking.kernels.star_light import highest_within, lower_medians
from crowdsky.stacking.registration.transform import Affine, invert

MAX_FRAMES = 5
"""Number of frames that the map is made of: a median of five knows neither trails nor cosmic
rays."""
REACH_FWHM = 1.0
"""Distance up to which a star's light is expected, in FWHM along the longest stars of the chunk."""
BLOCK_ROWS = 64
STRIP_ROWS, NEIGHBOURS = 128, 2


@dataclass(frozen=True, slots=True)
class GreyFrame:
    """The grey picture of a registered frame, and what brings it to the stack.

    ``cells`` (rows, columns) float32 are the means of its 2x2 pixels, ``inverse`` takes stack to
    frame pixels. Its light is ``scale * value - sky`` with ``sky`` (3,): constant, per x and per y
    of the stack.
    """

    cells: np.ndarray
    inverse: Affine
    scale: float
    sky: np.ndarray


def star_light(
    layers: Sequence[Layer], sky: np.ndarray, pool: Executor, size: tuple[int, int]
) -> np.ndarray:
    """Map the light that the shape of stars may move in a stack of these layers.

    ``sky`` (planes,) is the level of the sky in the stack, ADU, and ``size`` its (height, width).
    Returns what ``light_within`` does.
    """
    chosen = _best_of_fields(layers)
    shares = shares_of_planes(chosen[0])

    def grey_frame(layer: Layer) -> GreyFrame:
        level = shares @ layer.sky
        level[0] += shares @ sky
        return GreyFrame(_cells_of_frame(layer.mosaic), invert(layer.transform), layer.scale, level)

    frames = list(pool.map(grey_frame, chosen))
    return light_within(frames, size, longest_stars(layers), pool)


def _best_of_fields(layers: Sequence[Layer]) -> list[Layer]:
    """Choose the layers of most weight, and so in each field: there is light in each of them."""
    ordered = sorted(layers, key=lambda layer: -layer.weight)
    fields = dict.fromkeys(_field(layer) for layer in ordered)
    of_field = {field: [one for one in ordered if _field(one) == field] for field in fields}
    return [layer for same in of_field.values() for layer in same[:MAX_FRAMES]]


def _field(layer: Layer) -> int:
    return 0 if layer.place is None else layer.place.field


def light_within(
    frames: Sequence[GreyFrame], size: tuple[int, int], star_px: float, pool: Executor
) -> np.ndarray:
    """Find the highest light of a few frames together within the reach of a star.

    Args:
        frames: at least one; finished stacks may differ in size.
        size: (height, width) of the stack.
        star_px: FWHM of the longest stars along their long axes, pixels.
        pool: runs the blocks of rows.

    Returns float32 ((height + 1) // 2, (width + 1) // 2): cells of 2x2 stack pixels, ADU above the
    sky, at least 0.
    """
    height, width = size
    cells = _of_one_shape(frames)
    inverses = np.array([frame.inverse for frame in frames])
    scales = np.array([frame.scale for frame in frames])
    levels = np.array([frame.sky for frame in frames])
    light = np.empty(((height + 1) // 2, (width + 1) // 2), np.float32)

    def fill(first: int) -> None:
        block = light[first : first + BLOCK_ROWS]
        lower_medians(cells, inverses, scales, levels, first, block)

    list(pool.map(fill, range(0, len(light), BLOCK_ROWS)))
    near = np.empty_like(light)
    reach = max(1, round(REACH_FWHM * star_px / 2.0))
    highest_within(light, reach, np.empty_like(light), near)
    return near


def _of_one_shape(frames: Sequence[GreyFrame]) -> np.ndarray:
    """Return the cells of all frames, (frames, rows, columns), filled up with the level of sky."""
    rows, columns = (max(frame.cells.shape[axis] for frame in frames) for axis in (0, 1))
    cells = np.empty((len(frames), rows, columns), np.float32)
    for frame, target in zip(frames, cells, strict=True):
        height, width = frame.cells.shape
        target[height:], target[:, width:] = (frame.sky[0] / frame.scale,) * 2
        target[:height, :width] = frame.cells
    return cells


def cells_of(picture: np.ndarray) -> np.ndarray:
    """Return the means of the 2x2 cells of a picture, float32 (height // 2, width // 2)."""
    height, width = picture.shape
    cells = np.empty((height // 2, width // 2), np.float32)
    bin_by_two(picture, cells)
    return cells


def _cells_of_frame(mosaic: Mosaic) -> np.ndarray:
    """Return the same of a frame, which is read in strips that stay in the processor's cache."""
    height, width = mosaic.size
    cells = np.empty((height // 2, width // 2), np.float32)
    memory = np.empty((STRIP_ROWS + 2 * NEIGHBOURS, width), np.float32)
    for first in range(0, height, STRIP_ROWS):
        stop = min(first + STRIP_ROWS, height)
        # With the neighbours that defects are repaired by.
        top, bottom = max(0, first - NEIGHBOURS), min(height, stop + NEIGHBOURS)
        strip = memory[: bottom - top]
        mosaic.read(top, bottom, strip)
        bin_by_two(strip[first - top : stop - top], cells[first // 2 : stop // 2])
    return cells


def shares_of_planes(layer: Layer) -> np.ndarray:
    """Return the share that each plane has in a 2x2 cell, (planes,)."""
    return np.array([len(cells) for cells in colours_of(layer.mosaic.frame.header.pattern)]) / 4.0


def longest_stars(layers: Sequence[Layer]) -> float:
    """Return the FWHM of the longest stars of the layers along their long axes, px; 0 without."""
    lengths = [layer.star_px for layer in layers if math.isfinite(layer.star_px)]
    return max(lengths, default=0.0)
