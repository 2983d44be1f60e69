"""The compiled drawing of synthetic light against plain numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest

from crowdsky.synthetic.render_kernels import add_glow, add_stars, add_trail, mosaic_colours
from tests.support.levels import at_every_level

SHAPE = (70, 90)
COLOURS = mosaic_colours("GRBG")
Y, X = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]].astype(np.float64)
PER_PIXEL = np.tile(COLOURS, (35, 45))
"""The colour of each pixel."""
PEAK = np.array([100.0, 50.0, 20.0])


def dark() -> np.ndarray:
    return np.zeros(SHAPE, np.float32)


def test_a_star_is_a_moffat_profile_of_its_colours() -> None:
    flux, fwhm = np.array([[3e4, 2e4, 1e4]]), (3.0, 2.5, 3.5)
    light = dark()
    add_stars(light, "GRBG", np.array([41.3]), np.array([30.8]), flux, fwhm)
    core = np.array(fwhm)[PER_PIXEL] / (2.0 * math.sqrt(2.0 ** (1.0 / 3.0) - 1.0))
    mean = np.zeros(SHAPE)
    for v in (-1, 1):
        for u in (-1, 1):
            dx, dy = X + u / math.sqrt(12.0) - 41.3, Y + v / math.sqrt(12.0) - 30.8
            mean += 0.25 * (1.0 + (dx**2 + dy**2) / core**2) ** -3.0
    expected = 2.0 * flux[0][PER_PIXEL] / (math.pi * core**2) * mean
    assert light == pytest.approx(expected, abs=0.2)  # beyond its patch there is less than a tenth
    assert light[25:37, 35:48] == pytest.approx(expected[25:37, 35:48], rel=1e-5)


def test_a_trail_is_a_gaussian_across_and_ends_at_its_ends() -> None:
    light = dark()
    add_trail(light, COLOURS, 10.0, 20.0, 70.0, 50.0, PEAK, 1.5)
    length = math.hypot(60.0, 30.0)
    across = ((X - 10.0) * 30.0 - (Y - 20.0) * 60.0) / length
    along = ((X - 10.0) * 60.0 + (Y - 20.0) * 30.0) / length
    inside = (np.abs(across) < 7.5) & (along >= 0.0) & (along <= length)
    expected = np.where(inside, np.exp(-0.5 * (across / 1.5) ** 2) * PEAK[PER_PIXEL], 0.0)
    assert light == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("arms", [0, 2])
def test_a_glow_is_a_sersic_profile(arms: int) -> None:
    light, turned = dark(), np.array([[0.8, 0.6, -60.0], [-0.6, 0.8, -4.0]])
    add_glow(light, COLOURS, turned, 12.0, 0.6, 1.5, PEAK, arms, 0.3, 0.4 if arms else 0.0)
    u, v = (row[0] * X + row[1] * Y + row[2] for row in turned)
    v = v / 0.6
    r = np.sqrt(u * u + v * v + 1.5) / 12.0
    level = np.exp(-(2.0 * 1.5 - 1.0 / 3.0) * (r ** (1.0 / 1.5) - 1.0))
    if arms:
        phase = arms * (np.arctan2(v, u) - np.log(r) / math.tan(0.3))
        level *= 1.0 + 0.4 * np.cos(phase) * np.minimum(1.0, 2.0 * r)
    expected = np.where(r > 7.0, 0.0, level * PEAK[PER_PIXEL])
    assert light == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_wisps_are_clouds_about_the_glow_without_them() -> None:
    turned = np.array([[1.0, 0.0, -45.0], [0.0, 1.0, -35.0]])
    plain, cloudy = dark(), dark()
    for light, contrast in ((plain, 0.0), (cloudy, 0.5)):
        add_glow(light, COLOURS, turned, 20.0, 1.0, 1.0, PEAK, 0, 0.3, contrast)
    ratio = cloudy / plain
    assert 0.499 <= ratio.min() < 0.8
    assert 1.2 < ratio.max() <= 1.501


@pytest.mark.parametrize("place", [np.nan, np.inf, -1e300, 1e300, -5.0, 95.0])
def test_stars_beyond_the_frame_draw_nothing_outside(place: float) -> None:
    light = dark()
    add_stars(light, "MONO", np.array([place]), np.array([30.0]), np.full((1, 3), 10.0), (3.0,) * 3)
    assert np.isfinite(light).all()
    assert light[:, 20:70].max() == 0.0


def test_wrong_shapes_are_refused() -> None:
    one, flux = np.array([30.0]), np.ones((1, 3))
    with pytest.raises(ValueError, match="y has the shape"):
        add_stars(dark(), "MONO", one, np.ones(2), flux, (3.0,) * 3)
    with pytest.raises(ValueError, match="flux_adu has the shape"):
        add_stars(dark(), "MONO", one, one, flux[:, :2], (3.0,) * 3)
    with pytest.raises(ValueError, match="none of red, green and blue"):
        add_trail(dark(), COLOURS + 1, 0.0, 0.0, 9.0, 9.0, PEAK, 1.0)
    with pytest.raises(ValueError, match="to_major has the shape"):
        add_glow(dark(), COLOURS, np.eye(3), 9.0, 1.0, 1.0, PEAK, 0, 0.3, 0.0)


def test_every_level_gives_the_same_bits() -> None:
    rng, drawn = np.random.default_rng(1), []
    x, y = rng.uniform(-9, 99, 40), rng.uniform(-9, 79, 40)
    flux = 10.0 ** rng.uniform(2, 6, (40, 3))
    for module in at_every_level("crowdsky.synthetic.render_kernels"):
        light = dark()
        module.add_stars(light, "RGGB", x, y, flux, (3.0, 2.8, 3.2), (3.0, 1.0))
        module.add_trail(light, COLOURS, 1.0, 2.0, 80.0, 60.0, PEAK, 1.5)
        turned = np.array([[1.0, 0.0, -45.0], [0.0, 1.0, -35.0]])
        module.add_glow(light, COLOURS, turned, 30.0, 0.7, 1.2, PEAK, 0, 0.3, 0.4)
        drawn.append(light.tobytes())
    assert len(set(drawn)) == 1
