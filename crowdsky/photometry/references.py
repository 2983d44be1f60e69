"""Pairs the stars of a stack with catalogue stars, and chooses the catalogue of the zero points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.attempts import Attempts
from crowdsky.solving.catalogue import Catalogue, CatalogueStars
from crowdsky.solving.chain import PlateResult, refit
from crowdsky.solving.refine import mutual_matches
from crowdsky.solving.solution import Solution
from crowdsky.solving.solver import StarList

MATCH_TOLERANCE_PX = 2.0
"""Distance in pixels up to which a star and a catalogue star may be the same."""

MIN_OWN_MATCHES = 5
"""Number of matches from which Gaia or the user's own catalogue gives the zero points. With fewer,
it does not cover this field, and Tycho-2 stays the reference."""

DEPTH_MARGIN = 2.0
"""Catalogue stars that may be a star of the stack, per star of the stack: enough where the order of
brightness differs between the bands, or where galaxies and nebulae are among the stars."""

FIELD_MARGIN = 1.02
"""Radius of the stars that are looked up, in radii of the field, as the plate may still move."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Stars of a stack and their partners in a catalogue.

    rows      -- rows of the star table, shape (m,)
    partners  -- their partners, m stars in the same order
    """

    rows: NDArray[np.intp]
    partners: CatalogueStars


@dataclass(frozen=True, slots=True)
class Reference:
    """The catalogue behind the zero points.

    matches -- the stars of the stack that have a partner in it; None without a verified solution
    """

    catalogue: Catalogue
    matches: Matches | None

    @property
    def name(self) -> str:
        """Band and catalogue, e.g. "VT Tycho-2"."""
        return f"{self.catalogue.band} {self.catalogue.name}"


@dataclass(frozen=True, slots=True)
class Cover:
    """A catalogue that is better than Tycho-2, where it has stars in the field.

    catalogue -- the catalogue
    near      -- its stars in and around the field at the epoch of the observation, brightest first
    matches   -- the stars of the stack that have a partner in it
    """

    catalogue: Catalogue
    near: CatalogueStars
    matches: Matches

    @property
    def is_enough(self) -> bool:
        """Whether it has enough stars here for zero points and positions."""
        return len(self.matches.rows) >= MIN_OWN_MATCHES


def cover_field(
    solution: Solution | None, stars: StarList, catalogue: Catalogue, year: float | None
) -> Cover | None:
    """Pair the stars of a solved stack with those of a catalogue.

    Args:
        solution: the plate; None gives None.
        stars: the stars of the stack, in the order of its table.
        catalogue: the stars to pair them with.
        year: epoch of the observation, to which positions are moved; None leaves them as they are.

    Raises what the catalogue's `cone` does.
    """
    if solution is None:
        return None
    radius = float(np.hypot(*solution.field_deg)) / 2.0 * FIELD_MARGIN
    near = catalogue.cone(*solution.center, radius, year)
    return Cover(catalogue, near, match_stars(solution, stars, near))


def match_stars(solution: Solution, stars: StarList, near: CatalogueStars) -> Matches:
    """Pair the stars of a solved stack with catalogue stars, which are sorted by brightness.

    Those much fainter than the picture shows are left out: in the Milky Way, one of them is beside
    every star.
    """
    x, y = solution.wcs.pixel(near.ra, near.dec)
    inside = (x > -1.0) & (x < stars.width) & (y > -1.0) & (y < stars.height)
    candidates = np.flatnonzero(inside)[: int(DEPTH_MARGIN * len(stars)) + 1]
    rows, partners, _ = mutual_matches(
        solution.wcs, stars, near.take(candidates), MATCH_TOLERANCE_PX
    )
    return Matches(rows, near.take(candidates[partners]))


def use_better(
    attempt: Attempts,
    plate: PlateResult,
    stars: StarList,
    catalogues: Sequence[Catalogue],
    year: float | None,
) -> tuple[PlateResult, Cover | None]:
    """Fit the plate to the first catalogue that covers the field, and pair the stars with it.

    Where none has enough stars, the first with any still gives the matches of the star table.
    """
    found: Cover | None = None
    for catalogue in catalogues:
        what = f"match with the stars of {catalogue.name}"
        cover = attempt(what, partial(cover_field, plate.solution, stars, catalogue, year))
        if cover is not None and (cover.is_enough or found is None):
            found = cover
        if found is not None and found.is_enough:
            break
    if found is None or not found.is_enough:
        return plate, found
    better, name = found, found.catalogue.name

    def fit() -> tuple[PlateResult, Cover]:
        refitted = refit(plate, stars, better.near, name)
        if refitted.solution is None:
            return plate, better
        matches = match_stars(refitted.solution, stars, better.near)
        return refitted, replace(better, matches=matches)

    return attempt(f"fit of the plate to {name}", fit) or (plate, better)


def gaia_name(cover: Cover | None, catalogues: Sequence[Catalogue]) -> str:
    """Name the catalogue of the columns `gaia_*`, even if it has no star here; "" without any."""
    if cover is not None:
        return cover.catalogue.name
    return catalogues[0].name if catalogues else ""


def choose_reference(
    plate: PlateResult, catalogue: Catalogue | None, cover: Cover | None
) -> Reference | None:
    """Choose a better catalogue if it covers the field, else the one that verified the plate.

    Args:
        plate: the solution and the pairs behind it.
        catalogue: the catalogue it was verified with; None if there is none.
        cover: the better catalogue; None if there is none with stars here.
    """
    if cover is not None and cover.is_enough:
        return Reference(cover.catalogue, cover.matches)
    return None if catalogue is None else Reference(catalogue, _verified_matches(plate))


def _verified_matches(plate: PlateResult) -> Matches | None:
    """Return the pairs behind a verified solution."""
    refined = plate.refined
    if refined is None:
        return None
    return Matches(refined.detections, refined.catalogue.take(refined.partners))
