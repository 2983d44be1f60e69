"""Points the fields of a canvas: all at once, by least squares over the stars that they share.

Each field has three angles, a scale near 1, and all have the bend of their lens in common. Stars
that a catalogue knows hold them to the sky, if there are any; without them the first field stays
where it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crowdsky.base.arrays import median_of
from crowdsky.stacking.registration.links import Link
from crowdsky.stacking.registration.view import BEND_UNIT_PX, Lens, View, rotation_to

ROUNDS = 6
PER_FIELD = 4
SCALE_SIGMA = 3e-4
"""Focus and temperature change the scale of a telescope by about so much between nights."""
BEND_SIGMA = 1e-3
"""A lens bends the edge of a Seestar's field by less than so many thousandths of its distance."""
FIXED = 1e-9
"""Error of what does not move, radians or relative."""
LOOSE = 1.0
LEAST_RESIDUAL_PX = 0.3
"""Median error of the stars of a link below which it is not trusted less than others."""
MAX_RESIDUAL_PX = 1.0
"""Median error of the stars of a link from which it connects the wrong stars."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Stars of a field whose directions are known, from a plate solution of it.

    ``pixels`` is (n, 2), on those of the reference; ``directions`` (n, 3) unit vectors in the sky
    of the canvas, and ``sigma`` their error along one axis, pixels.
    """

    pixels: np.ndarray
    directions: np.ndarray
    sigma: float


def point_fields(
    lens: Lens, n_fields: int, links: Sequence[Link], anchors: Mapping[int, Anchor]
) -> dict[int, View]:
    """Find the view of every field that can be pointed.

    Args:
        lens: that of all fields, as far as it is known beforehand.
        n_fields: number of fields; without anchors only those linked to field 0 are pointed.
        links: stars that two fields share. A link that contradicts the others is dropped.
        anchors: by field, stars whose directions are known.

    Returns views by the number of the field.
    """
    links = list(links)
    while True:
        views = _first_guess(lens, links, anchors)
        used = [link for link in links if link.one in views and link.other in views]
        for turn in range(ROUNDS):
            off = [_residual_px(link, views) for link in used]
            # At first all links count, so that a wrong one has no lead; then the most agreed on.
            limit = max(LEAST_RESIDUAL_PX, median_of(np.array(off))) if off else 1.0
            trust = [1.0 / (1.0 + (value / limit) ** 4) if turn > 1 else 1.0 for value in off]
            views = _improved(views, used, trust, anchors)
        worst = max(used, key=lambda link: _residual_px(link, views), default=None)
        if worst is None or _residual_px(worst, views) <= MAX_RESIDUAL_PX:
            return views
        links.remove(worst)


def _first_guess(
    lens: Lens, links: Sequence[Link], anchors: Mapping[int, Anchor]
) -> dict[int, View]:
    """Point field 0 or those with anchors, and then whatever is linked to them."""
    if anchors:
        views = {
            number: View(lens, rotation_to(lens.directions(*anchor.pixels.T), anchor.directions,
                                           np.ones(len(anchor.pixels))))
            for number, anchor in anchors.items()
        }  # fmt: skip
    else:
        views = {0: View(lens, np.eye(3))}
    growing = True
    while growing:
        growing = False
        for link in sorted(links, key=lambda link: -len(link.sigma)):
            ends = ((link.one, link.mine), (link.other, link.theirs))
            for (known, seen), (new, shown) in (ends, ends[::-1]):
                if known in views and new not in views:
                    directions = views[known].directions(*seen.T)
                    rays = lens.directions(*shown.T)
                    views[new] = View(lens, rotation_to(rays, directions, link.sigma**-2.0))
                    growing = True
    return views


