"""Finds the stars that fields have in common, where they overlap by a strip or a corner only."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from crowdsky.stacking.registration.detect import Stars
from crowdsky.stacking.registration.fields import Field, Size
from crowdsky.stacking.registration.register import (
    CENTROID_FLOOR_PX,
    Alignment,
    Search,
    align,
)
from crowdsky.stacking.registration.transform import IDENTITY, Affine

LEAST_STARS = 6
"""Number of common stars that link two fields: a similarity spends two of them, and four more meet
by chance in one of a million trials with 300 stars each."""
LEAST_SCALE, MOST_SCALE = 0.98, 1.02
FEW_FIELDS = 12
"""Number of fields up to which those of a single frame are searched as long as others."""
STRIP = 0.35
"""Share of a field that is searched on its own at each edge, in which half of the stars are in
common if a seventh of the field is."""


@dataclass(frozen=True, slots=True)
class Link:
    """Stars that two fields have in common, by their indices in the list of fields.

    ``mine`` and ``theirs`` are (n, 2) pixels of the references; ``sigma`` (n,) is the error of
    their difference along one axis, pixels. ``ratio`` (n,) is the logarithm of the light in
    ``other`` over that in ``one``, and ``ratio_sigma`` its error.
    """

    one: int
    other: int
    mine: np.ndarray
    theirs: np.ndarray
    sigma: np.ndarray
    ratio: np.ndarray
    ratio_sigma: np.ndarray


Order = Callable[[int, int], float | None]
"""How far two fields are apart by their headers, in any unit; None if they cannot overlap."""


def link_fields(fields: Sequence[Field], size: Size, order: Order) -> list[Link]:
    """Find a link for each field that has one, nearest pairs first; more follow with ``relink``.

    Pairs that are connected already, by way of others, are not searched.
    """
    pairs = []
    for one, other in itertools.combinations(range(len(fields)), 2):
        distance = order(one, other)
        if distance is not None:
            pairs.append((distance, one, other))
    links: list[Link] = []
    component = list(range(len(fields)))
    for _, one, other in sorted(pairs):
        if component[one] == component[other]:
            continue
        link = _search(fields, one, other, size)
        if link is not None:
            links.append(link)
            old, new = component[other], component[one]
            component = [new if item == old else item for item in component]
    return links


def relink(fields: Sequence[Field], one: int, other: int, guess: Affine) -> Link | None:
    """Link two fields of which it is known how they lie, from ``one`` to ``other`` (pixels)."""
    found = align(fields[one].stars, fields[other].stars, guess, Search.SHIFTS)
    return _link(fields, one, other, found)


def _search(fields: Sequence[Field], one: int, other: int, size: Size) -> Link | None:
    """Find out how two fields lie; those of one frame, often a bad one, are not searched long."""
    mine, theirs = fields[one].stars, fields[other].stars
    single = min(len(fields[one].members), len(fields[other].members)) == 1
    searches = [Search.SHIFTS] if single and len(fields) > FEW_FIELDS else list(Search)
    for search in searches:
        for few, few_theirs in _parts(mine, theirs, size):
            found = align(few, few_theirs, IDENTITY, search)
            if found is not None:
                # Once more with all stars.
                link = relink(fields, one, other, found.transform)
                if link is not None:
                    return link
            if search is Search.ALL:
                break  # whole lists only: it takes long
    return None


def _parts(mine: Stars, theirs: Stars, size: Size) -> Iterator[tuple[Stars, Stars]]:
    """Yield the lists whole, and strips at opposite edges: there far more stars are in common."""
    yield mine, theirs
    height, width = size
    for lengths, side in (("x", width), ("y", height)):
        depth = STRIP * side
        for first, second in ((mine, theirs), (theirs, mine)):
            far = _where(first, getattr(first, lengths) > side - depth)
            near = _where(second, getattr(second, lengths) < depth)
            yield (far, near) if first is mine else (near, far)


def _where(stars: Stars, chosen: np.ndarray) -> Stars:
    return Stars(
        stars.x[chosen], stars.y[chosen], stars.light[chosen], stars.snr[chosen],
        stars.fwhm[chosen], stars.ellipticity[chosen],
    )  # fmt: skip


def _link(fields: Sequence[Field], one: int, other: int, found: Alignment | None) -> Link | None:
    if found is None or found.mine.size < LEAST_STARS:
        return None
    a, b, _, d, e, _ = found.transform
    if not LEAST_SCALE**2 < a * e - b * d < MOST_SCALE**2:
        return None
    mine, theirs = fields[one].stars, fields[other].stars
    i, j = found.mine, found.theirs
    variance = (mine.fwhm[i] / mine.snr[i]) ** 2 + (theirs.fwhm[j] / theirs.snr[j]) ** 2
    noise = 1.0 / mine.snr[i] ** 2 + 1.0 / theirs.snr[j] ** 2
    return Link(
        one,
        other,
        np.stack([mine.x[i], mine.y[i]], axis=1),
        np.stack([theirs.x[j], theirs.y[j]], axis=1),
        np.sqrt(variance + CENTROID_FLOOR_PX**2),
        np.log(theirs.light[j] / mine.light[i]),
        np.sqrt(noise + 0.02**2),
    )
