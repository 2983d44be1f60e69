"""Pairs the stars of a stack with catalogue stars, and chooses the catalogue of the zero points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsky.solving.catalogue import CatalogueStars, StarCatalogue
from crowdsky.solving.chain import PlateResult
from crowdsky.solving.refine import mutual_matches
from crowdsky.solving.solution import Solution
from crowdsky.solving.solver import StarList

MATCH_TOLERANCE_PX = 2.0
"""Distance in pixels up to which a star and a catalogue star may be the same."""

MIN_OWN_MATCHES = 5
"""Number of matches from which the user's own catalogue gives the zero points. With fewer, it does
not cover this field, and Tycho-2 stays the reference."""


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

    catalogue: StarCatalogue
    matches: Matches | None

    @property
    def name(self) -> str:
        """Band and catalogue, e.g. "VT Tycho-2"."""
        return f"{self.catalogue.band} {self.catalogue.name}"


def match_stars(
    solution: Solution | None,
    stars: StarList,
    catalogue: StarCatalogue | None,
    year: float | None,
) -> Matches | None:
    """Pair the stars of a solved stack with those of a catalogue.

    Args:
        solution: the plate; None gives None.
        stars: the stars of the stack, in the order of its table.
        catalogue: the stars to pair them with; None gives None.
        year: epoch of the observation, to which positions are moved; None leaves them as they are.
    """
    if solution is None or catalogue is None:
        return None
    radius = float(np.hypot(*solution.field_deg)) / 2.0
    near = catalogue.cone(*solution.center, radius, year)
    rows, partners, _ = mutual_matches(solution.wcs, stars, near, MATCH_TOLERANCE_PX)
    return Matches(rows, near.take(partners))


def choose_reference(
    plate: PlateResult,
    catalogue: StarCatalogue | None,
    own_catalogue: StarCatalogue | None,
    own_matches: Matches | None,
) -> Reference | None:
    """Choose the user's own catalogue if it covers the field, else the one that verified the plate.

    Args:
        plate: the solution and the pairs behind it.
        catalogue: the catalogue it was verified with; None if there is none.
        own_catalogue: the user's own; None if there is none.
        own_matches: the stars that have a partner in `own_catalogue`.
    """
    covered = own_matches is not None and len(own_matches.rows) >= MIN_OWN_MATCHES
    if own_catalogue is not None and covered:
        return Reference(own_catalogue, own_matches)
    return None if catalogue is None else Reference(catalogue, _verified_matches(plate))


def _verified_matches(plate: PlateResult) -> Matches | None:
    """Return the pairs behind a verified solution."""
    refined = plate.refined
    if refined is None:
        return None
    return Matches(refined.detections, refined.catalogue.take(refined.partners))
