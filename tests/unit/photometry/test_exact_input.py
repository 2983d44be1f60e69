"""Photometry when nothing scatters, when a colour has no light, or with almost no stars."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from crowdsky.photometry.sky import fit_sky_shape, sky_brightness
from crowdsky.photometry.zero_points import MIN_STARS, fit_zero_point
from crowdsky.sources.apertures import (
    LEAST_SHARE,
    Growth,
    Plane,
    curve_of_growth,
    measure_plane,
    subtract_sky,
)
from crowdsky.sources.sep_extract import detect_stars
from tests.support.star_fields import partners

HEIGHT, WIDTH = 400, 300
NOTHING_HIDDEN = np.zeros((HEIGHT, WIDTH), bool)


def star_plane(light: float, level: float = 1000.0) -> np.ndarray:
    """Stars on a grid, on a sky without noise."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    plane = np.full((HEIGHT, WIDTH), level)
    for star_y in range(50, HEIGHT - 40, 60):
        for star_x in range(50, WIDTH - 40, 60):
            plane += light * np.exp(-0.5 * ((x - star_x - 0.3) ** 2 + (y - star_y) ** 2) / 1.5**2)
    return plane.astype(np.float32)


@pytest.fixture(scope="module")
def sources() -> np.ndarray:
    found = detect_stars(np.stack([star_plane(500.0)] * 3), np.ones((HEIGHT, WIDTH), np.uint8))
    assert len(found) == 24
    return found


@pytest.mark.parametrize("spread", [0.0, 1e-15, 1e-9])
@pytest.mark.parametrize("count", [3, 4, 30])
def test_stars_that_agree_exactly_all_count(spread: float, count: int) -> None:
    mag = np.linspace(9.0, 12.0, count)
    flux = 10.0 ** (0.4 * (23.0 - mag)) * (1.0 + spread * (-1.0) ** np.arange(count))
    fit = fit_zero_point(flux, flux / 100.0, partners(mag), np.ones(count, bool))
    assert fit is not None
    assert fit.value == pytest.approx(23.0, abs=1e-8)
    assert fit.n_stars == count


ODD = {
    "nothing": np.empty(0),
    "zeros": np.zeros(9),
    "one value": np.full(9, 10.0),
    "NaN": np.full(9, np.nan),
    "some NaN": np.r_[np.full(4, np.nan), np.full(5, 10.0)],
    "infinite": np.full(9, np.inf),
    "negative": np.full(9, -10.0),
    "mixed": np.array([0.0, np.nan, np.inf, -np.inf, -1.0, 10.0, 11.0, 12.0, 13.0]),
}


@pytest.mark.parametrize("light", ODD)
def test_zero_points_are_known_or_not(light: str) -> None:
    flux, known = ODD[light], 0
    errors = [*ODD.values(), np.full(9, 0.1)]
    for error, mag, colour in itertools.product(errors, ODD.values(), ODD.values()):
        count = min(flux.size, error.size, mag.size, colour.size)
        near = partners(mag[:count], colour[:count] / 10.0)
        fit = fit_zero_point(flux[:count], error[:count], near, np.ones(count, bool))
        if fit is not None:
            assert fit.n_stars >= MIN_STARS
            assert all(map(math.isfinite, (fit.value, fit.scatter, fit.error)))
            known += int(error is errors[-1])
    assert bool(known) is (light in ("one value", "some NaN", "mixed"))


@pytest.mark.parametrize("rows", [1, 32, 33])
def test_a_strip_of_sky_has_no_shape(rows: int) -> None:
    """With one line of samples, or two, some of the six terms are equal."""
    mesh = np.full((640, 640), 1000.0, np.float32)
    uncovered = np.ones(mesh.shape, bool)
    uncovered[320 : 320 + rows] = False
    assert fit_sky_shape(mesh, uncovered) is None
    assert fit_sky_shape(mesh.T, uncovered.T) is None


