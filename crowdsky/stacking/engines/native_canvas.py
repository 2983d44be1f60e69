"""Places subs on a canvas other than the reference's own pixels: ``--framing`` of the engine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from crowdsky.base.errors import BadDataError
from crowdsky.frames.fits_header import FrameHeader
from crowdsky.stacking.engine import FindPlate, StackOptions
from crowdsky.stacking.framings import INTERSECTION
from crowdsky.stacking.integration.layer import CanvasPlace
from crowdsky.stacking.registration.attitudes import Anchor
from crowdsky.stacking.registration.detect import FrameMeasure, Stars
from crowdsky.stacking.registration.fields import Field, Size
from crowdsky.stacking.registration.framing import (
    Canvas,
    box_of,
    box_on_plane,
    common_canvas,
)
from crowdsky.stacking.registration.panels import PlacedPanels, place_panels
from crowdsky.stacking.registration.placement import Placement, Tick, place
from crowdsky.stacking.registration.pointing import FindAnchor
from crowdsky.stacking.registration.transform import Affine, apply, compose, invert
from crowdsky.stacking.weighing import POINT_SOURCES

FEATHER_SHARE = 1.0 / 12.0
"""Width over which weights grow from the edges of a frame, relative to its shorter side: half of an
overlap of a seventh."""
LEAST_SIDE_PX = 64
MOST_PIXELS = 500_000_000
"""Number of pixels of the largest canvas."""
CATALOGUE_SIGMA_PX = 0.2
"""Error of a catalogue's star: proper motions since its epoch, and half of a Seestar's pixel."""
ARCSEC_PER_RADIAN = 206_264.806


class NoCanvasError(BadDataError):
    """The subs cannot be shown together like this."""


@dataclass(frozen=True, slots=True)
class OnCanvas:
    """The canvas and, for each measured sub, its placement and its place, None if left out."""

    canvas: Canvas
    placements: list[Placement]
    places: list[CanvasPlace | None]
    feather_px: float
    n_fields: int

    def on_canvas(self, stars: Stars) -> Stars:
        """Return stars of the reference on the pixels of the canvas."""
        transform = next(one.transform for one in self.placements if one.is_reference)
        if transform is None:
            raise ValueError("the reference has no place")
        x, y = apply(transform, stars.x, stars.y)
        return replace(stars, x=x, y=y)


def place_on_canvas(
    measures: Sequence[FrameMeasure],
    headers: Sequence[FrameHeader],
    options: StackOptions,
    tick: Tick,
) -> OnCanvas:
    """Place measured subs, in order of time, on the canvas that the framing asks for.

    Raises NoCanvasError when they have too little in common, or too much sky between them.
    """
    size = (headers[0].height, headers[0].width)
    if options.framing == INTERSECTION:
        return _on_what_all_show(measures, size, options, tick)
    mosaic = place_panels(
        measures,
        size,
        [header.sky for header in headers],
        _focal_px(headers[0]),
        _finder(options.find_plate, headers, size),
        tick,
        options.weights or POINT_SOURCES,
    )
    if mosaic is None:
        # No sub has enough stars; place says so, or takes a single one.
        placements = place(measures, tick, options.weights or POINT_SOURCES)
        canvas = Canvas(size)
        places = [_on_plane(p, m, size) for p, m in zip(placements, measures, strict=True)]
        return OnCanvas(canvas, placements, places, 0.0, 1)
    height, width = mosaic.canvas.size
    if height * width > MOST_PIXELS:
        raise NoCanvasError(
            f"a picture of {width} x {height} pixels would be too large",
            why="the subs show fields that are far apart",
            hint="stack each target by itself",
        )
    places = [_on_mosaic(index, mosaic, measures, size) for index in range(len(measures))]
    feather = FEATHER_SHARE * min(size)
    return OnCanvas(mosaic.canvas, list(mosaic.placements), places, feather, len(mosaic.panels))


def _on_what_all_show(
    measures: Sequence[FrameMeasure], size: Size, options: StackOptions, tick: Tick
) -> OnCanvas:
    placements = place(measures, tick, options.weights or POINT_SOURCES)
    used = [p.transform for p in placements if p.transform is not None and p.weight > 0.0]
    canvas = common_canvas(used, size) if used else Canvas(size)
    if canvas is None or min(canvas.size) < LEAST_SIDE_PX:
        raise NoCanvasError(
            "the subs have no part of the sky in common",
            why="--framing intersection shows what all of them show",
            hint="use --framing max, or leave out the subs that point elsewhere",
        )
    x, y = canvas.origin
    moved = [_shifted(placement, x, y) for placement in placements]
    places = [_on_plane(p, m, size) for p, m in zip(moved, measures, strict=True)]
    return OnCanvas(canvas, moved, places, 0.0, 1)


def _shifted(placement: Placement, x: int, y: int) -> Placement:
    """Return a placement on pixels that are counted from (x, y) on."""
    if placement.transform is None:
        return placement
    sky = placement.sky.copy()
    sky[:, 0] += x * sky[:, 1] + y * sky[:, 2]
    transform = compose((1.0, 0.0, -float(x), 0.0, 1.0, -float(y)), placement.transform)
    return replace(placement, transform=transform, sky=sky)


def _on_plane(placement: Placement, measure: FrameMeasure, size: Size) -> CanvasPlace | None:
    if placement.transform is None:
        return None
    box = box_on_plane(placement.transform, size)
    level = _sky_level(placement, measure, size)
    return CanvasPlace(0, None, invert(placement.transform), box, level)


def _on_mosaic(
    index: int, mosaic: PlacedPanels, measures: Sequence[FrameMeasure], size: Size
) -> CanvasPlace | None:
    placement, number = mosaic.placements[index], mosaic.panel_of.get(index)
    if placement.transform is None or number is None:
        return None
    panel, view = mosaic.panels[number], mosaic.canvas.view
    if panel.view is None or view is None:
        return _on_plane(placement, measures[index], size)
    own = panel.field.transform(index)
    level = _sky_level(placement, measures[index], size)
    return CanvasPlace(number, panel.view, invert(own), box_of(view, panel.view, own, size), level)


def _sky_level(placement: Placement, measure: FrameMeasure, size: Size) -> np.ndarray:
    """Return the level of the stack's sky in the middle of a frame, (planes,) ADU."""
    transform: Affine = placement.transform or (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    x, y = apply(transform, np.array(size[1] / 2.0), np.array(size[0] / 2.0))
    plane = placement.sky @ np.array([1.0, float(x), float(y)])
    return np.asarray(placement.scale * measure.sky - plane)


def _focal_px(header: FrameHeader) -> float | None:
    """Return the focal length in pixels, None if the header does not tell it."""
    length, pixel = header.focal_length_mm, header.x_pixel_um
    if not length or not pixel or not (length > 0.0 and pixel > 0.0):
        return None
    focal = 1000.0 * length / pixel
    return focal if math.isfinite(focal) else None


def _finder(
    find_plate: FindPlate | None, headers: Sequence[FrameHeader], size: Size
) -> FindAnchor | None:
    """Return what solves the stars of a field, as directions in the sky of the canvas."""
    if find_plate is None:
        return None

    def find(field: Field) -> tuple[Anchor, float] | None:
        stars = field.stars
        plate = find_plate(stars.x, stars.y, stars.light, size, headers[field.group.reference])
        if plate is None:
            return None
        ra, dec = np.radians(plate.ra_deg), np.radians(plate.dec_deg)
        # Axes of pictures are right-handed if their parity is positive; of others the sky is
        # mirrored.
        up = np.sin(dec) * (1.0 if plate.parity > 0 else -1.0)
        sky = np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), up], axis=1)
        focal = ARCSEC_PER_RADIAN / plate.scale_arcsec
        return Anchor(plate.pixels, sky, CATALOGUE_SIGMA_PX), focal

    return find
