"""Places the frames of a mosaic: divides them into fields, points those, and makes them equal.

Within a field all is as in a stack of one chunk. Fields are pointed by the stars that they share,
or by plate solutions, and their light and sky are made equal over all overlaps at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crowdsky.stacking.registration.detect import FrameMeasure
from crowdsky.stacking.registration.field_light import FieldSky, match_scales, match_skies
from crowdsky.stacking.registration.fields import Field, Place, Size, divide, separation_deg
from crowdsky.stacking.registration.framing import Canvas, canvas_of_field, canvas_of_fields
from crowdsky.stacking.registration.links import Link, link_fields
from crowdsky.stacking.registration.placement import Placement, Tick, few_stars, left_out, weigh
from crowdsky.stacking.registration.pointing import (
    FindAnchor,
    pointed,
    repointed,
    without_doubles,
)
from crowdsky.stacking.registration.sky_difference import interpolate
from crowdsky.stacking.registration.transform import Affine, apply, compose, invert
from crowdsky.stacking.registration.view import Lens, View, affine_between
from crowdsky.stacking.registration.weights import surface_weight
from crowdsky.stacking.weighing import EQUAL, POINT_SOURCES

PLANE_FOCAL_PX = 1e7
"""Focal length in pixels that is assumed if it is unknown: the sky is taken as a plane."""
NEAR_SHARE = 0.5
"""Difference in pointing within a field, relative to the shorter side of a frame."""
APART = 1.5
"""Difference in pointing, relative to the diagonal of a frame, beyond which two cannot overlap."""
EXTRA_BOXES = 6
"""Number of boxes of sky around the reference in which frames of its field still are."""
NOT_CONNECTED = "it has no star in common with the other subs and is no part of their mosaic"


@dataclass(frozen=True, slots=True)
class Panel:
    """A field on the canvas: ``view`` is None if the canvas is in the plane of its reference."""

    field: Field
    view: View | None
    scale: float
    sky: np.ndarray
    """Plane to subtract after ``scale``, (planes, 3), on the pixels of the canvas."""
    weight: float
    """Factor on the weights of its frames."""


@dataclass(frozen=True, slots=True)
class PlacedPanels:
    """Where all frames are.

    ``placements`` has one per frame; their transforms, nearest affine ones, take its pixels to the
    canvas, and so do their planes of sky. ``panel_of`` is the number of each frame's panel.
    """

    canvas: Canvas
    panels: tuple[Panel, ...]
    placements: tuple[Placement, ...]
    panel_of: Mapping[int, int]


def place_panels(
    measures: Sequence[FrameMeasure],
    size: Size,
    pointings: Sequence[Place | None],
    focal_px: float | None,
    find_anchor: FindAnchor | None,
    tick: Tick,
    weights: str = POINT_SOURCES,
) -> PlacedPanels | None:
    """Place frames on the canvas that holds all of them; None if no two fit together.

    Args:
        measures: the frames in order of time.
        size: (height, width) of each, pixels.
        pointings: where each points, degrees; None if unknown.
        focal_px: focal length in pixels, None if unknown.
        find_anchor: solves fields that share no stars with others; None if nothing can.
        tick: called with (done, total); it may raise to cancel.
        weights: what the frames are weighed for, one of ``weighing.WEIGHTS``.
    """
    lens = Lens(focal_px or PLANE_FOCAL_PX, ((size[1] - 1) / 2.0, (size[0] - 1) / 2.0))
    side_deg = math.degrees(min(size) / lens.focal_px)
    diagonal_deg = math.degrees(math.hypot(*size) / lens.focal_px)
    if focal_px is None:
        pointings, side_deg, diagonal_deg = [None] * len(measures), math.inf, math.inf
    fields = divide(measures, size, pointings, NEAR_SHARE * side_deg, tick)
    if not fields:
        return None

    def order(one: int, other: int) -> float | None:
        ends = (pointings[fields[one].group.reference], pointings[fields[other].group.reference])
        if ends[0] is None or ends[1] is None:
            return 0.0
        apart = separation_deg(ends[0], ends[1])
        return apart if apart <= APART * diagonal_deg else None

    links = link_fields(fields, size, order)
    fields, views = pointed(fields, links, lens, size, find_anchor)
    fields, strangers = without_doubles(fields, views, size, measures)
    fields, views, links = repointed(fields, views, size)
    placements = [left_out(measure, few_stars(measure) or NOT_CONNECTED) for measure in measures]
    for index in strangers:
        placements[index] = left_out(
            measures[index], "its stars do not match those of the reference of its field"
        )
    of_fields = [weigh(field.group, measures, weights) for field in fields]
    if len(fields) == 1:
        used = [p.transform for p in of_fields[0].values() if p.transform and p.weight > 0.0]
        if not used:
            return None
        canvas = canvas_of_field(used, size)
        shift: Affine = (1.0, 0.0, -float(canvas.origin[0]), 0.0, 1.0, -float(canvas.origin[1]))
        nothing = np.zeros((len(measures[0].sky), 3))
        panels = [Panel(fields[0], None, 1.0, nothing, 1.0)]
        to_canvas = [lambda _transform: shift]
    else:
        canvas, panels = _panels(measures, fields, views, links, of_fields, size, weights)
        to_canvas = [_projection(canvas, panel, size) for panel in panels]
    panel_of = {}
    for number, (panel, found) in enumerate(zip(panels, of_fields, strict=True)):
        for index, placement in found.items():
            panel_of[index] = number
            is_first = placement.is_reference and number == 0
            placements[index] = _moved(placement, panel, to_canvas[number], is_first)
    return PlacedPanels(canvas, tuple(panels), tuple(placements), panel_of)


def _panels(
    measures: Sequence[FrameMeasure],
    fields: Sequence[Field],
    views: Sequence[View],
    links: Sequence[Link],
    of_fields: Sequence[Mapping[int, Placement]],
    size: Size,
    weights: str,
) -> tuple[Canvas, list[Panel]]:
    used = [
        [p.transform for p in found.values() if p.transform is not None and p.weight > 0.0]
        for found in of_fields
    ]
    canvas = canvas_of_fields(views, used, size)
    if canvas.view is None:
        raise ValueError("the canvas of several fields has no view")
    scales = match_scales(len(fields), links)
    skies = {
        number: _field_sky(measures, field, found)
        for number, (field, found) in enumerate(zip(fields, of_fields, strict=True))
    }
    planes = match_skies(dict(enumerate(views)), skies, scales, canvas.view, size[0])
    first = measures[fields[0].group.reference]
    panels = []
    for number, field in enumerate(fields):
        own = measures[field.group.reference]
        weight = _weight(own, first, float(scales[number]), weights)
        scale = float(scales[number])
        panels.append(Panel(field, views[number], scale, planes[number], weight))
    return canvas, panels


def _weight(own: FrameMeasure, first: FrameMeasure, scale: float, weights: str) -> float:
    """Return the weight of a field's reference, relative to that of the first field."""
    if weights == EQUAL:
        return 1.0
    weight = surface_weight(own, first, scale)
    if weights == POINT_SOURCES:
        # As the overlap of Gaussian profiles with that of the stack, which is about the first's.
        weight *= 2.0 * first.fwhm_px**2 / (own.fwhm_px**2 + first.fwhm_px**2)
    return weight


