"""Points the fields of a mosaic: by the stars that they share, or by plate solutions.

Fields that lie on larger ones become part of them, and parts that are far away are left out.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from crowdsky.stacking.registration.attitudes import Anchor, point_fields
from crowdsky.stacking.registration.detect import FrameMeasure
from crowdsky.stacking.registration.fields import SHARED, Field, Size, adopt, overlap_share
from crowdsky.stacking.registration.links import Link, relink
from crowdsky.stacking.registration.transform import Affine
from crowdsky.stacking.registration.view import Lens, View, affine_between

LEAST_OVERLAP = 0.005
MOST_GAP = 2.0
"""Distance between a field that only its plate places and the nearest other one, relative to the
diagonal of a frame, beyond which it is another target."""

FindAnchor = Callable[[Field], tuple[Anchor, float] | None]
"""Function that solves the stars of a field: its anchor, and the focal length in pixels."""


def pointed(
    fields: list[Field],
    links: Sequence[Link],
    lens: Lens,
    size: Size,
    find_anchor: FindAnchor | None,
) -> tuple[list[Field], list[View]]:
    """Return the fields that can be pointed, that of most frames first, and their views."""
    groups = _components(len(fields), links)
    groups.sort(key=lambda group: -sum(len(fields[number].members) for number in group))
    views: dict[int, View] = {}
    if len(groups) > 1 and find_anchor is not None:
        views = _anchored(fields, groups, links, lens, size, find_anchor)
    if not views:
        chosen = sorted(groups[0], key=lambda number: -len(fields[number].members))
        new = {number: index for index, number in enumerate(chosen)}
        inside = [_renumbered(link, new) for link in links if link.one in new]
        found = point_fields(lens, len(chosen), inside, {})
        views = {chosen[index]: view for index, view in found.items()}
    ordered = sorted(views, key=lambda number: -len(fields[number].members))
    return [fields[number] for number in ordered], [views[number] for number in ordered]


def _anchored(
    fields: Sequence[Field],
    groups: Sequence[Sequence[int]],
    links: Sequence[Link],
    lens: Lens,
    size: Size,
    find_anchor: FindAnchor,
) -> dict[int, View]:
    """Point fields by plate solutions; empty if less than two groups have one."""
    anchors: dict[int, Anchor] = {}
    focal = []
    solved = 0
    for group in groups:
        found = {number: answer for number in group if (answer := find_anchor(fields[number]))}
        anchors |= {number: anchor for number, (anchor, _) in found.items()}
        focal += [length for _, length in found.values()]
        solved += bool(found)
    if solved < 2:
        return {}
    lens = Lens(float(np.median(focal)), lens.middle)
    views = point_fields(lens, len(fields), links, anchors)
    return _of_one_target(views, groups, size)


def _of_one_target(
    views: Mapping[int, View], groups: Sequence[Sequence[int]], size: Size
) -> dict[int, View]:
    """Keep the groups that are near the first one that is pointed, or near one that is kept."""
    diagonal = math.hypot(*size)
    pointed = [[number for number in group if number in views] for group in groups]
    pointed = [group for group in pointed if group]
    kept = {number: views[number] for number in pointed[0]}
    waiting = pointed[1:]
    while True:
        near = [group for group in waiting if any(
            _apart_px(views[number], view) <= MOST_GAP * diagonal
            for number in group for view in kept.values()
        )]  # fmt: skip
        if not near:
            return kept
        kept |= {number: views[number] for group in near for number in group}
        waiting = [group for group in waiting if group not in near]


def _apart_px(one: View, other: View) -> float:
    return math.acos(min(1.0, float(one.attitude[2] @ other.attitude[2]))) * one.lens.focal_px


def _components(count: int, links: Sequence[Link]) -> list[list[int]]:
    component = list(range(count))
    for link in links:
        old, new = component[link.other], component[link.one]
        component = [new if item == old else item for item in component]
    groups: dict[int, list[int]] = {}
    for number, name in enumerate(component):
        groups.setdefault(name, []).append(number)
    return list(groups.values())


def _renumbered(link: Link, new: Mapping[int, int]) -> Link:
    return Link(
        new[link.one], new[link.other], link.mine, link.theirs, link.sigma, link.ratio,
        link.ratio_sigma,
    )  # fmt: skip


def _between(one: View, other: View, size: Size) -> Affine:
    """Return the transform between the pixels of two references."""
    return affine_between(one, other, (0.0, size[1] - 1.0), (0.0, size[0] - 1.0))


def without_doubles(
    fields: list[Field], views: list[View], size: Size, measures: Sequence[FrameMeasure]
) -> tuple[list[Field], list[int]]:
    """Let fields that lie on larger ones be part of them; return frames that do not fit, too.

    The fields that are left keep their order; those that are gone are None in ``views``.
    """
    strangers: list[int] = []
    for number in range(len(fields) - 1, 0, -1):
        for larger in range(number):
            guess = _between(views[number], views[larger], size)
            if overlap_share(guess, size) >= SHARED:
                fields[larger], lost = adopt(fields[larger], fields[number], guess, measures)
                strangers += lost
                del fields[number], views[number]
                break
    return fields, strangers


def repointed(
    fields: list[Field], views: list[View], size: Size
) -> tuple[list[Field], list[View], list[Link]]:
    """Link all pairs that overlap, now that it is known which, and point all fields again."""
    links = []
    for one, other in itertools.combinations(range(len(fields)), 2):
        guess = _between(views[one], views[other], size)
        if overlap_share(guess, size) >= LEAST_OVERLAP:
            link = relink(fields, one, other, guess)
            if link is not None:
                links.append(link)
    connected = len(_components(len(fields), links)) == 1
    if connected:
        lens = Lens(views[0].lens.focal_px, views[0].lens.middle)
        found = point_fields(lens, len(fields), links, {})
        if len(found) == len(fields):
            views = [found[number] for number in range(len(fields))]
    return fields, views, links