def _improved(
    views: dict[int, View],
    links: Sequence[Link],
    trust: Sequence[float],
    anchors: Mapping[int, Anchor],
) -> dict[int, View]:
    """Take one step of Gauss and Newton; ``trust`` is a factor on the weight of each link."""
    numbers = sorted(views)
    place = {number: PER_FIELD * index for index, number in enumerate(numbers)}
    size = PER_FIELD * len(numbers) + 1
    normal, right = np.zeros((size, size)), np.zeros(size)

    def add(parts: Sequence[tuple[int, np.ndarray, float]], off: np.ndarray,
            sigma: np.ndarray) -> None:  # fmt: skip
        """Add equations: the sum of sign * (what a field's unknowns change) is -off, (n, 3)."""
        design = np.zeros((len(off), 3, size))
        for number, pixels, sign in parts:
            first = place[number]
            own, bend = _derivatives(views[number], pixels)
            design[:, :, first : first + PER_FIELD] += sign * own
            design[:, :, -1] += sign * bend
        weights = _robust(off, sigma)
        normal[:] += np.einsum("nki,nkj,n->ij", design, design, weights, optimize=True)
        right[:] -= np.einsum("nki,nk,n->i", design, off, weights, optimize=True)

    for link, factor in zip(links, trust, strict=True):
        one, other = views[link.one], views[link.other]
        off = one.directions(*link.mine.T) - other.directions(*link.theirs.T)
        parts = ((link.one, link.mine, 1.0), (link.other, link.theirs, -1.0))
        add(parts, off, link.sigma / one.lens.focal_px / factor**0.5)
    for number, anchor in anchors.items():
        view = views[number]
        off = view.directions(*anchor.pixels.T) - anchor.directions
        sigma = np.full(len(off), anchor.sigma / view.lens.focal_px)
        add(((number, anchor.pixels, 1.0),), off, sigma)
    first = min(numbers)
    for number in numbers:
        held = not anchors and number == first
        at = place[number]
        normal[at : at + 3, at : at + 3] += np.eye(3) / (FIXED if held else LOOSE) ** 2
        scale_sigma = FIXED if held else (10.0 * SCALE_SIGMA if anchors else SCALE_SIGMA)
        normal[at + 3, at + 3] += scale_sigma**-2.0
        right[at + 3] -= _relative_scale(views[number], views[first]) * scale_sigma**-2.0
    bend = views[first].lens.bend
    normal[-1, -1] += BEND_SIGMA**-2.0
    right[-1] -= bend * BEND_SIGMA**-2.0
    step = np.linalg.solve(normal, right)
    return {
        number: _moved(view, step[place[number] : place[number] + PER_FIELD], float(step[-1]))
        for number, view in views.items()
    }


def _derivatives(view: View, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how directions change with rotation and scale, (n, 3, 4), and with the bend, (n, 3).

    The rotation is about the axes of the sky, the scale is the logarithm of the focal length.
    """
    seen = view.directions(*pixels.T)
    axis = view.attitude[2]
    # Towards the axis, a step of the tangent of the angle is one of the direction to first order.
    outward = seen / (seen @ axis)[:, None] - axis
    own = np.zeros((len(seen), 3, PER_FIELD))
    for k, unit in enumerate(np.eye(3)):
        own[:, :, k] = np.cross(unit, seen)
    own[:, :, 3] = -outward
    offset = pixels - np.array(view.lens.middle)
    square = (offset**2).sum(axis=1) / BEND_UNIT_PX**2
    return own, outward * square[:, None]


def _robust(off: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Return weights of equations, with Cauchy's against wrong pairs."""
    square = (off**2).sum(axis=1) / sigma**2
    return np.asarray(sigma**-2.0 / (1.0 + square / max(median_of(square), 1e-9) / 6.0))


def _relative_scale(view: View, first: View) -> float:
    return float(np.log(view.lens.focal_px / first.lens.focal_px))


def _moved(view: View, step: np.ndarray, bend: float) -> View:
    lens = replace(
        view.lens,
        focal_px=view.lens.focal_px * float(np.exp(step[3])),
        bend=view.lens.bend + bend,
    )
    # Directions turn by the step, so what sees them turns with them.
    x, y, z = step[:3]
    spin = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    left, _, right = np.linalg.svd(np.eye(3) + spin)
    return View(lens, view.attitude @ (left @ right).T)


def _residual_px(link: Link, views: Mapping[int, View]) -> float:
    one, other = views[link.one], views[link.other]
    x, y = other.pixels(one.directions(*link.mine.T))
    return median_of(np.hypot(x - link.theirs[:, 0], y - link.theirs[:, 1]))