def _field_sky(
    measures: Sequence[FrameMeasure], field: Field, placements: Mapping[int, Placement]
) -> FieldSky:
    """Average the sky of a field's frames, each without what it differs by from the reference."""
    mesh = measures[field.group.reference].mesh
    n_planes, rows, columns = mesh.levels.shape
    start = (mesh.box - 1) / 2.0 - EXTRA_BOXES * mesh.box
    # Twice as fine as the mesh, because an overlap may be two boxes wide only.
    shape = (n_planes, 2 * (rows + 2 * EXTRA_BOXES), 2 * (columns + 2 * EXTRA_BOXES))
    sky = FieldSky(np.full(shape, np.nan), (start, start), mesh.box / 2.0)
    x, y = sky.places()
    total, count = np.zeros((n_planes, x.size)), np.zeros(x.size)
    for index, placement in placements.items():
        if placement.weight <= 0.0 or placement.transform is None:
            continue
        own = measures[index].mesh
        own_x, own_y = apply(invert(placement.transform), x, y)
        u, v = (own_x - (own.box - 1) / 2.0) / own.box, (own_y - (own.box - 1) / 2.0) / own.box
        height, width = own.levels.shape[1:]
        # A box's level is that of its middle; the outer half of the outermost is continued.
        inside = (np.abs(2.0 * u - width + 1) <= width) & (np.abs(2.0 * v - height + 1) <= height)
        inside = np.flatnonzero(inside)
        here = placement.scale * interpolate(own.levels, u[inside], v[inside])
        here -= placement.sky @ np.stack([np.ones(inside.size), x[inside], y[inside]])
        known = np.isfinite(here).all(axis=0)
        total[:, inside[known]] += here[:, known]
        count[inside[known]] += 1.0
    sky.levels.reshape(n_planes, -1)[:, count > 0] = total[:, count > 0] / count[count > 0]
    return sky


def _projection(canvas: Canvas, panel: Panel, size: Size) -> Callable[[Affine], Affine]:
    """Return the function from a frame's transform to the affine one nearest to its projection."""
    view, onto = panel.view, canvas.view
    if view is None or onto is None:
        raise ValueError("a panel on a curved canvas has a view")

    def nearest(transform: Affine) -> Affine:
        x, y = apply(transform, np.array([0.0, size[1] - 1.0]), np.array([0.0, size[0] - 1.0]))
        across, down = (float(x.min()), float(x.max())), (float(y.min()), float(y.max()))
        return affine_between(view, onto, across, down)

    return nearest


def _moved(
    placement: Placement,
    panel: Panel,
    to_canvas: Callable[[Affine], Affine],
    is_reference: bool,
) -> Placement:
    """Return a placement within a field as one on the canvas."""
    if placement.transform is None:
        return placement
    onto = to_canvas(placement.transform)
    a, b, c, d, e, f = invert(onto)
    level, per_x, per_y = panel.scale * placement.sky.T
    # The plane of its sky is on the pixels of the field's reference.
    own = np.stack([level + per_x * c + per_y * f, per_x * a + per_y * d, per_x * b + per_y * e])
    return Placement(
        compose(onto, placement.transform),
        panel.scale * placement.scale,
        panel.weight * placement.weight,
        own.T + panel.sky,
        placement.reason,
        is_reference,
    )
