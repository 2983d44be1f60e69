"""The benchmark's measurements on pictures whose figures are known."""

from __future__ import annotations

import numpy as np
import pytest

from bench import quality
from bench.stack_quality import isolated
from bench.stack_truth import NOTHING, TruthFigures, magnitude_line, scatter_ratio
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


def snr_of(picture: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    busy = np.zeros(picture.shape, bool)
    for star_x, star_y in zip(x, y, strict=True):
        busy[round(star_y) - 12 : round(star_y) + 13, round(star_x) - 12 : round(star_x) + 13] = 1
    return quality.photometry(picture, x, y, busy, np.random.default_rng(1)).snr


def independent_pixels(radius: float) -> float:
    """Sum of the squared shares of pixels in an aperture: its variance in units of a pixel's."""
    fine = (np.arange(-80, 80) + 0.5) / 16.0
    disc = np.hypot(fine[:, None], fine) <= radius
    shares = disc.reshape(10, 16, 10, 16).mean(axis=(1, 3))
    return float((shares**2).sum())


def test_forced_photometry_finds_the_signal_to_noise_ratio(noisy: np.ndarray) -> None:
    x, y = grid()
    flux = 200.0
    add_stars(noisy, x, y, flux)
    inside = 1.0 - np.exp(-0.5 * (quality.APERTURE_PX / SIGMA_PX) ** 2)
    expected = flux * inside / np.sqrt(independent_pixels(quality.APERTURE_PX))
    assert snr_of(noisy, x, y) == pytest.approx(expected, rel=0.03)


def test_smoothing_hardly_improves_the_signal_to_noise_ratio(noisy: np.ndarray) -> None:
    x, y = grid()
    add_stars(noisy, x, y, 200.0)
    shifted = [np.roll(noisy, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    smooth = np.mean(shifted, axis=0, dtype=np.float32)
    assert quality.scatter(smooth) < 0.5 * quality.scatter(noisy)
    # The pixels' noise is a third of what it was, and yet:
    assert snr_of(smooth, x, y) == pytest.approx(snr_of(noisy, x, y), rel=0.06)


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
    assert figures(off).scatter.value < 1e-6


def test_scatter_of_magnitudes_has_an_honest_error() -> None:
    rng = np.random.default_rng(5)
    true = 10.0 ** rng.uniform(3.5, 5.0, 4000)
    _, off = magnitude_line(true, true * 10.0 ** (0.4 * rng.normal(0.0, 0.02, true.size)))
    scatter = figures(off).scatter
    assert scatter.value == pytest.approx(0.02, rel=0.04)
    assert scatter.error == pytest.approx(0.02 / np.sqrt(8000), rel=0.05)


def test_stacks_of_the_same_frames_are_compared_by_what_they_do_not_share() -> None:
    rng = np.random.default_rng(6)
    ratios = []
    for _ in range(200):
        frames = rng.normal(0.0, 0.02, 60)
        ours, theirs = (frames + rng.normal(0.0, own, 60) for own in (0.006, 0.004))
        ours[0] = theirs[1] = np.nan
        halves = [(figures(off[:30]), figures(off[30:])) for off in (ours, theirs)]
        ratios.append(scatter_ratio(*halves))
    values = [ratio.value for ratio in ratios]
    assert np.mean(values) == pytest.approx(np.hypot(0.02, 0.006) / np.hypot(0.02, 0.004), rel=0.01)
    error = np.mean([ratio.error for ratio in ratios])
    assert np.std(values) == pytest.approx(error, rel=0.15)
    assert error < 0.5 * np.sqrt(1.0 / 60.0)  # what two scatters of stacks of their own would have


def figures(off: np.ndarray) -> TruthFigures:
    return TruthFigures(1.0, off, 0.03, NOTHING, NOTHING, NOTHING)


def test_only_stars_without_bright_neighbours_are_isolated() -> None:
    x, y = np.array([0.0, 5.0, 100.0, 110.0]), np.zeros(4)
    light = np.array([1000.0, 500.0, 1000.0, 1.0])
    ones = np.ones(4)
    assert isolated(Stars(x, y, light, ones, ones, ones)).tolist() == [False, False, True, False]
