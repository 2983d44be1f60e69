"""Decides which part of the sky a stack shows: its canvas.

The canvas is a plane that touches the sky. That of a single field is the plane of its reference, so
that its pixels are those of a stack of the same frames that shows the reference's part of the sky.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crowdsky.stacking.registration.transform import Affine, apply, invert
from crowdsky.stacking.registration.view import Lens, View

OUTLINE_POINTS = 9
"""Number of points along each edge of a frame that its place on the canvas is found with."""
ROW_STEP = 4
"""Step in rows of the first search for the largest rectangle."""

Size = tuple[int, int]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Canvas:
    """The pixels of a stack: ``size`` (height, width), and where they are.

    ``origin`` (x, y) is the first pixel, on those of the reference; ``view`` is how the canvas sees
    the sky, None for the plane of the reference itself.
    """

    size: Size
    origin: tuple[int, int] = (0, 0)
    view: View | None = None


def canvas_of_field(transforms: Sequence[Affine], size: Size) -> Canvas:
    """Return the canvas that holds every frame whole.

    ``transforms`` take pixels of frames of ``size`` to those of the reference.
    """
    boxes = [_bounds(*apply(transform, *_outline(size))) for transform in transforms]
    return _around(boxes)


def common_canvas(transforms: Sequence[Affine], size: Size) -> Canvas | None:
    """Return the largest canvas that all frames cover; None if they have no pixel in common."""
    boxes = [box_on_plane(transform, size) for transform in transforms]
    low, high = max(box[1] for box in boxes), min(box[3] for box in boxes)
    if high <= low:
        return None
    rows = np.arange(low, high + 1)
    left, right = _common_columns(transforms, size, rows)
    some = right >= left
    if not some.any():
        return None
    rows, left, right = rows[some], left[some], right[some]
    first, last = _largest(rows, left, right)
    x0 = math.ceil(max(left[first], left[last]))
    x1 = math.floor(min(right[first], right[last]))
    if x1 < x0:
        return None
    height = int(rows[last] - rows[first]) + 1
    return Canvas((height, x1 - x0 + 1), (x0, int(rows[first])))


def canvas_of_fields(
    views: Sequence[View], transforms: Sequence[Sequence[Affine]], size: Size
) -> Canvas:
    """Return the canvas of several fields, which touches the sky in their middle.

    Args:
        views: of the references; the canvas has the scale of the first, and its rows run like those
            of it.
        transforms: for each field those of its frames to its reference.
        size: (height, width) of a frame.
    """
    first = views[0]
    flat = View(Lens(first.lens.focal_px, (0.0, 0.0)), first.attitude)
    x0, y0, x1, y1 = _hull(flat, views, transforms, size)
    middle = flat.directions(np.array([0.5 * (x0 + x1)]), np.array([0.5 * (y0 + y1)]))[0]
    attitude = first.attitude @ _turn(first.attitude[2], middle).T
    touching = View(flat.lens, attitude)
    x0, y0, x1, y1 = _hull(touching, views, transforms, size)
    return Canvas((y1 - y0 + 1, x1 - x0 + 1), view=touching.moved(float(x0), float(y0)))


def box_of(canvas: View, view: View, transform: Affine, size: Size) -> Box:
    """Return the box (x0, y0, x1, y1) of the canvas that a frame of a field may cover."""
    x, y = canvas.pixels(view.directions(*apply(transform, *_outline(size))))
    return _bounds(x, y)


def box_on_plane(transform: Affine, size: Size) -> Box:
    """Return the same for a canvas in the plane to which ``transform`` takes a frame's pixels."""
    return _bounds(*apply(transform, *_outline(size)))


def _hull(
    canvas: View, views: Sequence[View], transforms: Sequence[Sequence[Affine]], size: Size
) -> Box:
    boxes = [
        box_of(canvas, view, transform, size)
        for view, of_field in zip(views, transforms, strict=True)
        for transform in of_field
    ]
    x0, y0, x1, y1 = np.array(boxes).T
    return int(x0.min()), int(y0.min()), int(x1.max()), int(y1.max())


def _around(boxes: Sequence[Box]) -> Canvas:
    x0, y0, x1, y1 = np.array(boxes).T
    left, top = int(x0.min()), int(y0.min())
    return Canvas((int(y1.max()) - top + 1, int(x1.max()) - left + 1), (left, top))


def _outline(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Return points along the edges of a frame."""
    height, width = size
    t = np.linspace(0.0, 1.0, OUTLINE_POINTS)
    ends = np.zeros_like(t), np.ones_like(t)
    x = np.concatenate([t, t, *ends]) * (width - 1)
    y = np.concatenate([*ends, t, t]) * (height - 1)
    return x, y


def _bounds(x: np.ndarray, y: np.ndarray) -> Box:
    # Rounding must not add a column in which no frame has a pixel.
    low_x, low_y = math.floor(x.min() + 1e-6), math.floor(y.min() + 1e-6)
    return low_x, low_y, math.ceil(x.max() - 1e-6), math.ceil(y.max() - 1e-6)


def _turn(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the shortest rotation (3, 3) that takes one unit vector to another."""
    axis = np.cross(start, end)
    cos = float(start @ end)
    x, y, z = axis
    spin = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + spin + spin @ spin / (1.0 + cos))


def _common_columns(
    transforms: Sequence[Affine], size: Size, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last column of each row that all frames cover."""
    height, width = size
    left, right = np.full(rows.size, -np.inf), np.full(rows.size, np.inf)
    for transform in transforms:
        a, b, c, d, e, f = invert(transform)
        for slope, offset, last in ((a, b * rows + c, width - 1), (d, e * rows + f, height - 1)):
            if abs(slope) < 1e-12:
                out = (offset < -1e-6) | (offset > last + 1e-6)
                right[out] = -np.inf
                continue
            ends = np.sort([-offset / slope, (last - offset) / slope], axis=0)
            left, right = np.maximum(left, ends[0]), np.minimum(right, ends[1])
    return np.ceil(left - 1e-6), np.floor(right + 1e-6)


def _largest(rows: np.ndarray, left: np.ndarray, right: np.ndarray) -> tuple[int, int]:
    """Return the first and the last row (indices) of the largest rectangle in a convex area.

    In a convex area what two rows have in common is in all rows between them.
    """
    coarse = np.unique(np.append(np.arange(0, rows.size, ROW_STEP), rows.size - 1))
    first, last = _best_pair(rows, left, right, coarse, coarse)
    around = np.arange(-ROW_STEP, ROW_STEP + 1)
    fine = [np.unique(np.clip(index + around, 0, rows.size - 1)) for index in (first, last)]
    return _best_pair(rows, left, right, *fine)


def _best_pair(
    rows: np.ndarray, left: np.ndarray, right: np.ndarray, tops: np.ndarray, bottoms: np.ndarray
) -> tuple[int, int]:
    width = np.minimum(right[tops][:, None], right[bottoms]) + 1.0
    width -= np.maximum(left[tops][:, None], left[bottoms])
    height = rows[bottoms] - rows[tops][:, None] + 1.0
    area = np.where((height > 0) & (width > 0), width * height, 0.0)
    top, bottom = divmod(int(area.argmax()), area.shape[1])
    return int(tops[top]), int(bottoms[bottom])
