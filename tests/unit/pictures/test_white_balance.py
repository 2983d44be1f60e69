"""The white balance against cameras of known response: factors, errors, and when there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crowdsky.photometry.calibration import Calibration, PlaneCalibration
from crowdsky.photometry.zero_points import REFERENCE_COLOUR, ZeroPoint, fit_zero_point
from crowdsky.pictures.planes import PicturePlanes
from crowdsky.pictures.white_balance import white_balance
from tests.support.gaia_fields import random_colours
from tests.support.star_fields import partners

RESPONSE = np.array([0.78, 1.0, 0.62])
"""Light of a star of the Sun's colour in red, green and blue, relative to green."""
TERMS = np.array([0.45, -0.08, -0.7])
"""Change of a plane's magnitudes with BP - RP."""
OWN_MAG, COMMON_MAG = 0.02, 0.03
"""Errors of a star's magnitude in one plane, and of the catalogue in all planes alike."""


def calibration(points: list[ZeroPoint | None]) -> Calibration:
    planes = tuple(replace(PlaneCalibration.unknown(), zero_point=point) for point in points)
    return Calibration(planes, None, "V Gaia DR3", None, None, None, None, None, None)


def measured(
    count: int, seed: int, *, common: float = COMMON_MAG, wrong: int = 0, own: float = OWN_MAG
) -> Calibration:
    """Zero points of a field, fitted to stars as the camera sees them."""
    rng = np.random.default_rng(seed)
    mag, colour = rng.uniform(8.5, 12.0, count), random_colours(count, rng)
    listed = partners(mag + rng.normal(0, common, count), colour, common)
    points = []
    for response, term in zip(RESPONSE, TERMS, strict=True):
        seen = mag - term * (colour - REFERENCE_COLOUR) + rng.normal(0, own, count)
        seen[:wrong] += rng.uniform(0.5, 3.0, wrong)
        flux = response * 10.0 ** (0.4 * (23.2 - seen))
        points.append(fit_zero_point(flux, flux / 200.0, listed, np.ones(count, dtype=bool)))
    return calibration(points)


@pytest.mark.parametrize("wrong", [0, 6])
def test_a_star_of_the_suns_colour_becomes_white(wrong: int) -> None:
    """To 2 % in every field and 1 % in most, also where a fifth of the stars is wrong."""
    offs = []
    for seed in range(60):
        found = white_balance(measured(30, seed, wrong=wrong)).balance
        assert found is not None
        offs.append(np.array(found.factors) * RESPONSE - 1.0)
    off = np.abs(offs).max(axis=1)
    assert np.percentile(off, 80) < 0.01
    assert off.max() < 0.025
    assert np.abs(np.mean(offs, axis=0)).max() < 0.003, "no bias"


@pytest.mark.parametrize(("common", "least"), [(0.0, 0.75), (COMMON_MAG, 0.3)])
def test_the_error_is_honest(common: float, least: float) -> None:
    """As large as the scatter; an upper bound where the errors are common to the planes."""
    pulls = []
    for seed in range(200):
        found = white_balance(measured(30, seed, common=common)).balance
        assert found is not None
        off = np.array(found.factors) - 1.0 / RESPONSE
        pulls.append(off[[0, 2]] / np.array(found.errors)[[0, 2]])
    scatter = np.sqrt(np.mean(np.square(pulls), axis=0))
    assert (scatter < 1.2).all()
    assert (scatter > least).all()


def test_what_is_behind_it() -> None:
    found = white_balance(measured(25, 3)).balance
    assert found is not None
    assert found.factors[1] == 1.0
    assert found.errors[1] == 0.0
    assert 15 <= found.n_stars <= 25
    assert found.reference == "V Gaia DR3"


def test_a_plane_without_zero_point_gives_none() -> None:
    red, green, _ = (plane.zero_point for plane in measured(30, 4).planes)
    outcome = white_balance(calibration([red, green, None]))
    assert outcome.balance is None
    assert outcome.reason == "blue has no zero point: too few known stars"


@pytest.mark.parametrize("count", [2, 5])
def test_too_few_stars_give_none(count: int) -> None:
    outcome = white_balance(measured(count, 5))
    assert outcome.balance is None
    assert outcome.reason.startswith("red has no ")


def test_a_catalogue_without_colours_gives_none() -> None:
    points = [plane.zero_point for plane in measured(30, 6).planes]
    plain = [replace(point, colour_term=None) for point in points if point is not None]
    outcome = white_balance(calibration(list(plain)))
    assert outcome.balance is None
    assert "red has no colour term: V Gaia DR3 gives the colour of too few" in outcome.reason


def test_an_uncertain_balance_gives_none() -> None:
    outcome = white_balance(measured(16, 7, own=0.3, common=0.0))
    assert outcome.balance is None
    assert "more than 5%" in outcome.reason


def test_an_error_that_is_not_known_gives_none() -> None:
    points = [plane.zero_point for plane in measured(30, 8).planes]
    odd = [replace(point, error=float("nan")) for point in points if point is not None]
    outcome = white_balance(calibration(list(odd)))
    assert outcome.balance is None
    assert outcome.reason == "the error of the factor of red is not known"


def test_the_factors_are_applied_to_the_planes() -> None:
    found = white_balance(measured(30, 9)).balance
    assert found is not None
    covered = np.ones((4, 5), dtype=bool)
    sunny = RESPONSE[:, None, None] * np.full((3, 4, 5), 200.0)
    picture = PicturePlanes(sunny.astype(np.float32), covered)
    np.testing.assert_allclose(found.apply_to(picture).planes, 200.0, rtol=0.025)
    assert picture.planes[0, 0, 0] == np.float32(156.0), "the picture itself is not changed"
    with pytest.raises(ValueError, match="three planes"):
        found.apply_to(PicturePlanes(picture.planes[:1], covered))
