"""Affine transforms between frames: fits, inverses and compositions."""

from __future__ import annotations

import math

import numpy as np

Affine = tuple[float, float, float, float, float, float]
"""Coefficients (a, b, c, d, e, f) of x' = a x + b y + c and y' = d x + e y + f; 0-based pixels."""

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

    Weighted least squares in closed form with complex numbers; never a mirror image. All arrays are
    (n,), positions in pixels.
    """
    total = weights.sum()
    if not total > 0.0:
        return None
    here, there = x + 1j * y, to_x + 1j * to_y
    middle, to_middle = (weights * here).sum() / total, (weights * there).sum() / total
    here, there = here - middle, there - to_middle
    extent = (weights * np.abs(here) ** 2).sum()
    if not extent > total * LEAST_EXTENT_PX**2:
        return None
    turn = (weights * np.conj(here) * there).sum() / extent
    offset = to_middle - turn * middle
    return (turn.real, -turn.imag, offset.real, turn.imag, turn.real, offset.imag)


def fit_affine(
    x: np.ndarray, y: np.ndarray, to_x: np.ndarray, to_y: np.ndarray, weights: np.ndarray
) -> Affine | None:
    """Fit the affine transform that best takes (x, y) to (to_x, to_y); None if undetermined."""
    middle_x, middle_y = float(x.mean()), float(y.mean())
    root = np.sqrt(weights)
    design = np.column_stack([x - middle_x, y - middle_y, np.ones_like(x)]) * root[:, None]
    if not np.isfinite(design).all() or np.linalg.matrix_rank(design) < 3:
        return None
    rows, *_ = np.linalg.lstsq(design, np.column_stack([to_x, to_y]) * root[:, None], rcond=None)
    (a, d), (b, e), (c, f) = rows
    return (
        float(a),
        float(b),
        float(c - a * middle_x - b * middle_y),
        float(d),
        float(e),
        float(f - d * middle_x - e * middle_y),
    )
