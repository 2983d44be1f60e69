"""A plate is fitted to a better catalogue only where that makes all of it better."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.solving.catalogue import CatalogueStars
from crowdsky.solving.chain import PlateResult, refit
from crowdsky.solving.refine import fit_plate
from crowdsky.solving.solution import Solution, judge
from crowdsky.solving.solver import StarList
from crowdsky.solving.tan import separation
from tests.support.star_fields import plate

WIDTH, HEIGHT = 1080, 1920
TRUE = plate(150.0, 30.0, 25.0)
RNG = np.random.default_rng(8)
COUNT = 400
X, Y = RNG.uniform(10, WIDTH - 10, COUNT), RNG.uniform(10, HEIGHT - 10, COUNT)
STARS = StarList(
    X + RNG.normal(0, 0.05, COUNT), Y + RNG.normal(0, 0.05, COUNT), np.linspace(9, 1, COUNT),
    WIDTH, HEIGHT,
)  # fmt: skip


def listed(rows: np.ndarray, scatter_px: float) -> CatalogueStars:
    """Some of the stars in a catalogue whose positions scatter."""
    shift = RNG.normal(0, scatter_px, (2, len(rows)))
    ra, dec = TRUE.sky(X[rows] + shift[0], Y[rows] + shift[1])
    mag = np.linspace(8, 14, len(rows))
    unknown = np.full(len(rows), np.nan)
    ids = np.zeros(len(rows), dtype=np.int64)
    exact = np.zeros(len(rows))
    return CatalogueStars(ra, dec, mag, ids, unknown, unknown, exact, unknown, unknown)


def coarse(rows: np.ndarray) -> PlateResult:
    """A plate on stars of an old catalogue, which have moved."""
    refined = fit_plate(TRUE, STARS, listed(rows, 0.25))
    solution = Solution(
        refined.wcs, WIDTH, HEIGHT, "test", 0.1, len(refined.detections), refined.n_in_picture,
        refined.rms_arcsec, refined.log_chance, "Tycho-2", judge(refined),
    )  # fmt: skip
    return PlateResult(solution, refined, (), COUNT)


def worst_corner(result: PlateResult) -> float:
    assert result.solution is not None
    places = [(x, y) for x in (0, WIDTH - 1) for y in (0, HEIGHT - 1)]
    wcs = result.solution.wcs
    return max(float(separation(*TRUE.sky(*at), *wcs.sky(*at))) * 3600 for at in places)


def test_a_better_catalogue_makes_a_better_plate() -> None:
    before = coarse(np.arange(0, COUNT, 6))
    after = refit(before, STARS, listed(np.arange(COUNT), 0.01), "Gaia DR3")
    assert after.solution is not None and after.solution.catalogue == "Gaia DR3"
    assert worst_corner(after) < 0.5 * worst_corner(before)


@pytest.mark.parametrize("part", ["a corner", "a line"])
def test_stars_of_one_part_do_not_turn_the_rest(part: str) -> None:
    """As where one tile of the field is there and the others are missing."""
    before = coarse(np.arange(0, COUNT, 6))
    in_part = (X < 240) & (Y < 400) if part == "a corner" else np.abs(X - Y / 2) < 25
    rows = np.flatnonzero(in_part)
    assert len(rows) >= 12
    after = refit(before, STARS, listed(rows, 0.05), "Gaia DR3")
    assert after is before


def test_without_a_solution_there_is_nothing_to_fit() -> None:
    nothing = PlateResult(None, None, (), COUNT)
    assert refit(nothing, STARS, listed(np.arange(COUNT), 0.01), "Gaia DR3") is nothing
