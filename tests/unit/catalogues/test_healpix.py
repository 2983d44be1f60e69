"""HEALPix pixels: against numbers of another implementation, and against each other."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.catalogues.healpix import (
    bounding_radius,
    centres,
    nested_of_ring,
    pixel_count,
    pixels_at,
    pixels_in_cone,
)
from crowdsky.solving.tan import separation

KNOWN = [
    (184.2558, 6.1716, 6930, 113541317),
    (342.1669, 13.346, 4831, 79162177),
    (51.8975, -35.1766, 8634, 141472672),
    (341.5138, 25.2462, 3333, 54622522),
]
"""RA and Dec, and their pixels of order 5 and 12 as astropy-healpix 2.0.1 gives them."""


@pytest.mark.parametrize(("ra", "dec", "coarse", "fine"), KNOWN)
def test_pixels_are_those_of_other_programs(ra: float, dec: float, coarse: int, fine: int) -> None:
    assert pixels_at(5, np.array([ra]), np.array([dec])).tolist() == [coarse]
    assert pixels_at(12, np.array([ra]), np.array([dec])).tolist() == [fine]
    assert fine >> 14 == coarse


@pytest.mark.parametrize("order", [0, 1, 5])
def test_every_pixel_contains_its_centre(order: int) -> None:
    pixels = np.arange(pixel_count(order))
    np.testing.assert_array_equal(pixels_at(order, *centres(order, pixels)), pixels)


@pytest.mark.parametrize("place", [(0.0, 90.0), (0.0, -90.0), (360.0, 0.0), (-1e-18, 12.0)])
def test_edges_of_the_coordinates_have_a_pixel(place: tuple[float, float]) -> None:
    (pixel,) = pixels_at(5, np.array([place[0]]), np.array([place[1]]))
    assert 0 <= pixel < pixel_count(5)
    assert separation(*place, *centres(5, np.array([pixel])))[0] <= bounding_radius(5)


def test_pixels_have_equal_areas_and_lie_within_their_radius() -> None:
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, 400_000), np.degrees(np.arcsin(rng.uniform(-1, 1, 400_000)))
    counts = np.bincount(pixels_at(3, ra, dec), minlength=pixel_count(3))
    mean = len(ra) / pixel_count(3)
    assert np.sum((counts - mean) ** 2 / mean) / pixel_count(3) == pytest.approx(1.0, abs=0.2)
    away = separation(ra, dec, *centres(3, pixels_at(3, ra, dec)))
    assert away.max() <= bounding_radius(3)


@pytest.mark.parametrize("place", [(10.0, 41.2), (0.0, 0.0), (200.0, 89.7), (90.0, -41.81)])
def test_a_cone_misses_no_pixel(place: tuple[float, float]) -> None:
    rng = np.random.default_rng(2)
    radius = 0.75
    ra = place[0] + rng.uniform(-1, 1, 200_000) * min(180.0, 1.5 / np.cos(np.radians(place[1])))
    dec = np.clip(place[1] + rng.uniform(-radius, radius, 200_000), -90.0, 90.0)
    inside = separation(*place, ra, dec) <= radius
    met = set(pixels_at(5, ra[inside], dec[inside]).tolist())
    found = pixels_in_cone(5, *place, radius)
    assert met <= set(found.tolist())
    assert len(found) <= len(met) + 3


@pytest.mark.parametrize(
    ("ra", "dec", "ring"),
    [
        (83.633, 22.014, 61302),
        (83.65, -5.35, 106871),
        (10.35, 0.05, 98062),
        (0.25, -0.04, 98048),
        (359.95, -0.04, 98559),
        (359.97, 10.0, 81152),
        (186.6821, 81.474, 1059),
        (6.0224, -72.0814, 191711),
        (100.0, 90.0, 1),
        (123.4, -90.0, 196605),
        (300.2, 41.7, 33451),
        (300.2, 41.9, 32427),
    ],
)
def test_rings_are_numbered_as_in_other_programs(ra: float, dec: float, ring: int) -> None:
    """The numbers are those of astropy-healpix."""
    nested = pixels_at(7, np.array([ra]), np.array([dec]))
    assert nested_of_ring(7, np.array([ring])) == nested


def test_each_ring_number_is_one_pixel() -> None:
    numbers = nested_of_ring(3, np.arange(768))
    assert sorted(numbers) == list(range(768))
