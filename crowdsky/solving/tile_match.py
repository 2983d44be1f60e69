"""Matches a list of stars with the catalogue stars of one tile of the sky.

A pair of detections has a known length on the sky, and each catalogue pair of that length fixes the
whole plate. When a third and a fourth detection then meet a catalogue star, the plate is worth a
full check. The loops are in `triangle_kernels`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crowdsky.solving import triangle_kernels as kernel
from crowdsky.solving.catalogue import CatalogueStars, StarCatalogue
from crowdsky.solving.solver import ScaleRange, StarList
from crowdsky.solving.tan import ARCSEC_PER_DEGREE, TanWcs, deproject, project

MAX_PAIRED = 800
"""Number of catalogue stars per tile that are paired. The pairs grow with its square, and wide
fields have enough bright stars."""

MAX_WEIGHED = 4000
"""Number of catalogue stars per tile that a plate is weighed with."""

MAX_HYPOTHESES = 1_500_000
"""Number of plates tried per tile: a quarter of a second. The right one comes much earlier."""

CHANCE_SURVIVORS = 0.01
"""Share of wrong hypotheses that may reach the full check, which is a hundred times as costly."""

SKY_CELL_PX = 4.2
MARKED_CELLS = 9
"""Number of cells that a star marks in the bitmap: its own and the eight around it."""

PICTURE_CELL_PX = 3.0
ACCEPT_LOG_CHANCE = -30.0

TILE_REACH = 0.67
"""Reach of a tile from its middle, as a share of the spacing of tiles. The rings of tiles are not
in step, and two rings at a distance of sqrt(3)/2 then leave gaps of 0.66 at worst."""

CENTRE_REACH = 0.7
"""The same for a hypothesis, whose position is only known to a few arcminutes before the fit."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How deep to search one tile.

    n_bright, max_pairs   -- number of detections that are paired, and of pairs that are tried
    longest_px            -- length of the longest pair tried, pixels
    third_stars           -- number of detections after the pair that a hypothesis is tried on
    paired_per_deg2       -- number of catalogue stars, the brightest, that are paired and marked
    weighed_per_deg2      -- number of those that a surviving hypothesis is weighed with
    tile_deg              -- spacing of the tiles, degrees
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


class TileMatcher:
    """Looks for the plate of one list of stars, a tile at a time.

    Args:
        catalogue: the stars to match with.
        stars: the detections, brightest first.
        parities: the signs of det(CD) to try, in order.
        scale: pixel scale of the picture and its uncertainty.
        depth: how deep to search.
    """

    def __init__(
        self,
        catalogue: StarCatalogue,
        stars: StarList,
        parities: Sequence[int],
        scale: ScaleRange,
        depth: Depth,
    ) -> None:
        self._catalogue = catalogue
        self._stars = stars
        self._scale = scale
        self._depth = depth
        self._parities = parities
        self._pictures: dict[int, kernel.Picture] = {}
        diagonal = math.hypot(stars.width, stars.height) * scale.middle / ARCSEC_PER_DEGREE
        # Tiles overlap, so that each holds every picture whose middle is its own.
        self._radius_deg = min(60.0, depth.tile_deg * TILE_REACH + diagonal / 2.0)
        longest = min(diagonal * ARCSEC_PER_DEGREE, depth.longest_px * scale.middle)
        self._longest_arcsec = longest * 1.05

    def match(self, ra: float, dec: float) -> TanWcs | None:
        """Return the plate if the middle of the picture is in the tile around (`ra`, `dec`)."""
        nearby = self._nearby(ra, dec)
        if len(nearby) < 3:
            return None
        tile, occupied = self._tile(nearby, ra, dec)
        search = self._search(occupied)
        for parity in self._parities:
            value, factor, shift = kernel.search_tile(self._picture(parity), tile, search)
            if value <= ACCEPT_LOG_CHANCE:
                return _plate(factor, shift, parity, self._stars, ra, dec)
        return None

    def _picture(self, parity: int) -> kernel.Picture:
        """Return the detections as the search takes them; kept, since painting takes half a ms."""
        if parity not in self._pictures:
            self._pictures[parity] = _picture(self._stars, parity)
        return self._pictures[parity]

    def _nearby(self, ra: float, dec: float) -> CatalogueStars:
        """Return the catalogue stars of a tile that plates are weighed with, brightest first."""
        nearby = self._catalogue.cone(ra, dec, self._radius_deg)
        return nearby.take(slice(min(self._count(self._depth.weighed_per_deg2), MAX_WEIGHED)))

    def _count(self, per_deg2: float) -> int:
        """Return the number of stars of a tile for a density."""
        return int(per_deg2 * (math.pi * self._radius_deg**2)) + 3

    def _tile(self, nearby: CatalogueStars, ra: float, dec: float) -> tuple[kernel.Tile, float]:
        """Prepare the tile for the search; return the share of its bitmap that is marked, too."""
        xi, eta = project(nearby.ra, nearby.dec, ra, dec)
        sky = np.asarray((xi + 1j * eta) * ARCSEC_PER_DEGREE, dtype=np.complex128)
        bright = sky[: min(self._count(self._depth.paired_per_deg2), MAX_PAIRED)]
        first, second, length = kernel.pairs_up_to(bright, self._longest_arcsec)
        reach = self._radius_deg * ARCSEC_PER_DEGREE * 1.01
        low, cell = complex(-reach, -reach), SKY_CELL_PX * self._scale.middle
        tile = kernel.Tile(
            stars=sky,
            pair_first=first,
            pair_second=second,
            pair_length=length,
            marks=kernel.mark(bright, low, cell, int(2.0 * reach / cell) + 1),
            low=low,
            cell=cell,
            reach=self._depth.tile_deg * CENTRE_REACH * ARCSEC_PER_DEGREE,
        )
        return tile, MARKED_CELLS * len(bright) * cell**2 / (math.pi * reach**2)

    def _search(self, occupied: float) -> kernel.Search:
        """Return the limits of a search, the share `occupied` of the bitmap being marked."""
        depth, stars = self._depth, self._stars
        pixels = stars.width * stars.height
        return kernel.Search(
            n_bright=min(depth.n_bright, len(stars)),
            max_pairs=depth.max_pairs,
            longest_px=depth.longest_px,
            max_hypotheses=MAX_HYPOTHESES,
            scale=self._scale.middle,
            scale_tolerance=self._scale.tolerance,
            third_stars=depth.third_stars,
            needed=_third_stars_needed(depth.third_stars * occupied),
            chance=1.0 - math.exp(-len(stars) * math.pi * PICTURE_CELL_PX**2 / pixels),
            accept=ACCEPT_LOG_CHANCE,
        )