def test_a_diagonal_of_sky_has_no_shape() -> None:
    mesh = np.full((640, 640), 1000.0, np.float32)
    assert fit_sky_shape(mesh, ~np.eye(640, dtype=bool)) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (2, 2)])
def test_a_picture_of_a_line_has_no_shape_of_the_sky(shape: tuple[int, int]) -> None:
    assert fit_sky_shape(np.full(shape, 1000.0, np.float32), np.zeros(shape, bool)) is None


def test_a_sky_without_a_value_here_and_there_has_the_shape_of_the_rest() -> None:
    mesh = np.full((640, 640), 1000.0, np.float32)
    mesh[::64] = np.nan
    shape = fit_sky_shape(mesh, np.zeros(mesh.shape, bool))
    assert shape is not None
    # The solver's rounding, relative to 1000 ADU.
    np.testing.assert_allclose(shape.coefficients, (1000, 0, 0, 0, 0, 0), atol=1e-9)
    assert shape.residual < 1e-9
    assert fit_sky_shape(np.full_like(mesh, np.nan), np.zeros(mesh.shape, bool)) is None


@pytest.mark.parametrize(
    ("sky", "bias", "scale"),
    [(100.0, 100.0, 2.0), (math.nan, 0.0, 2.0), (500.0, math.nan, 2.0), (500.0, 0.0, 0.0)],
)
def test_no_sky_has_no_brightness(sky: float, bias: float, scale: float) -> None:
    assert sky_brightness(23.0, sky, bias, scale) is None


@pytest.mark.parametrize("level", [0.0, 1000.3])
def test_stars_on_a_sky_without_noise_have_errors(sources: np.ndarray, level: float) -> None:
    """They are not 0, because other code divides by them."""
    plane = subtract_sky(star_plane(500.0, level), NOTHING_HIDDEN)
    growth = curve_of_growth(plane, sources, np.arange(len(sources)))
    found = measure_plane(plane, sources, growth, NOTHING_HIDDEN, growth.aperture_px, None)
    assert (found.error > 0.0).all()
    assert found.noise > 0.0
    np.testing.assert_allclose(found.flux, 500.0 * 2.0 * math.pi * 1.5**2, rtol=0.02)


@pytest.mark.parametrize("light", [0.0, -500.0])
def test_a_colour_without_light_has_fluxes_all_the_same(sources: np.ndarray, light: float) -> None:
    """The share of light within the aperture is 0, and must not be divided by."""
    plane = subtract_sky(star_plane(light), NOTHING_HIDDEN)
    growth = curve_of_growth(plane, sources, np.arange(len(sources)))
    found = measure_plane(plane, sources, growth, NOTHING_HIDDEN, 3.0, 1.0)
    assert np.isfinite(found.flux).all()
    assert np.isfinite(found.error).all()


def test_a_curve_of_growth_that_says_nothing_is_not_divided_by(sources: np.ndarray) -> None:
    nothing_within = Growth(np.linspace(0.0, 10.0, 11), np.r_[np.zeros(10), 1.0], 18.0, 6)
    assert nothing_within.share_within(3.0) == LEAST_SHARE
    plane = subtract_sky(star_plane(500.0), NOTHING_HIDDEN)
    found = measure_plane(plane, sources, nothing_within, NOTHING_HIDDEN, 3.0, None)
    assert np.isfinite(found.flux).all()
    assert math.isfinite(found.noise)


@pytest.mark.parametrize("rms", [0.0, math.nan])
def test_a_plane_of_which_nothing_is_covered(sources: np.ndarray, rms: float) -> None:
    hidden = ~NOTHING_HIDDEN
    plane = subtract_sky(np.zeros((HEIGHT, WIDTH), np.float32), hidden)
    assert math.isnan(plane.sky)
    odd = Plane(plane.data, plane.sky, rms, plane.mesh)
    growth = curve_of_growth(odd, sources, np.arange(len(sources)))
    assert growth.n_stars == 0
    found = measure_plane(odd, sources[:0], growth, hidden, growth.aperture_px, None)
    assert len(found.flux) == 0
