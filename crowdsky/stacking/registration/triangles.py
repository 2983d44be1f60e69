"""Finds shift and rotation between two star lists by the shapes of triangles of neighbouring stars.

The ratios of a triangle's sides stay the same however it is shifted and turned, so that two
triangles of the same shape suggest a transform; the one that brings most stars together is
returned. After Valdes et al. (1995, PASP 107, 1119) and Beroiz et al. (2020, Astronomy and
Computing 32, 100384), without their random choice: the same stars give the same transform.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.stacking.registration.transform import Affine

NEIGHBOURS = 5
"""Number of stars whose triangles are formed around each star, itself included."""
SHAPE_TOLERANCE = 0.05
"""Difference between the logarithms of side ratios of triangles that match."""
TRIANGLE_PX = 1.5
"""Root mean square distance in pixels of corners that belong together; a mirror image has more."""
TOGETHER_PX = 3.0
"""Distance in pixels within which two stars count as brought together."""
APART_PX = 1.0
"""Distance in pixels below which two stars are the same one, found twice: triangles with a side of
length 0 have no shape."""
SCALE_TOLERANCE = 0.05
"""Difference between the scales of two frames of one camera, by focus, refraction and distortion,
and the errors of small triangles. Without a limit, a few stars on a line or a grid fit others."""
TRANSFORMS_TRIED = 1000
"""Number of transforms, those with the best fitting corners, for which stars are counted."""
MIN_TOGETHER = 4
"""Number of stars that a transform must bring together; any three fit well."""


def similarity_by_triangles(
    x: FloatArray, y: FloatArray, to_x: FloatArray, to_y: FloatArray
) -> Affine | None:
    """Find the rotation and shift that take most stars (x, y) to stars (to_x, to_y).

    Positions are in pixels, (n,) and (m,). The scale may differ by 5 %. Mirror images are not
    found. Returns None if no transform brings four stars together.
    """
    mine, theirs = _apart(x + 1j * y), _apart(to_x + 1j * to_y)
    corners, shapes = _triangles(mine)
    to_corners, to_shapes = _triangles(theirs)
    factor, shift = _similarities(*_alike(mine[corners], shapes, theirs[to_corners], to_shapes))
    if factor.size == 0:
        return None
    together = _count_together(factor[:, None] * mine + shift[:, None], theirs)
    best = int(together.argmax())
    if together[best] < MIN_TOGETHER:
        return None
    a, b = complex(factor[best]), complex(shift[best])
    return (a.real, -a.imag, b.real, a.imag, a.real, b.imag)


def _apart(places: np.ndarray) -> np.ndarray:
    """Drop places (n,) that coincide with an earlier one."""
    near = np.abs(places[:, None] - places) < APART_PX
    return np.asarray(places[~np.tril(near, -1).any(axis=1)])


def _triangles(places: np.ndarray) -> tuple[NDArray[np.intp], FloatArray]:
    """Form the triangles of neighbouring stars.

    Returns the indices of their corners, (t, 3), ordered by the length of the opposite side, and
    the logarithms of the ratios of longer to shorter sides, (t, 2).
    """
    number = min(NEIGHBOURS, places.size)
    near = np.abs(places[:, None] - places).argsort(axis=1, kind="stable")[:, :number]
    chosen = np.array([*combinations(range(number), 3)], dtype=np.intp).reshape(-1, 3)
    corners = np.unique(np.sort(near[:, chosen].reshape(-1, 3), axis=1), axis=0)
    opposite = np.stack(
        [np.abs(places[corners[:, k - 2]] - places[corners[:, k - 1]]) for k in range(3)], axis=1
    )
    order = opposite.argsort(axis=1, kind="stable")
    sides = np.log(np.take_along_axis(opposite, order, axis=1))
    return np.take_along_axis(corners, order, axis=1), np.diff(sides, axis=1)


def _alike(
    corners: np.ndarray, shapes: FloatArray, to_corners: np.ndarray, to_shapes: FloatArray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the corners, (p, 3) each, of all pairs of triangles of one shape."""
    apart = np.abs(shapes[:, None, :] - to_shapes).max(axis=2, initial=0.0)
    one, other = np.nonzero(apart < SHAPE_TOLERANCE)
    return corners[one], to_corners[other]


def _similarities(corners: np.ndarray, to_corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit z' = factor z + shift to the corners of each pair; returns the best fitting ones."""
    middle, to_middle = corners.mean(axis=1), to_corners.mean(axis=1)
    arm, to_arm = corners - middle[:, None], to_corners - to_middle[:, None]
    factor = (arm.conj() * to_arm).sum(axis=1) / (np.abs(arm) ** 2).sum(axis=1)
    square = (np.abs(factor[:, None] * arm - to_arm) ** 2).mean(axis=1)
    fits = (square < TRIANGLE_PX**2) & (np.abs(np.abs(factor) - 1.0) < SCALE_TOLERANCE)
    shift = to_middle - factor * middle
    best = square[fits].argsort(kind="stable")[:TRANSFORMS_TRIED]
    return factor[fits][best], shift[fits][best]


def _count_together(moved: np.ndarray, theirs: np.ndarray) -> NDArray[np.intp]:
    """Count for each transform the stars of the poorer list that have a partner.

    ``moved`` are the stars after each transform, (t, n). Of stars that fall on the same one of the
    other list, one counts.
    """
    near = np.abs(moved[:, :, None] - theirs) < TOGETHER_PX
    mine, others = near.any(axis=2).sum(axis=1), near.any(axis=1).sum(axis=1)
    return np.asarray(np.minimum(mine, others))
