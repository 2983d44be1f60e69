"""Our own matcher: pairs of stars against the local catalogue, for telescopes of known scale.

A small telescope of known focal length that says roughly where it points leaves little to search:
`tile_match` compares pairs of detections with catalogue pairs of the same length. With a hint good
to a degree this takes a few milliseconds (docs/solving.md).

The search goes tile by tile, outwards from the hint, so a poor hint costs time and nothing else.
Without any hint the tiles cover the whole sky, with brighter stars and shorter pairs, because the
number of catalogue pairs of a given length grows with its square. That takes a few seconds; solvers
with hashed star patterns are faster there and go first.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.solver import Parity, PositionHint, SolveOutcome, SolveRequest
from crowdsky.solving.tile_match import NEAR_HINT, WHOLE_SKY, TileMatcher

NAME = "triangles"
SCALE_NEEDED = "the pixel scale is not known well enough (FOCALLEN and XPIXSZ tell it)"

MAX_SCALE_TOLERANCE = 0.12
"""Relative uncertainty of the pixel scale up to which the matcher works; beyond it nearly every
catalogue pair would be as long as any pair of detections."""

MIN_STARS = 5
VERIFY_STARS = 300
"""Number of detections that a plate is weighed with; more would only raise the chance of accidental
hits."""


@dataclass(frozen=True, slots=True)
class TriangleSolver:
    """Matches pairs of detections with pairs of catalogue stars."""

    catalogue: StarCatalogue
    clock: Callable[[], float] = time.monotonic
    name: str = NAME
    uses_position: bool = True

    def solve(self, request: SolveRequest, time_limit: float) -> SolveOutcome:
        """Propose a plate; needs a pixel scale known to 12 %, and at least five stars."""
        stars = request.stars.brightest(VERIFY_STARS)
        if len(stars) < MIN_STARS:
            return SolveOutcome(NAME, reason=f"only {len(stars)} stars, {MIN_STARS} are needed")
        if request.scale is None or request.scale.tolerance > MAX_SCALE_TOLERANCE:
            return SolveOutcome(NAME, reason=SCALE_NEEDED)
        deadline = self.clock() + time_limit
        depth = NEAR_HINT if request.hint is not None else WHOLE_SKY
        hint = request.hint or PositionHint(0.0, 0.0, 180.0)
        parities = _parities(request.parity)
        matcher = TileMatcher(self.catalogue, stars, parities, request.scale, depth)
        tiles = 0
        for ra, dec in tiles_around(hint, depth.tile_deg):
            wcs = matcher.match(ra, dec)
            if wcs is not None:
                return SolveOutcome(NAME, wcs)
            tiles += 1
            if self.clock() > deadline:
                return SolveOutcome(NAME, reason=f"time over after {tiles} fields of the sky")
        return SolveOutcome(NAME, reason=f"no match in {tiles} fields around the expected place")


def tiles_around(hint: PositionHint, spacing_deg: float) -> Iterator[tuple[float, float]]:
    """Yield centres (RA, Dec) of tiles that cover the hint's circle, nearest first, in degrees.

    They are in rings around the hint, in a hexagonal pattern except that each ring has a whole
    number of tiles.
    """
    yield hint.ra % 360.0, hint.dec
    step = spacing_deg * math.sqrt(3.0) / 2.0
    radius = step
    while radius - step / 2.0 < min(hint.radius, 180.0):
        count = max(3, math.ceil(2.0 * math.pi * math.sin(math.radians(min(radius, 179.9)))
                                 / math.radians(spacing_deg)))  # fmt: skip
        for k in range(count):
            yield _offset(hint, radius, 360.0 * k / count)
        radius += step


def _offset(hint: PositionHint, distance_deg: float, angle_deg: float) -> tuple[float, float]:
    """Return the position at a distance and position angle from the hint."""
    dec0, distance, angle = (math.radians(v) for v in (hint.dec, distance_deg, angle_deg))
    sin_dec = math.sin(dec0) * math.cos(distance)
    sin_dec += math.cos(dec0) * math.sin(distance) * math.cos(angle)
    dec = math.asin(max(-1.0, min(1.0, sin_dec)))
    east = math.sin(angle) * math.sin(distance) * math.cos(dec0)
    ra = hint.ra + math.degrees(math.atan2(east, math.cos(distance) - math.sin(dec0) * sin_dec))
    return ra % 360.0, math.degrees(dec)


def _parities(parity: Parity) -> tuple[int, ...]:
    return (1, -1) if parity is Parity.EITHER else (parity.value,)
