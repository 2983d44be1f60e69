"""Background normalisation: level and gradient by which the sky of a frame differs from another's.

Frames are compared on their coarse sky meshes, box by box where they overlap. Both show the same
galaxy or nebula there, so only the change of the sky is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from crowdsky.base.arrays import median_of
from crowdsky.stacking.registration.detect import Mesh
from crowdsky.stacking.registration.transform import Affine, apply

MIN_BOXES = 12
"""Number of common boxes below which only the level is fitted."""
CLIP_SIGMA = 2.5
FLOOR_ADU = 1e-6
"""Smallest scatter in ADU that boxes are clipped by: exact planes scatter by rounding alone, and
that is no reason to leave a box out."""
LEAST_VARIANCE = 1e-12
"""Variance of the positions of boxes in one direction, relative to the other, that a slope needs.
Boxes along a line determine one slope; rounding would decide the other."""


@dataclass(frozen=True, slots=True)
class SkyDifference:
    """The planes to subtract from a scaled frame so that its sky equals the reference's.

    ``coefficients`` (planes, 3) are a constant in ADU, and ADU per pixel along x and y of the
    reference. ``residual`` is the scatter of the boxes about them in ADU, that of the worst plane.
    """

    coefficients: np.ndarray
    residual: float


def sky_difference(
    mesh: Mesh, reference: Mesh, transform: Affine, scale: float
) -> SkyDifference | None:
    """Fit ``scale * frame - reference`` by a plane per colour; None if they share no boxes.

    ``transform`` takes frame to reference pixels. Boxes that are NaN do not count.
    """
    n_planes, rows, columns = mesh.levels.shape
    middle = (mesh.box - 1) / 2.0
    x, y = np.meshgrid(np.arange(columns) * mesh.box + middle, np.arange(rows) * mesh.box + middle)
    x, y = apply(transform, x.ravel(), y.ravel())
    u, v = (x - middle) / reference.box, (y - middle) / reference.box
    shared = (u >= 0) & (v >= 0)
    shared &= (u <= reference.levels.shape[2] - 1) & (v <= reference.levels.shape[1] - 1)
    if not shared.any():
        return None
    x, y, u, v = x[shared], y[shared], u[shared], v[shared]
    coefficients = np.zeros((n_planes, 3))
    residual = 0.0
    here = scale * mesh.levels.reshape(n_planes, -1)[:, shared]
    differences = here - interpolate(reference.levels, u, v)
    for plane, difference in enumerate(differences):
        known = np.isfinite(difference)
        if not known.any():
            return None
        coefficients[plane], scatter = fit_plane(x[known], y[known], difference[known])
        residual = max(residual, scatter)
    return SkyDifference(coefficients, residual)


def interpolate(levels: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Interpolate grids (planes, rows, columns) bilinearly at columns u and rows v inside them."""
    column = np.minimum(u.astype(int), levels.shape[2] - 2)
    row = np.minimum(v.astype(int), levels.shape[1] - 2)
    s, t = u - column, v - row
    upper = levels[:, row, column] * (1 - s) + levels[:, row, column + 1] * s
    lower = levels[:, row + 1, column] * (1 - s) + levels[:, row + 1, column + 1] * s
    return np.asarray(upper * (1 - t) + lower * t)


def fit_plane(x: np.ndarray, y: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, float]:
    """Fit constant and slopes without outliers, and return the scatter of the rest, too."""
    if x.size < MIN_BOXES:
        level = median_of(value)
        return np.array([level, 0.0, 0.0]), median_of(np.abs(value - level)) * 1.4826
    boxes = np.array([x, y, value])
    kept = np.ones(x.size, bool)
    level = per_x = per_y = scatter = 0.0
    for _ in range(4):
        inside = boxes[:, kept]
        middle = inside.mean(axis=1)
        inside -= middle[:, None]
        (xx, xy, x_value), (_, yy, y_value) = (inside[:2] @ inside.T).tolist()
        per_x, per_y = _slopes(xx, xy, yy, x_value, y_value)
        middle_x, middle_y, mean = middle.tolist()
        level = mean - per_x * middle_x - per_y * middle_y
        off = np.abs(value - (level + per_x * x + per_y * y))
        scatter = median_of(off[kept]) * 1.4826
        kept = off <= CLIP_SIGMA * max(scatter, FLOOR_ADU)
        if np.count_nonzero(kept) < MIN_BOXES:
            break
    return np.array([level, per_x, per_y]), scatter


def _slopes(xx: float, xy: float, yy: float, x_value: float, y_value: float) -> tuple[float, float]:
    """Solve the normal equations of a plane about its middle for its slopes along x and y.

    If the boxes are on a line, the slope across it is unknown, and that of the least tilted plane.
    """
    longest = 0.5 * (xx + yy + math.hypot(xx - yy, 2.0 * xy))
    det = xx * yy - xy * xy
    if not longest > 0.0:
        return 0.0, 0.0
    if det > LEAST_VARIANCE * longest * longest:
        return (x_value * yy - y_value * xy) / det, (y_value * xx - x_value * xy) / det
    angle = 0.5 * math.atan2(2.0 * xy, xx - yy)
    cos, sin = math.cos(angle), math.sin(angle)
    along = (cos * x_value + sin * y_value) / longest
    return along * cos, along * sin
