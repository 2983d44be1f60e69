"""The benchmark's measurements on pictures whose figures are known."""

from __future__ import annotations

import numpy as np
import pytest

from bench import quality
from bench.stack_known import isolated
from bench.stack_truth import magnitude_line
from crowdsky.stacking.registration.detect import Stars

SIZE = 600
SIGMA_PX = 1.3


def grid(step: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Star places on a grid, off the middle of their pixels."""
    at = np.arange(step, SIZE - step // 2, step)
    x, y = np.meshgrid(at, at)
    return x.ravel() + 0.3, y.ravel() - 0.2


def add_stars(picture: np.ndarray, x: np.ndarray, y: np.ndarray, flux: float) -> None:
    rows, columns = np.mgrid[-8:9, -8:9]
    for star_x, star_y in zip(x, y, strict=True):
        ix, iy = round(star_x), round(star_y)
        square = (columns + ix - star_x) ** 2 + (rows + iy - star_y) ** 2
        form = np.exp(-0.5 * square / SIGMA_PX**2) / (2.0 * np.pi * SIGMA_PX**2)
        picture[iy - 8 : iy + 9, ix - 8 : ix + 9] += flux * form


@pytest.fixture
def noisy() -> np.ndarray:
    return np.random.default_rng(4).normal(0.0, 1.0, (SIZE, SIZE)).astype(np.float32)


def test_aperture_light_is_that_of_the_star(noisy: np.ndarray) -> None:
    x, y = grid()
    add_stars(noisy, x, y, 2000.0)
    light = quality.aperture_light(noisy, x, y, 3.0)
    # A pixel's value stands for its area here, which shifts a little light outwards.
    inside = 1.0 - np.exp(-0.5 * (3.0 / SIGMA_PX) ** 2)
    assert np.median(light) == pytest.approx(2000.0 * inside, rel=0.02)


def test_star_widths_are_those_of_the_stars(noisy: np.ndarray) -> None:
    x, y = grid()
    add_stars(noisy, x, y, 5000.0)
    fwhm, ellipticity = quality.star_widths(noisy, x, y)
    assert fwhm == pytest.approx(quality.SIGMA_TO_FWHM * SIGMA_PX, rel=0.01)
    assert ellipticity < 0.03


def test_line_light_is_the_height_of_a_line(noisy: np.ndarray) -> None:
    noisy[299:302] += 0.5
    along = np.linspace(50.0, 550.0, 1500)
    height, error = quality.line_excess(
        noisy, along, np.full_like(along, 300.0), np.array([0.0, 1.0])
    )
    assert height == pytest.approx(0.5, abs=0.15)
    assert error < 0.1


def test_error_of_a_line_is_that_of_noise_whose_pixels_are_not_independent() -> None:
    rng, along, across = np.random.default_rng(7), np.linspace(100.0, 500.0, 600), np.array([0, 1])
    offs, errors = [], []
    for _ in range(12):
        white = rng.normal(0.0, 1.0, (SIZE, SIZE)).astype(np.float32)
        smooth = sum(np.roll(white, (dy, dx), (0, 1)) for dy in (0, 1, 2) for dx in (0, 1, 2))
        for y in (150.0, 300.0, 450.0):
            off, error = quality.line_excess(smooth, along, np.full_like(along, y), across)
            offs.append(off)
            errors.append(error)
    assert np.std(offs) == pytest.approx(np.sqrt(np.mean(np.square(errors))), rel=0.4)


def test_point_light_is_what_stands_out_of_the_ring() -> None:
    picture = np.full((50, 50), 7.0, np.float32)
    picture[20, 30] = 9.5
    light = quality.point_light(picture, np.array([30.0, 10.0]), np.array([20.0, 10.0]))
    assert light == pytest.approx([2.5, 0.0])


def test_magnitude_line_sees_light_that_faint_stars_lose() -> None:
    true = 10.0 ** np.random.default_rng(2).uniform(3.5, 5.0, 300)
    lossy = true**1.03
    lossy[::25] *= 4.0  # blends, which the fit leaves out
    slope, off = magnitude_line(true, lossy)
    # Without noise only rounding is left, some 1e-15 mag, which differs between processors.
    assert slope == pytest.approx(1.03, abs=1e-6)
    assert np.isnan(off[::25]).all()
    assert np.nanstd(off) < 1e-6


def test_only_stars_without_bright_neighbours_are_isolated() -> None:
    x, y = np.array([0.0, 5.0, 100.0, 110.0]), np.zeros(4)
    light = np.array([1000.0, 500.0, 1000.0, 1.0])
    ones = np.ones(4)
    assert isolated(Stars(x, y, light, ones, ones, ones)).tolist() == [False, False, True, False]