def _picture(stars: StarList, parity: int) -> kernel.Picture:
    """Prepare the detections for the search; for parity -1 with y negated."""
    detections = np.asarray(stars.x + 1j * parity * stars.y, dtype=np.complex128)
    low = complex(-0.5, -0.5 if parity > 0 else -(stars.height - 0.5))
    nx = int(stars.width / PICTURE_CELL_PX) + 1
    ny = int(stars.height / PICTURE_CELL_PX) + 1
    return kernel.Picture(
        stars=detections,
        middle=complex((stars.width - 1) / 2.0, parity * (stars.height - 1) / 2.0),
        raster=kernel.paint(detections, low, PICTURE_CELL_PX, nx, ny),
        low=low,
        cell=PICTURE_CELL_PX,
    )


def _third_stars_needed(expected: float) -> int:
    """Return how many detections beside the pair have to meet a star, if `expected` do by chance.

    Two are enough where catalogue stars are rare; in the Milky Way two often do so by chance.
    """
    probability, tail, needed = math.exp(-expected), 1.0, 0
    while tail > CHANCE_SURVIVORS or needed < 2:
        tail -= probability
        needed += 1
        probability *= expected / needed
    return needed


def _plate(
    factor: complex, shift: complex, parity: int, stars: StarList, ra: float, dec: float
) -> TanWcs:
    """Return the plate of a match, its tangent point in the middle of the picture.

    The match is on the tangent plane of the tile. Three pixels at the middle are taken from there
    to the sky, and give the position and the steps of the plate.
    """
    x0, y0 = (stars.width - 1) / 2.0, (stars.height - 1) / 2.0
    x, y = np.array([x0, x0 + 50.0, x0]), np.array([y0, y0, y0 + 50.0])
    plane = (shift + factor * (x + 1j * parity * y)) / ARCSEC_PER_DEGREE
    ras, decs = deproject(plane.real, plane.imag, ra, dec)
    xi, eta = project(ras, decs, float(ras[0]), float(decs[0]))
    cd = (xi[1] / 50.0, xi[2] / 50.0, eta[1] / 50.0, eta[2] / 50.0)
    cd_numbers = (float(cd[0]), float(cd[1]), float(cd[2]), float(cd[3]))
    return TanWcs(float(ras[0]), float(decs[0]), x0, y0, cd_numbers)
