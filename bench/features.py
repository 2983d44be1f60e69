"""What several weights measure at the places of known objects: the raw material of all columns.

Positions are 0-based pixels of the picture. Weights are evaluated at the pixels' own distances from
the true place, so that nothing is interpolated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from bench.patches import Patches, along_across, soft_step

STAR_SIGMAS_PX = (0.9, 1.3, 1.9, 2.8, 4.2)
"""Gaussian weights for light, from narrower than a star to so wide that seeing hardly matters."""
PLACE_SIGMAS_PX = (0.9, 1.3, 1.9, 2.8)
STAR_REACH_PX = 14
SHIFT_PX = 0.3
"""Displacement at which the weights for places are calibrated."""
DISC_SHARES = (0.6, 1.0, 1.5)
"""Diameters of the weights for discs, relative to the disc."""
DISC_EDGE_PX = 1.2
DISC_SKY = (2.0, 3.0)
"""Diameters of the ring of sky around a disc."""
STREAK_SIGMAS_PX = (1.2, 1.9, 3.0)
STREAK_SKY_PX = (9.0, 16.0)
"""Distance of the strips of sky on both sides of a streak."""
MIN_SKY_PX = 3.0
"""The ring is never nearer to the edge of a disc, so that seeing carries no light into it."""
MIN_FREE_SHARE = 0.5
"""Share of the weight that has to be free of stars."""


def star_light(planes: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Light within each of the Gaussian weights (of sum 1) at n places, (planes, n, weights)."""
    sigmas = np.array(STAR_SIGMAS_PX)
    found = np.full((len(planes), len(x), sigmas.size), math.nan)
    for index, (box, dx, dy) in _surroundings(planes, x, y):
        across, down = _gaussians(dx, sigmas), _gaussians(dy, sigmas)
        found[:, index] = np.einsum("pij,ki,kj->pk", box, down, across, optimize=True)
    return np.asarray(found / (2.0 * math.pi * sigmas**2))


def star_moments(picture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """First moments under Gaussian weights at n places, (n, 2 axes, weights).

    They are 0 where the star is exactly at its place, and grow with its displacement.
    """
    sigmas = np.array(PLACE_SIGMAS_PX)
    found = np.full((len(x), 2, sigmas.size), math.nan)
    for index, (box, dx, dy) in _surroundings(picture[None], x, y):
        across, down = _gaussians(dx, sigmas), _gaussians(dy, sigmas)
        found[index, 0] = np.einsum("ij,ki,kj->k", box[0], down, dx * across, optimize=True)
        found[index, 1] = np.einsum("ij,ki,kj->k", box[0], dy * down, across, optimize=True)
    return np.asarray(found / sigmas**4)


def moment_response(
    picture: np.ndarray, x: np.ndarray, y: np.ndarray, light: np.ndarray
) -> np.ndarray:
    """Moment per px of displacement and unit of light, the median of n stars, (2, weights)."""
    response = []
    for axis, (dx, dy) in enumerate(((SHIFT_PX, 0.0), (0.0, SHIFT_PX))):
        # The weights are moved instead of the star, and so the other way.
        ahead = star_moments(picture, x - dx, y - dy)[:, axis]
        behind = star_moments(picture, x + dx, y + dy)[:, axis]
        response.append(np.median((ahead - behind) / (2.0 * SHIFT_PX * light[:, None]), axis=0))
    return np.array(response)


def patch_light(picture: np.ndarray, patches: Patches, free: np.ndarray) -> np.ndarray:
    """Mean brightness within the weights of each patch above that of its sky, (n, weights).

    The picture has its sky, which only the surroundings of each patch tell. ``patches`` are placed
    on the picture; ``free`` (height, width) marks pixels without stars. NaN
    where too few pixels of a patch or its sky are free.
    """
    found = np.full((len(patches), len(DISC_SHARES)), math.nan)
    for index in range(len(patches)):
        size, angle = float(patches.size[index]), float(patches.angle[index])
        reach = math.ceil(max(size * DISC_SKY[1] / 2.0, size / 2.0 + 2.0 * MIN_SKY_PX))
        if not math.isnan(angle):
            reach = math.ceil(size / 2.0 + STREAK_SKY_PX[1])
        box = _box(picture[None], patches.x[index], patches.y[index], reach)
        if box is None:
            continue
        part, (dx, dy) = box[0][0], np.meshgrid(box[1], box[2])
        column, row = round(float(patches.x[index])), round(float(patches.y[index]))
        open_ = free[row - reach : row + reach + 1, column - reach : column + reach + 1]
        forms = (
            _disc_forms(dx, dy, size) if math.isnan(angle) else _streak_forms(dx, dy, size, angle)
        )
        sums = np.array([(form * open_).sum() for form in forms])
        if (sums < MIN_FREE_SHARE * np.array([form.sum() for form in forms])).any():
            continue
        means = [(part * form * open_).sum() for form in forms] / sums
        found[index] = means[:-1] - means[-1]
    return found


def _disc_forms(dx: np.ndarray, dy: np.ndarray, size: float) -> list[np.ndarray]:
    distance = np.hypot(dx, dy)
    forms = [soft_step(distance - size * share / 2.0, DISC_EDGE_PX) for share in DISC_SHARES]
    inner = max(size * DISC_SKY[0] / 2.0, size / 2.0 + MIN_SKY_PX)
    outer = max(size * DISC_SKY[1] / 2.0, size / 2.0 + 2.0 * MIN_SKY_PX)
    return [*forms, ((distance > inner) & (distance <= outer)).astype(float)]


def _streak_forms(dx: np.ndarray, dy: np.ndarray, size: float, angle: float) -> list[np.ndarray]:
    along, across = along_across(dx, dy, angle)
    length = soft_step(np.abs(along) - size / 2.0, DISC_EDGE_PX)
    forms = [length * np.exp(-0.5 * (across / sigma) ** 2) for sigma in STREAK_SIGMAS_PX]
    aside = np.abs(across)
    strips = (aside > STREAK_SKY_PX[0]) & (aside <= STREAK_SKY_PX[1]) & (np.abs(along) <= size / 2)
    return [*forms, strips.astype(float)]


def _gaussians(distance: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
    """Gaussian weights along one axis, (weights, pixels)."""
    return np.asarray(np.exp(-0.5 * (distance / sigmas[:, None]) ** 2))


def _surroundings(
    planes: np.ndarray, x: np.ndarray, y: np.ndarray
) -> Iterator[tuple[int, tuple[np.ndarray, np.ndarray, np.ndarray]]]:
    """Number of each place that lies well inside, and ``_box`` around it."""
    for index, (place_x, place_y) in enumerate(zip(x, y, strict=True)):
        box = _box(planes, place_x, place_y, STAR_REACH_PX)
        if box is not None:
            yield index, box


def _box(
    planes: np.ndarray, x: float, y: float, reach: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """The surroundings of a place, (planes, 2 reach + 1, 2 reach + 1), and their pixels' distances
    from it along x and y, (2 reach + 1,); None where they leave the picture."""
    if not (math.isfinite(x) and math.isfinite(y)):
        return None
    column, row = round(float(x)), round(float(y))
    if min(column, row) < reach:
        return None
    part = planes[:, row - reach : row + reach + 1, column - reach : column + reach + 1]
    if part.shape[1:] != (2 * reach + 1, 2 * reach + 1):
        return None
    step = np.arange(-reach, reach + 1)
    return part.astype(float), step + (column - x), step + (row - y)
