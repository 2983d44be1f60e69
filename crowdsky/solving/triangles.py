"""Our own matcher: pairs of stars against the local catalogue, for telescopes of known scale.

A small telescope of known focal length that says roughly where it points leaves little to search.
A pair of detections has a known length on the sky; each catalogue pair as long fixes the whole
plate; a third and a fourth star that then meet a catalogue star make it worth a full check. With a
hint good to a degree this takes a few milliseconds (docs/solving.md).

The search goes tile by tile, outwards from the hint, so that a poor hint costs time and nothing
else. Without any hint the tiles cover the whole sky, with brighter stars and shorter pairs: the
number of catalogue pairs as long grows with the square of the length. That takes a few seconds;
solvers with hashed star patterns are faster there and go first.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.solver import Parity, PositionHint, SolveOutcome, SolveRequest, StarList
from crowdsky.solving.tan import ARCSEC_PER_DEGREE, TanWcs, deproject, project

NAME = "triangles"
SCALE_NEEDED = "the pixel scale is not known well enough (FOCALLEN and XPIXSZ tell it)"

ComplexArray = NDArray[np.complex128]

MAX_SCALE_TOLERANCE = 0.12
"""Beyond, nearly every catalogue pair would be as long as any pair of detections."""

MIN_STARS = 5
VERIFY_STARS = 300
"""Detections a plate is weighed with; more only raise the chance of accidental hits."""

MAX_PAIRED = 800
"""Catalogue stars per tile: pairs grow with the square, and wide fields have bright ones enough."""

MAX_WEIGHED = 4000

MAX_HYPOTHESES = 1_500_000
"""Per tile; about a quarter of a second. Right plates come much earlier."""

CHANCE_SURVIVORS = 0.01
"""Share of wrong hypotheses that may reach the full check, which is a hundred times as costly."""

SKY_CELL_PX = 4.2
MARKED_CELLS = 9
"""A star marks its cell and the eight around it."""

PICTURE_CELL_PX = 3.0
ACCEPT_LOG_CHANCE = -30.0
TILE_REACH = 0.67
"""How far from its middle a tile has to reach, as a share of the spacing of tiles: the rings of
tiles are not in step, and two rings of sqrt(3)/2 distance then leave gaps of 0.66 at worst."""

CENTRE_REACH = 0.7
"""The same for a hypothesis, whose place is known to a few arcminutes only before it is fitted."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How deep to search one tile.

    n_bright, max_pairs   -- detections paired, and pairs tried
    longest_px            -- longest pair tried
    third_stars           -- detections after the pair that a hypothesis is tried on
    paired_per_deg2       -- brightest catalogue stars that are paired and met by third stars
    weighed_per_deg2      -- those that a surviving hypothesis is weighed with
    tile_deg              -- spacing of the tiles
    """

    n_bright: int
    max_pairs: int
    longest_px: float
    third_stars: int
    paired_per_deg2: float
    weighed_per_deg2: float
    tile_deg: float


NEAR_HINT = Depth(
    n_bright=40, max_pairs=600, longest_px=math.inf, third_stars=40,
    paired_per_deg2=120.0, weighed_per_deg2=120.0, tile_deg=1.0,
)  # fmt: skip
WHOLE_SKY = Depth(
    n_bright=20, max_pairs=40, longest_px=350.0, third_stars=20,
    paired_per_deg2=20.0, weighed_per_deg2=60.0, tile_deg=4.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TriangleSolver:
    """Matches pairs of detections with pairs of catalogue stars."""

    catalogue: StarCatalogue
    clock: Callable[[], float] = time.monotonic
    name: str = NAME
    uses_position: bool = True

    def solve(self, request: SolveRequest, time_limit: float) -> SolveOutcome:
        """Propose a plate; needs a pixel scale known to 12 % and at least five stars."""
        stars = request.stars.brightest(VERIFY_STARS)
        if len(stars) < MIN_STARS:
            return SolveOutcome(NAME, reason=f"only {len(stars)} stars, {MIN_STARS} are needed")
        if request.scale is None or request.scale.tolerance > MAX_SCALE_TOLERANCE:
            return SolveOutcome(NAME, reason=SCALE_NEEDED)
        deadline = self.clock() + time_limit
        depth = NEAR_HINT if request.hint is not None else WHOLE_SKY
        hint = request.hint or PositionHint(0.0, 0.0, 180.0)
        tiles = 0
        for ra, dec in tiles_around(hint, depth.tile_deg):
            for parity in _parities(request.parity):
                wcs = self._search(stars, request, depth, ra, dec, parity)
                if wcs is not None:
                    return SolveOutcome(NAME, wcs)
            tiles += 1
            if self.clock() > deadline:
                return SolveOutcome(NAME, reason=f"time over after {tiles} fields of the sky")
        return SolveOutcome(NAME, reason=f"no match in {tiles} fields around the expected place")

    def _search(
        self,
        stars: StarList,
        request: SolveRequest,
        depth: Depth,
        ra: float,
        dec: float,
        parity: int,
    ) -> TanWcs | None:
        """Search one tile with one handedness."""
        # Importing numba takes half a second, which a process that never gets here is spared.
        from crowdsky.solving import triangle_kernels as kernel

        assert request.scale is not None  # noqa: S101 - checked by solve, which alone calls this
        scale = request.scale.middle
        diagonal = math.hypot(stars.width, stars.height) * scale / ARCSEC_PER_DEGREE
        radius = min(60.0, depth.tile_deg * TILE_REACH + diagonal / 2.0)
        area = math.pi * radius**2
        nearby = self.catalogue.cone(ra, dec, radius)
        nearby = nearby.take(slice(min(int(depth.weighed_per_deg2 * area) + 3, MAX_WEIGHED)))
        if len(nearby) < 3:
            return None
        xi, eta = project(nearby.ra, nearby.dec, ra, dec)
        sky = np.asarray((xi + 1j * eta) * ARCSEC_PER_DEGREE, dtype=np.complex128)
        detections = np.asarray(stars.x + 1j * parity * stars.y, dtype=np.complex128)
        bright = sky[: min(int(depth.paired_per_deg2 * area) + 3, MAX_PAIRED)]
        longest = min(diagonal * ARCSEC_PER_DEGREE, depth.longest_px * scale) * 1.05
        first, second, length = kernel.pairs_up_to(bright, longest)
        reach = radius * ARCSEC_PER_DEGREE * 1.01
        sky_low = complex(-reach, -reach)
        sky_cell = SKY_CELL_PX * scale
        cells = int(2.0 * reach / sky_cell) + 1
        occupied = MARKED_CELLS * len(bright) * sky_cell**2 / (math.pi * reach**2)
        needed = _third_stars_needed(depth.third_stars * occupied)
        low = complex(-0.5, -0.5 if parity > 0 else -(stars.height - 0.5))
        nx = int(stars.width / PICTURE_CELL_PX) + 1
        ny = int(stars.height / PICTURE_CELL_PX) + 1
        pixels = stars.width * stars.height
        chance = 1.0 - math.exp(-len(stars) * math.pi * PICTURE_CELL_PX**2 / pixels)
        middle = complex((stars.width - 1) / 2.0, parity * (stars.height - 1) / 2.0)
        value, factor, shift = kernel.search_tile(
            detections, min(depth.n_bright, len(stars)), depth.max_pairs, depth.longest_px,
            MAX_HYPOTHESES, depth.third_stars, needed,
            sky, middle, depth.tile_deg * CENTRE_REACH * ARCSEC_PER_DEGREE,
            first, second, length, scale, request.scale.tolerance,
            kernel.mark(bright, sky_low, sky_cell, cells), sky_low, sky_cell,
            kernel.paint(detections, low, PICTURE_CELL_PX, nx, ny), low, PICTURE_CELL_PX,
            chance, ACCEPT_LOG_CHANCE,
        )  # fmt: skip
        if value > ACCEPT_LOG_CHANCE:
            return None
        return _plate(factor, shift, parity, stars, ra, dec)


def tiles_around(hint: PositionHint, spacing_deg: float) -> Iterator[tuple[float, float]]:
    """Centres of tiles that cover the hint's circle, the nearest first, as (RA, Dec) in degrees.

    Rings around the hint, each tile as wide as the rings are apart: a hexagonal pattern up to the
    rounding of each ring's number of tiles.
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
    """The place at a distance and position angle from the hint."""
    dec0, distance, angle = (math.radians(v) for v in (hint.dec, distance_deg, angle_deg))
    sin_dec = math.sin(dec0) * math.cos(distance)
    sin_dec += math.cos(dec0) * math.sin(distance) * math.cos(angle)
    dec = math.asin(max(-1.0, min(1.0, sin_dec)))
    east = math.sin(angle) * math.sin(distance) * math.cos(dec0)
    ra = hint.ra + math.degrees(math.atan2(east, math.cos(distance) - math.sin(dec0) * sin_dec))
    return ra % 360.0, math.degrees(dec)


