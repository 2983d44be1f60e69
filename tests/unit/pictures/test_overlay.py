"""The overlay has marks where the sky has objects, and the right size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crowdsky.pictures.overlay import OBJECT_COLOUR, STAR_COLOUR, draw_overlay
from crowdsky.pictures.thumbnail import draw_picture
from crowdsky.solving.catalogue import CatalogueStars
from crowdsky.solving.objects import objects_in_field
from crowdsky.solving.solution import Solution
from tests.support.star_fields import plate
from tests.support.synthetic_stack import Light, write_stack

SHAPE = (800, 600)


@pytest.fixture
def drawn(tmp_path: Path) -> tuple[np.ndarray, Solution, CatalogueStars]:
    rng = np.random.default_rng(1)
    wcs = plate(192.75, 41.12, 200.0, width=600, height=800)
    solution = Solution(
        wcs, 600, 800, "test", 0.1, n_matched=3, n_catalogue=3, rms_arcsec=0.5, log_chance=-50.0,
        catalogue="Tycho-2", verdict="good",
    )  # fmt: skip
    x, y = np.array([100.0, 450.0, 300.0]), np.array([150.0, 600.0, 90.0])
    write_stack(tmp_path / "s.fits", Light(x, y, np.full(3, 5e4)), wcs, rng, shape=SHAPE)
    ra, dec = wcs.sky(x, y)
    stars = CatalogueStars(
        ra, dec, np.array([9.7, 10.2, 11.0]), np.zeros(3, dtype=np.int64), *np.full((2, 3), np.nan),
        np.full(3, 0.02), *np.full((2, 3), np.nan),
    )  # fmt: skip
    detections = np.array(list(zip(x, y, strict=True)), dtype=[("x", "f8"), ("y", "f8")])
    objects = objects_in_field(solution)
    whole = draw_picture(tmp_path / "s.fits", 5000)
    out = draw_overlay(whole, tmp_path / "o.png", solution, detections, stars, objects, 400)
    assert whole.size == (600, 800)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.png", "s.fits"]
    with Image.open(out) as picture:
        return np.asarray(picture.convert("RGB")).astype(int), solution, stars


def near(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Return rows and columns of the pixels of about this colour."""
    return np.argwhere(np.abs(picture - colour).sum(axis=2) < 60)


def test_the_picture_keeps_its_aspect(drawn: tuple[np.ndarray, Solution, CatalogueStars]) -> None:
    assert drawn[0].shape == (400, 300, 3)


def test_circles_are_where_the_solution_puts_the_stars(
    drawn: tuple[np.ndarray, Solution, CatalogueStars],
) -> None:
    picture, solution, stars = drawn
    marks = near(picture, STAR_COLOUR)
    for x, y in zip(*solution.wcs.pixel(stars.ra, stars.dec), strict=True):
        middle = np.array([(y + 0.5) / 2.0, (x + 0.5) / 2.0])
        distance = np.hypot(*(marks - middle).T)
        ring = np.abs(distance - 9.0) < 1.5
        assert ring.sum() > 20  # a circle of nine pixels around the star
        assert np.abs((marks[ring] - middle).mean(axis=0)).max() < 1.5


def test_the_galaxy_is_marked(drawn: tuple[np.ndarray, Solution, CatalogueStars]) -> None:
    picture, solution, _ = drawn
    m94 = objects_in_field(solution)[0]
    marks = near(picture, OBJECT_COLOUR)
    distance = np.hypot(marks[:, 0] - m94.y / 2, marks[:, 1] - m94.x / 2)
    radius = m94.sky.size_arcmin[0] * 30.0 / solution.scale_arcsec / 2.0
    assert (np.abs(distance - radius) < 2.0).sum() > 100


def test_north_is_drawn_where_north_is(
    drawn: tuple[np.ndarray, Solution, CatalogueStars],
) -> None:
    picture, solution, _ = drawn
    wcs = solution.wcs
    ra, dec = solution.center
    (x0, x1), (y0, y1) = wcs.pixel([ra, ra], [dec, dec + 0.01])
    north = np.array([y1 - y0, x1 - x0]) / np.hypot(x1 - x0, y1 - y0)
    middle = np.array([400.0 - 85.0, 300.0 - 85.0])
    along = picture[tuple(np.rint(middle + 30.0 * north).astype(int))]
    away = picture[tuple(np.rint(middle - 30.0 * north).astype(int))]
    assert along.sum() > 600
    assert away.sum() < 600
