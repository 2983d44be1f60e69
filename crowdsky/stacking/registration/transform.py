"""Affine transforms between frames: fits, inverses and compositions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

Affine = tuple[float, float, float, float, float, float]
"""Coefficients (a, b, c, d, e, f) of x' = a x + b y + c and y' = d x + e y + f; 0-based pixels."""

LEAST_VARIANCE = 1e-12
"""Variance of points in one direction, relative to the other, that an affine fit needs: on a line
of 1000 pixels they must scatter by a thousandth of a pixel."""

IDENTITY: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
LEAST_EXTENT_PX = 1e-3
"""Extent of the points in pixels below which a rotation is undetermined: no centroid is so
accurate, and the rounding errors of coincident points would give any rotation."""


def apply(transform: Affine, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Transform points x, y, (n,) each."""
    a, b, c, d, e, f = transform
    return a * x + b * y + c, d * x + e * y + f


def invert(transform: Affine) -> Affine:
    """Return the inverse transform."""
    a, b, c, d, e, f = transform
    det = a * e - b * d
    return (
        e / det,
        -b / det,
        (b * f - c * e) / det,
        -d / det,
        a / det,
        (c * d - a * f) / det,
    )


def compose(second: Affine, first: Affine) -> Affine:
    """Return the transform that applies ``first``, then ``second``."""
    a, b, c, d, e, f = second
    p, q, r, s, t, u = first
    return (
        a * p + b * s,
        a * q + b * t,
        a * r + b * u + c,
        d * p + e * s,
        d * q + e * t,
        d * r + e * u + f,
    )


def rotation_deg(transform: Affine) -> float:
    """Return the rotation of the x axis, degrees."""
    return math.degrees(math.atan2(transform[3], transform[0]))


def mirrored(transform: Affine) -> bool:
    """Whether left and right are swapped."""
    return transform[0] * transform[4] - transform[1] * transform[3] < 0.0


def fit_similarity(
    x: np.ndarray, y: np.ndarray, to_x: np.ndarray, to_y: np.ndarray, weights: np.ndarray
) -> Affine | None:
    """Fit shift, rotation and scale that best take (x, y) to (to_x, to_y); None if undetermined.

    Weighted least squares in closed form; never a mirror image. All arrays are (n,), positions in
    pixels.
    """
    seen = _moments(x, y, to_x, to_y, weights)
    if seen is None:
        return None
    extent = seen.xx + seen.yy
    cos, sin = (seen.x_to_x + seen.y_to_y) / extent, (seen.x_to_y - seen.y_to_x) / extent
    return seen.around_middle(cos, -sin, sin, cos)


def fit_affine(
    x: np.ndarray, y: np.ndarray, to_x: np.ndarray, to_y: np.ndarray, weights: np.ndarray
) -> Affine | None:
    """Fit the affine transform that best takes (x, y) to (to_x, to_y); None if undetermined.

    Weighted least squares like ``fit_similarity``.
    """
    seen = _moments(x, y, to_x, to_y, weights)
    if seen is None:
        return None
    longest = 0.5 * (seen.xx + seen.yy + math.hypot(seen.xx - seen.yy, 2.0 * seen.xy))
    det = seen.xx * seen.yy - seen.xy * seen.xy
    if not det > LEAST_VARIANCE * longest * longest:
        return None
    return seen.around_middle(
        (seen.x_to_x * seen.yy - seen.y_to_x * seen.xy) / det,
        (seen.y_to_x * seen.xx - seen.x_to_x * seen.xy) / det,
        (seen.x_to_y * seen.yy - seen.y_to_y * seen.xy) / det,
        (seen.y_to_y * seen.xx - seen.x_to_y * seen.xy) / det,
    )


@dataclass(frozen=True, slots=True)
class _Moments:
    """Weighted means of pairs of points, px, and of products of their offsets from these, px^2."""

    middle: tuple[float, float, float, float]
    xx: float
    xy: float
    yy: float
    x_to_x: float
    x_to_y: float
    y_to_x: float
    y_to_y: float

    def around_middle(self, a: float, b: float, d: float, e: float) -> Affine:
        """Return the transform with these coefficients that takes the middle to the middle."""
        x, y, to_x, to_y = self.middle
        return (a, b, to_x - a * x - b * y, d, e, to_y - d * x - e * y)


def _moments(
    x: np.ndarray, y: np.ndarray, to_x: np.ndarray, to_y: np.ndarray, weights: np.ndarray
) -> _Moments | None:
    """Compute the moments of pairs of points; None without weight, extent or a finite place."""
    total = float(weights.sum())
    if not 0.0 < total < math.inf:
        return None
    points = np.array([x, y, to_x, to_y])
    middle = (points * weights).sum(axis=1) / total
    points -= middle[:, None]
    products = (points[:2] * weights) @ points.T / total
    (xx, xy, x_to_x, x_to_y), (_, yy, y_to_x, y_to_y) = products.tolist()
    if not LEAST_EXTENT_PX**2 < xx + yy < math.inf:
        return None
    mean_x, mean_y, mean_to_x, mean_to_y = middle.tolist()
    middle_of_all = (mean_x, mean_y, mean_to_x, mean_to_y)
    return _Moments(middle_of_all, xx, xy, yy, x_to_x, x_to_y, y_to_x, y_to_y)
