"""Divides frames into fields: those of a mosaic's panel, or all of one night.

The frames of a field overlap its reference almost whole, so that all that is known about one chunk
holds within a field: affine transforms, one scale, and one plane of sky per frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from crowdsky.stacking.registration.detect import FrameMeasure, Stars
from crowdsky.stacking.registration.placement import Group, Tick, choose_reference
from crowdsky.stacking.registration.register import MIN_MATCHES, Alignment, Search, align
from crowdsky.stacking.registration.transform import IDENTITY, Affine, apply, compose

SHARED = 0.8
"""Share of its pixels that a frame has in common with the reference of its field. At its edges the
planes of both touch the sky a quarter of a field apart, and an affine transform fits to 0.03 px."""
GRID = 24
"""Number of points along each side of a frame that its overlap is counted with."""

Size = tuple[int, int]
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Field:
    """A reference frame, the frames that are aligned with it, and its stars on its pixels."""

    group: Group
    stars: Stars
    """Those of the reference, with places and light averaged over all frames of the field."""

    @property
    def members(self) -> tuple[int, ...]:
        """The frames of the field, by index, in order of time."""
        return tuple(sorted({self.group.reference, *self.group.alignments}))

    def transform(self, index: int) -> Affine:
        """Return the transform of a member's pixels to those of the reference."""
        if index == self.group.reference:
            return IDENTITY
        return self.group.alignments[index].transform


def divide(
    measures: Sequence[FrameMeasure],
    size: Size,
    pointings: Sequence[Place | None],
    near_deg: float,
    tick: Tick,
) -> list[Field]:
    """Divide frames into fields, those of most frames first.

    Frames with too few stars are in none. One that matches no other is a field of its own.

    Args:
        measures: the frames in order of time.
        size: (height, width) of each, pixels.
        pointings: where each points, degrees; None if unknown.
        near_deg: pointings that differ by more are not of one field; mounts that are wrong are so
            for all frames.
        tick: called with (done, total); it may raise to cancel.
    """
    total = len(measures)
    remaining = [i for i, measure in enumerate(measures) if len(measure.stars) >= MIN_MATCHES]
    fields = []
    while remaining:
        reference = choose_reference(measures, remaining)
        near = [i for i in remaining if _near(pointings[i], pointings[reference], near_deg)]
        group = Group(reference, _join(measures, reference, near, size))
        fields.append(field_of(group, measures))
        remaining = [i for i in remaining if i != reference and i not in group.alignments]
        tick(total - len(remaining), total)
    return sorted(fields, key=lambda field: -len(field.members))


def field_of(group: Group, measures: Sequence[FrameMeasure]) -> Field:
    """Build a field, with the stars of its reference measured in all of its frames."""
    stars = measures[group.reference].stars
    sum_x, sum_y, light = stars.x.copy(), stars.y.copy(), stars.light.copy()
    count = np.ones(len(stars))
    for index, alignment in group.alignments.items():
        own = measures[index].stars
        x, y = apply(alignment.transform, own.x[alignment.mine], own.y[alignment.mine])
        sum_x[alignment.theirs] += x
        sum_y[alignment.theirs] += y
        ratio = stars.light[alignment.theirs] / own.light[alignment.mine]
        light[alignment.theirs] += np.median(ratio) * own.light[alignment.mine]
        count[alignment.theirs] += 1.0
    snr = stars.snr * np.sqrt(count)
    averaged = replace(stars, x=sum_x / count, y=sum_y / count, light=light / count, snr=snr)
    return Field(group, averaged)


def overlap_share(transform: Affine, size: Size) -> float:
    """Return the share of a frame that lies within another of the same size."""
    height, width = size
    across = (np.arange(GRID) + 0.5) / GRID * width - 0.5
    down = (np.arange(GRID) + 0.5) / GRID * height - 0.5
    x, y = (axis.ravel() for axis in np.meshgrid(across, down))
    x, y = apply(transform, x, y)
    inside = (x >= 0.0) & (x <= width - 1.0) & (y >= 0.0) & (y <= height - 1.0)
    return float(inside.mean())


def adopt(
    larger: Field, orphan: Field, guess: Affine, measures: Sequence[FrameMeasure]
) -> tuple[Field, tuple[int, ...]]:
    """Take the frames of one field into another that shows the same part of the sky.

    ``guess`` is the transform between their references. Returns the field with them, and the frames
    whose stars do not match its reference.
    """
    alignments = dict(larger.group.alignments)
    lost = []
    for index in orphan.members:
        start = compose(guess, orphan.transform(index))
        stars = measures[index].stars
        found = align(stars, measures[larger.group.reference].stars, start, search=Search.SHIFTS)
        if found is None:
            lost.append(index)
        else:
            alignments[index] = found
    group = Group(larger.group.reference, alignments)
    return field_of(group, measures), tuple(lost)


def _join(
    measures: Sequence[FrameMeasure], reference: int, indices: Sequence[int], size: Size
) -> dict[int, Alignment]:
    """Align frames outwards from the reference, and keep those that overlap with it."""
    found: dict[int, Alignment] = {}
    for direction in (1, -1):
        guess = IDENTITY
        ordered = [i for i in indices[::direction] if (i - reference) * direction > 0]
        for index in ordered:
            stars, theirs = measures[index].stars, measures[reference].stars
            alignment = align(stars, theirs, guess, search=Search.SHIFTS)
            if alignment is None or overlap_share(alignment.transform, size) < SHARED:
                continue
            found[index] = alignment
            guess = alignment.transform
    return found


def _near(one: Place | None, other: Place | None, near_deg: float) -> bool:
    return one is None or other is None or separation_deg(one, other) <= near_deg


def separation_deg(one: Place, other: Place) -> float:
    """Return the angle between two places on the sky, degrees."""
    ra, dec = math.radians(one[0] - other[0]), (math.radians(one[1]), math.radians(other[1]))
    half = math.sin((dec[0] - dec[1]) / 2.0) ** 2
    half += math.cos(dec[0]) * math.cos(dec[1]) * math.sin(ra / 2.0) ** 2
    return math.degrees(2.0 * math.asin(min(1.0, math.sqrt(half))))
