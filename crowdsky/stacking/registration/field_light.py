"""Makes the light and the sky of fields equal where they overlap, for all of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crowdsky.base.arrays import median_of
from crowdsky.stacking.registration.links import Link
from crowdsky.stacking.registration.sky_difference import fit_plane, interpolate
from crowdsky.stacking.registration.view import View

SCALE_SIGMA = 0.5
"""Scatter of the logarithm of the scale between fields that share no stars."""
LEVEL_SIGMA = 1e4
LEAST_SLOPE_SIGMA = 1.0
"""ADU over the height of a field by which the tilt of its sky is at least allowed to differ from
what its own boxes say."""
FIXED = 1e-6
ROUNDS = 4
CLIP_SIGMA = 2.5
FLOOR_ADU = 0.01


@dataclass(frozen=True, slots=True)
class FieldSky:
    """The mean sky of a field's frames, in boxes, on the scale and with the sky of its reference.

    ``levels`` (planes, rows, columns) are ADU, NaN where no box is. The middle of the first box is
    pixel ``first`` (x, y) of the reference, and ``box`` is the distance to the next.
    """

    levels: np.ndarray
    first: tuple[float, float]
    box: float

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the pixels of all boxes, row by row."""
        rows, columns = self.levels.shape[1:]
        x, y = np.meshgrid(np.arange(columns) * self.box, np.arange(rows) * self.box)
        return x.ravel() + self.first[0], y.ravel() + self.first[1]


def match_scales(n_fields: int, links: Sequence[Link]) -> np.ndarray:
    """Find the factors (fields,) that make the light of shared stars equal; that of field 0 is 1.

    Each link counts by the weighted median of its stars, so that a variable star does no harm.
    """
    normal = np.eye(n_fields) * SCALE_SIGMA**-2.0
    normal[0, 0] += FIXED**-2.0
    right = np.zeros(n_fields)
    for link in links:
        weights = link.ratio_sigma**-2.0
        order = np.argsort(link.ratio, kind="stable")
        reached = np.cumsum(weights[order])
        ratio = float(link.ratio[order][np.searchsorted(reached, 0.5 * reached[-1])])
        # log(scale of other) - log(scale of one) = -ratio
        weight = float(weights.sum())
        for number, sign in ((link.one, -1.0), (link.other, 1.0)):
            normal[number, number] += weight
            right[number] -= sign * ratio * weight
        normal[link.one, link.other] -= weight
        normal[link.other, link.one] -= weight
    return np.asarray(np.exp(np.linalg.solve(normal, right)))


def match_skies(
    views: Mapping[int, View],
    skies: Mapping[int, FieldSky],
    scales: np.ndarray,
    canvas: View,
    height: float,
) -> dict[int, np.ndarray]:
    """Find the planes to subtract from scaled fields so that their sky is equal where they overlap.

    A galaxy or a nebula is in both fields and cancels out; a gradient that goes through all of them
    stays. Field 0 keeps its sky. An overlap that is a narrow strip tells little about the slope
    across it. There it helps that skies are tilted alike: the slope that remains is expected to be
    that of field 0, within twice the scatter of all fields' own slopes, which nebulae widen.

    Args:
        views, skies: of the fields, by number.
        scales: (fields,), by which the levels are multiplied first.
        canvas: on whose pixels planes are given.
        height: of a frame, pixels: the unit in which slopes are compared.

    Returns (planes, 3) per field: a constant in ADU, and ADU per pixel along x and y of the canvas.
    """
    numbers = sorted(views)
    overlaps = [
        overlap
        for one in numbers
        for other in numbers
        if one != other
        and (overlap := _overlap(views, skies, scales, (one, other), canvas)) is not None
    ]
    n_planes = skies[numbers[0]].levels.shape[0]
    middles = {number: _middle(views[number], skies[number], canvas) for number in numbers}
    tilts = {number: _tilts(views[number], skies[number], scales[number], canvas, height)
             for number in numbers}  # fmt: skip
    solved = [
        _solve(
            overlaps,
            middles,
            {number: tilts[number][plane] - tilts[numbers[0]][plane] for number in numbers},
            plane,
            height,
        )
        for plane in range(n_planes)
    ]
    return {number: np.array([planes[number] for planes in solved]) for number in numbers}


@dataclass(frozen=True, slots=True)
class _Overlap:
    """Boxes that two fields share: ``x`` and ``y`` on the canvas, ``difference`` (planes, n)."""

    one: int
    other: int
    x: np.ndarray
    y: np.ndarray
    difference: np.ndarray


