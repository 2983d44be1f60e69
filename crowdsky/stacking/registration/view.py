"""What a camera sees: directions of its pixels, in a sky that all fields of a canvas share.

Over degrees, frames are not similar to each other: each is projected onto the plane that touches
the sky in its own middle. A direction is a unit vector, so that no place on the sky is special, and
the sky may be mirrored, as a Seestar's frames are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from crowdsky.stacking.registration.transform import Affine

BEND_UNIT_PX = 1000.0
"""Distance from the axis for which ``Lens.bend`` is given, pixels."""
ROUNDS = 4
"""Fixed-point steps that undo the bend; each lowers the error by the square of the bend."""


@dataclass(frozen=True, slots=True)
class Lens:
    """How directions become pixels: gnomonic, and a little bent towards the edges of the field.

    ``middle`` is the pixel of the axis, 0-based. A point that is seen ``r`` pixels from it would be
    at ``r * (1 + bend * (r / BEND_UNIT_PX)**2)`` in a plane picture.
    """

    focal_px: float
    middle: tuple[float, float]
    bend: float = 0.0

    def directions(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return unit vectors (n, 3) in the camera's axes: along x, along y, and its axis."""
        dx, dy = x - self.middle[0], y - self.middle[1]
        flat = (1.0 + self.bend * (dx * dx + dy * dy) / BEND_UNIT_PX**2) / self.focal_px
        rays = np.stack([dx * flat, dy * flat, np.ones_like(dx)], axis=-1)
        return np.asarray(rays / np.linalg.norm(rays, axis=-1, keepdims=True))

    def pixels(self, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the pixels of directions (n, 3) in the camera's axes; NaN behind the camera."""
        depth = np.where(rays[..., 2] > 0.0, rays[..., 2], np.nan)
        flat_x = self.focal_px * rays[..., 0] / depth
        flat_y = self.focal_px * rays[..., 1] / depth
        shrink = np.ones_like(flat_x)
        for _ in range(ROUNDS if self.bend else 0):
            square = (flat_x**2 + flat_y**2) * shrink**2
            shrink = 1.0 / (1.0 + self.bend * square / BEND_UNIT_PX**2)
        return flat_x * shrink + self.middle[0], flat_y * shrink + self.middle[1]


@dataclass(frozen=True, slots=True)
class View:
    """A lens that points somewhere: ``attitude`` (3, 3) has its axes as rows, in the common sky."""

    lens: Lens
    attitude: np.ndarray

    def directions(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the unit vectors (n, 3) of pixels."""
        return np.asarray(self.lens.directions(x, y) @ self.attitude)

    def pixels(self, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the pixels of unit vectors (n, 3); NaN behind the camera."""
        return self.lens.pixels(directions @ self.attitude.T)

    def moved(self, dx: float, dy: float) -> View:
        """Return the same view in a picture whose pixels are counted from (dx, dy) on."""
        x, y = self.lens.middle
        return replace(self, lens=replace(self.lens, middle=(x - dx, y - dy)))


def affine_between(
    source: View, target: View, x: tuple[float, float], y: tuple[float, float]
) -> Affine:
    """Return the affine transform nearest to that of pixels of one view to those of another.

    It is fitted to a grid over x[0] to x[1] and y[0] to y[1].
    """
    grid_x, grid_y = (axis.ravel() for axis in np.meshgrid(_nodes(*x), _nodes(*y)))
    to_x, to_y = target.pixels(source.directions(grid_x, grid_y))
    # On a grid that is symmetrical about its middle the three unknowns do not mix.
    mid_x, mid_y = 0.5 * (x[0] + x[1]), 0.5 * (y[0] + y[1])
    off_x, off_y = grid_x - mid_x, grid_y - mid_y
    rows = []
    for to in (to_x, to_y):
        along_x = float((off_x * to).sum() / (off_x * off_x).sum())
        along_y = float((off_y * to).sum() / (off_y * off_y).sum())
        rows += [along_x, along_y, float(to.mean()) - along_x * mid_x - along_y * mid_y]
    return (rows[0], rows[1], rows[2], rows[3], rows[4], rows[5])


def _nodes(first: float, last: float) -> np.ndarray:
    last = max(last, first + 1.0)
    return np.linspace(first, last, 5)


def rotation_to(rays: np.ndarray, directions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the attitude (3, 3) that sees ``directions`` (n, 3) as ``rays`` (n, 3).

    The rotation of least squares (Wahba 1965, solved with Markley's singular values).
    """
    left, _, right = np.linalg.svd((rays * weights[:, None]).T @ directions)
    proper = np.diag([1.0, 1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    return np.asarray(left @ proper @ right)