def _third_stars_needed(expected: float) -> int:
    """How many detections beside the pair have to meet a star, if so many do by chance.

    Two are enough where catalogue stars are rare; in the Milky Way two meet one by chance often.
    """
    probability, tail, needed = math.exp(-expected), 1.0, 0
    while tail > CHANCE_SURVIVORS or needed < 2:
        tail -= probability
        needed += 1
        probability *= expected / needed
    return needed


def _parities(parity: Parity) -> tuple[int, ...]:
    return (1, -1) if parity is Parity.EITHER else (parity.value,)


def _plate(
    factor: complex, shift: complex, parity: int, stars: StarList, ra: float, dec: float
) -> TanWcs:
    """The plate of a match, referred to the middle of the picture.

    The match lives on the tile's tangent plane: three pixels around the middle are taken to the
    sky from there, and give position and steps of the plate.
    """
    x0, y0 = (stars.width - 1) / 2.0, (stars.height - 1) / 2.0
    x, y = np.array([x0, x0 + 50.0, x0]), np.array([y0, y0, y0 + 50.0])
    plane = (shift + factor * (x + 1j * parity * y)) / ARCSEC_PER_DEGREE
    ras, decs = deproject(plane.real, plane.imag, ra, dec)
    xi, eta = project(ras, decs, float(ras[0]), float(decs[0]))
    cd = (xi[1] / 50.0, xi[2] / 50.0, eta[1] / 50.0, eta[2] / 50.0)
    cd_numbers = (float(cd[0]), float(cd[1]), float(cd[2]), float(cd[3]))
    return TanWcs(float(ras[0]), float(decs[0]), x0, y0, cd_numbers)
