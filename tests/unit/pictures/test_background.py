"""The sky behind a picture against skies of known shape, with stars, galaxies and clouds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from crowdsky.pictures.background import Background, NoSkyError, fit_background
from crowdsky.pictures.planes import PicturePlanes
from crowdsky.synthetic.render_kernels import add_glow, add_stars, mosaic_colours

pytestmark = pytest.mark.slow

HEIGHT, WIDTH = 960, 540
NOISE = np.array([12.0, 9.0, 14.0])
"""Noise of a pixel in red, green and blue, ADU."""
WHITE = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Object:
    """A Sersic profile: middle and half-light radius in pixels, brightness there in ADU."""

    x: float = 270.0
    y: float = 480.0
    radius: float = 80.0
    adu: float = 60.0
    axis_ratio: float = 0.6
    sersic: float = 1.0
    colour: tuple[float, float, float] = WHITE

    def light(self, plane: int) -> np.ndarray:
        light = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
        frame = np.array([[1.0, 0.0, -self.x], [0.0, 1.0, -self.y]])
        adu = np.full(3, self.adu * self.colour[plane])
        mono = mosaic_colours("MONO")
        add_glow(light, mono, frame, self.radius, self.axis_ratio, self.sersic, adu, 0, 0.3, 0.0)
        return light


GALAXY = Object()
"""Its light reaches the noise of a pixel over a third of the length of the field."""
SPIRAL = Object(radius=40.0, sersic=3.0)
NEBULA = Object(270.0, 300.0, 110.0, 60.0, 1.0, 0.5, (1.0, 0.2, 0.1))
AT_THE_EDGE = Object(60.0, 800.0)


@dataclass(frozen=True)
class Sky:
    """A picture, its sky, and the light of its object, (3, height, width) each."""

    picture: PicturePlanes
    sky: np.ndarray
    light: np.ndarray

    def off(self, found: Background) -> np.ndarray:
        """Return fitted minus true sky in units of the noise of a pixel."""
        off: np.ndarray = (found.sky - self.sky) / NOISE[:, None, None]
        return off


def sky(
    seed: int, thing: Object | None = None, *, ripple_adu: float = 0.0, n_stars: int = 600
) -> Sky:
    """A gradient of about ten times the noise, different in each colour, and stars."""
    rng = np.random.default_rng(seed)
    v, u = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    x, y = rng.uniform(0, WIDTH, n_stars), rng.uniform(0, HEIGHT, n_stars)
    flux = np.repeat(10.0 ** rng.uniform(2.2, 5.0, (n_stars, 1)), 3, axis=1)
    planes, truth, lights = [], [], []
    for plane, noise in enumerate(NOISE):
        shape = 60 * u - 40 * v + 25 * u * u - 15 * u * v + 10 * v * v
        ripple = ripple_adu * np.cos(5 * u + plane) * np.cos(6 * v)
        level = 800 + 100 * plane + (1 + 0.3 * plane) * shape + ripple
        light = np.zeros((HEIGHT, WIDTH)) if thing is None else thing.light(plane)
        seen = (level + light).astype(np.float32)
        add_stars(seen, "MONO", x, y, flux, (3.0, 3.0, 3.0))
        planes.append(seen + rng.normal(0, noise, seen.shape))
        truth.append(level)
        lights.append(light)
    covered = np.ones((HEIGHT, WIDTH), dtype=bool)
    picture = PicturePlanes(np.stack(planes).astype(np.float32), covered)
    return Sky(picture, np.stack(truth), np.stack(lights))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_gradient_is_found_to_a_thirtieth_of_the_noise_of_a_pixel(seed: int) -> None:
    made = sky(seed)
    found = fit_background(made.picture)
    off = made.off(found)
    assert np.sqrt((off**2).mean(axis=(1, 2))).max() < 0.033
    assert np.abs(off).max() < 0.25, "in no place by a quarter of the noise"
    assert found.seen > 0.8
    # The error is that of the places: its typical size, neither half of it nor twice.
    ratio = off.std(axis=(1, 2)) * NOISE / found.error
    assert (ratio > 0.6).all() and (ratio < 1.8).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("thing", [GALAXY, SPIRAL], ids=["disc", "bulge"])
def test_a_galaxy_of_a_third_of_the_field_is_not_eaten(thing: Object, seed: int) -> None:
    made = sky(seed, thing)
    found = fit_background(made.picture)
    off = made.off(found)
    inside = (made.light > NOISE[:, None, None]).any(axis=0)
    assert found.protected[inside].mean() > 0.99
    assert np.sqrt((off[:, ~found.protected] ** 2).mean(axis=1)).max() < 0.05
    assert np.abs(off[:, found.protected]).max() < 0.3
    left = found.subtract_from(made.picture).planes - (made.picture.planes - made.sky)
    lost = -left[:, inside].sum(axis=1) / made.light[:, inside].sum(axis=1)
    assert np.abs(lost).max() < 0.02


def test_a_crowd_of_stars_is_neither_sky_nor_a_nebula() -> None:
    """Half of the pixels are in their light; what their faint wings add is a tenth of the noise."""
    made = sky(11, n_stars=3000)
    found = fit_background(made.picture)
    off = made.off(found)
    assert np.sqrt((off**2).mean(axis=(1, 2))).max() < 0.15
    assert np.ptp(off, axis=(1, 2)).max() < 0.5
    assert found.protected.mean() < 0.05


def test_a_red_nebula_is_protected_in_all_colours() -> None:
    made = sky(4, NEBULA)
    found = fit_background(made.picture)
    inside = made.light[0] > NOISE[0]
    assert 0.1 < inside.mean() < 0.3
    assert found.protected[inside].mean() > 0.97
    lost = (found.sky - made.sky)[0, inside].sum() / made.light[0, inside].sum()
    assert abs(lost) < 0.06


def test_an_object_cut_by_the_edge_is_not_eaten() -> None:
    made = sky(5, AT_THE_EDGE)
    found = fit_background(made.picture)
    inside = made.light[1] > NOISE[1]
    lost = (found.sky - made.sky)[:, inside].sum(axis=1) / made.light[:, inside].sum(axis=1)
    assert np.abs(lost).max() < 0.05


def test_a_dark_cloud_stays_dark() -> None:
    made = sky(6, Object(radius=60.0, adu=-20.0, axis_ratio=1.0, sersic=0.5))
    found = fit_background(made.picture)
    inside = (made.light < -NOISE[:, None, None]).any(axis=0)
    assert found.protected[inside].mean() > 0.97
    lost = (found.sky - made.sky)[:, inside].sum(axis=1) / made.light[:, inside].sum(axis=1)
    assert np.abs(lost).max() < 0.06


def test_structure_that_no_polynomial_has_is_found_by_the_local_part() -> None:
    made = sky(7, ripple_adu=5.0)
    found = fit_background(made.picture)
    off = made.off(found) * NOISE[:, None, None]
    ripple = float(np.std(sky(7, ripple_adu=5.0).sky - sky(7).sky))
    assert off.std(axis=(1, 2)).max() < 0.35 * ripple


def test_the_edge_of_a_stack_is_not_taken_for_sky() -> None:
    made = sky(8, GALAXY)
    covered = made.picture.covered.copy()
    covered[:40], covered[:, -60:] = False, False
    planes = np.where(covered, made.picture.planes, np.float32(0))
    picture = PicturePlanes(planes, covered)
    found = fit_background(picture)
    off = made.off(found)[:, covered & ~found.protected]
    assert np.sqrt((off**2).mean(axis=1)).max() < 0.06
    assert np.isfinite(found.sky).all()
    assert (found.subtract_from(picture).planes[:, ~covered] == 0.0).all()


def test_the_scale_of_the_values_does_not_matter() -> None:
    made = sky(9, GALAXY)
    found = fit_background(made.picture)
    scaled = PicturePlanes(made.picture.planes * np.float32(1 / 4096), made.picture.covered)
    again = fit_background(scaled)
    np.testing.assert_allclose(again.sky * 4096, found.sky, atol=0.05)
    np.testing.assert_array_equal(again.protected, found.protected)


def test_a_large_mono_picture() -> None:
    rng = np.random.default_rng(10)
    slope = np.linspace(500.0, 700.0, 2100)[:, None] + np.zeros((2100, 1300))
    plane = (slope + rng.normal(0, 10, slope.shape)).astype(np.float32)
    picture = PicturePlanes(plane[np.newaxis], np.ones(plane.shape, dtype=bool))
    found = fit_background(picture)
    assert found.sky.shape == (1, 2100, 1300)
    assert np.sqrt(((found.sky[0] - slope) ** 2).mean()) < 0.3


def test_a_picture_without_noise_is_its_own_sky() -> None:
    picture = PicturePlanes(
        np.full((3, 300, 200), 812.5, dtype=np.float32), np.ones((300, 200), dtype=bool)
    )
    found = fit_background(picture)
    np.testing.assert_allclose(found.sky, 812.5, rtol=1e-6)
    assert not found.protected.any()


@pytest.mark.parametrize("covered", [0, 20])
def test_too_little_sky_is_refused(covered: int) -> None:
    mask = np.zeros((400, 300), dtype=bool)
    mask[:covered, :covered] = True
    planes = np.where(mask, np.float32(100.0), np.float32(0.0))[np.newaxis].repeat(3, axis=0)
    with pytest.raises(NoSkyError, match="cells of its mesh show sky, and 12 are needed"):
        fit_background(PicturePlanes(planes, mask))


def test_a_strip_is_fitted_across_or_refused() -> None:
    rng = np.random.default_rng(12)
    slope = 700.0 + np.linspace(-40, 40, 48)[:, None] + np.linspace(-40, 40, 900)
    noisy = (slope + rng.normal(0, 10, slope.shape)).astype(np.float32)
    found = fit_background(PicturePlanes(noisy[np.newaxis], np.ones(slope.shape, dtype=bool)))
    assert np.sqrt(((found.sky[0] - slope) ** 2).mean()) < 1.0
    narrow = PicturePlanes(noisy[np.newaxis, :20], np.ones((20, 900), dtype=bool))
    with pytest.raises(NoSkyError, match="too narrow: 20 pixels"):
        fit_background(narrow)