def _overlap(
    views: Mapping[int, View],
    skies: Mapping[int, FieldSky],
    scales: np.ndarray,
    pair: tuple[int, int],
    canvas: View,
) -> _Overlap | None:
    """Compare the boxes of one field with those of another; None if they share none."""
    one, other = pair
    mine, theirs = skies[one], skies[other]
    directions = views[one].directions(*mine.places())
    x, y = views[other].pixels(directions)
    u, v = (x - theirs.first[0]) / theirs.box, (y - theirs.first[1]) / theirs.box
    rows, columns = theirs.levels.shape[1:]
    shared = (u >= 0) & (v >= 0) & (u <= columns - 1) & (v <= rows - 1)
    if not shared.any():
        return None
    here = scales[one] * mine.levels.reshape(len(mine.levels), -1)[:, shared]
    there = scales[other] * interpolate(theirs.levels, u[shared], v[shared])
    known = np.isfinite(here - there).all(axis=0)
    if not known.any():
        return None
    at_x, at_y = canvas.pixels(directions[shared][known])
    return _Overlap(one, other, at_x, at_y, (here - there)[:, known])


def _middle(view: View, sky: FieldSky, canvas: View) -> tuple[float, float]:
    x, y = sky.places()
    at_x, at_y = canvas.pixels(view.directions(x, y))
    return float(at_x.mean()), float(at_y.mean())


def _tilts(view: View, sky: FieldSky, scale: float, canvas: View, height: float) -> np.ndarray:
    """Fit the slopes of a field's own sky along x and y of the canvas: (planes, 2), ADU/height."""
    at_x, at_y = canvas.pixels(view.directions(*sky.places()))
    found = []
    for levels in sky.levels.reshape(len(sky.levels), -1):
        known = np.isfinite(levels)
        coefficients, _ = fit_plane(at_x[known], at_y[known], scale * levels[known])
        found.append(height * coefficients[1:])
    return np.array(found)


def _solve(
    overlaps: Sequence[_Overlap],
    middles: Mapping[int, tuple[float, float]],
    tilts: Mapping[int, np.ndarray],
    plane: int,
    height: float,
) -> dict[int, np.ndarray]:
    """Solve for the planes of one colour; ``tilts`` (2,) are the slopes that are expected."""
    numbers = list(middles)
    spread = np.array(list(tilts.values()))
    scatter = 2.0 * 1.4826 * np.median(np.abs(spread - np.median(spread, axis=0)), axis=0)
    slope_sigma = np.maximum(LEAST_SLOPE_SIGMA, scatter)
    place = {number: 3 * index for index, number in enumerate(numbers)}
    size = 3 * len(numbers)
    solved: np.ndarray = np.zeros(size)

    def terms(overlap: _Overlap) -> np.ndarray:
        design = np.zeros((overlap.x.size, size))
        for number, sign in ((overlap.one, 1.0), (overlap.other, -1.0)):
            first, (mid_x, mid_y) = place[number], middles[number]
            design[:, first] = sign
            design[:, first + 1] = sign * (overlap.x - mid_x) / height
            design[:, first + 2] = sign * (overlap.y - mid_y) / height
        return design

    designs = [terms(overlap) for overlap in overlaps]
    values = [overlap.difference[plane] for overlap in overlaps]
    for turn in range(ROUNDS):
        offs = [value - design @ solved for value, design in zip(values, designs, strict=True)]
        # Of all boxes together: the few that a corner shares may agree by chance.
        sigma = _scatter(np.concatenate([off - median_of(off) for off in offs])) if offs else 1.0
        normal, right = np.zeros((size, size)), np.zeros(size)
        for number in numbers:
            at = place[number]
            held = number == numbers[0]
            errors = np.array([FIXED] * 3 if held else [LEVEL_SIGMA, *slope_sigma])
            normal[range(at, at + 3), range(at, at + 3)] += errors**-2.0
            right[at + 1 : at + 3] += tilts[number] * errors[1:] ** -2.0
        for off, value, design in zip(offs, values, designs, strict=True):
            kept = np.abs(off - median_of(off)) <= (CLIP_SIGMA * sigma if turn else np.inf)
            chosen = design[kept]
            normal += sigma**-2.0 * chosen.T @ chosen
            right += sigma**-2.0 * chosen.T @ value[kept]
        solved = np.asarray(np.linalg.solve(normal, right))
    found = {}
    for number in numbers:
        level, per_x, per_y = solved[place[number] : place[number] + 3]
        mid_x, mid_y = middles[number]
        slope_x, slope_y = per_x / height, per_y / height
        found[number] = np.array([level - slope_x * mid_x - slope_y * mid_y, slope_x, slope_y])
    return found


def _scatter(values: np.ndarray) -> float:
    return max(FLOOR_ADU, 1.4826 * median_of(np.abs(values - median_of(values))))
