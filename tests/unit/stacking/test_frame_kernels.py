"""The compiled measurements of a frame against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdsky.stacking.kernels import frame as kernel
from tests.support.levels import at_every_level

CELLS = [(cell // 2, cell % 2) for cell in range(4)]


def mosaic(height: int, width: int, seed: int = 1, step: float = 1.0) -> np.ndarray:
    """A sky with a gradient, noise and some bright pixels, in multiples of ``step``."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    sky = 900.0 + 40.0 * (y & 1) + 25.0 * (x & 1) + 0.1 * x + 0.2 * y
    sky += rng.normal(0.0, 30.0, sky.shape)
    sky[rng.integers(0, height, 40), rng.integers(0, width, 40)] += 5000.0
    return (np.rint(sky / step) * step).astype(np.float32)


def true_noise(pixels: np.ndarray, every: int) -> list[float]:
    noise = []
    for row, column in CELLS:
        lines = pixels[row::2][: pixels.shape[0] // 2 : every, column::2].astype(np.float64)
        off = np.abs(np.diff(lines)[:, ::2])
        limit = 3.0 * 1.4826 * np.median(off)
        noise.append(np.sqrt(0.5 * np.mean(off[off <= limit] ** 2)))
    return noise


@settings(max_examples=30, deadline=None)
@given(
    height=st.integers(8, 70),
    width=st.integers(8, 90),
    every=st.integers(1, 5),
    seed=st.integers(0, 999),
    step=st.sampled_from([1.0, 0.037]),
)
def test_noise_is_that_of_clipped_differences(
    height: int, width: int, every: int, seed: int, step: float
) -> None:
    pixels = mosaic(height, width, seed, step)
    assert kernel.cell_noise(pixels, every) == pytest.approx(true_noise(pixels, every), rel=1e-6)


@pytest.mark.parametrize(("height", "width", "box"), [(130, 170, 64), (65, 77, 16), (100, 90, 18)])
def test_the_mesh_is_the_clipped_mean_about_a_sample(height: int, width: int, box: int) -> None:
    pixels, noise = mosaic(height, width), np.array([30.0, 31.0, 32.0, 33.0])
    levels = np.empty((4, height // box, width // box))
    kernel.mesh_levels(pixels, box, noise, levels)
    k, half = np.arange(25), box // 2
    for cell, (row, column) in enumerate(CELLS):
        for v, u in np.ndindex(levels.shape[1:]):
            own = pixels[v * box + row : (v + 1) * box : 2, u * box + column : (u + 1) * box : 2]
            rough = np.median(own[k * half // 25, (7 * k + k * k) % half])
            off = own[::4].astype(np.float64) - rough
            inside = off[np.abs(off) <= 3.0 * noise[cell]]
            assert levels[cell, v, u] == pytest.approx(rough + inside.mean(), rel=1e-6)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 2), (2, 1), (5, 7)])
def test_the_sky_is_interpolated_between_the_middles_of_boxes(rows: int, columns: int) -> None:
    height, width, box = 2 * (rows * 8 + 3), 2 * (columns * 8 + 5) + 1, 8.0
    pixels = mosaic(height, width)
    levels = np.random.default_rng(5).normal(900.0, 50.0, (rows, columns))
    grey, above = (np.empty((height // 2, width // 2), np.float32) for _ in range(2))
    kernel.bin_by_two(pixels, grey)
    kernel.bin_above_sky(pixels, levels, box, above)
    even = pixels[:, : width // 2 * 2].astype(np.float64)
    assert grey == pytest.approx(
        even.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)), rel=1e-6
    )
    middles = [(np.arange(count) * box + 3.5) for count in (rows, columns)]
    along_x = np.array([np.interp(np.arange(width // 2), middles[1], line) for line in levels])
    sky = np.array([np.interp(np.arange(height // 2), middles[0], line) for line in along_x.T]).T
    assert above == pytest.approx(grey - sky, abs=2e-3)


@pytest.mark.parametrize("step", [1, 2])
def test_residuals_are_differences_from_the_middle_two_neighbours(step: int) -> None:
    pixels, noise = mosaic(30, 43), np.array([20.0, 25.0, 30.0, 35.0])
    total = np.ones_like(pixels)
    kernel.add_residuals(pixels, step, noise, 4.0, total)
    inner = pixels[step:-step, step:-step]
    around = np.sort(
        [
            pixels[: -2 * step, step:-step],
            pixels[2 * step :, step:-step],
            pixels[step:-step, : -2 * step],
            pixels[step:-step, 2 * step :],
        ],
        axis=0,
    )
    y, x = np.mgrid[step : 30 - step, step : 43 - step]
    sigma = noise[2 * (y & 1) + (x & 1)]
    expected = np.clip((inner - 0.5 * (around[1] + around[2])) / sigma, -4.0, 4.0)
    assert total[step:-step, step:-step] == pytest.approx(1.0 + expected, abs=1e-5)
    total[step:-step, step:-step] = 1.0
    assert (total == 1.0).all()


@pytest.mark.parametrize("limit", [0.01, 2.0, 9.0])
def test_outstanding_pixels_are_listed_in_order(limit: float) -> None:
    total = np.random.default_rng(1).normal(0.0, 1.0, (50, 61)).astype(np.float32)
    y, x = kernel.outstanding(total, 4, limit)
    inner = np.abs(total[4:-4, 4:-4]) > np.float32(limit)
    np.testing.assert_array_equal([y, x], np.array(np.nonzero(inner)) + 4)


def test_stamps_are_means_of_squares_of_pixels() -> None:
    frames = np.array([mosaic(30, 40, 1), mosaic(30, 40, 2)])
    stamps = kernel.mean_stamps(frames, np.array([2, 27]), np.array([37, 2]), 5)
    mean = frames.mean(axis=0)
    np.testing.assert_array_equal(stamps, [mean[:5, 35:], mean[25:, :5]])


def star(x: float, y: float, widths: tuple[float, float], shape: tuple[int, int]) -> np.ndarray:
    v, u = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float64)
    return np.exp(-0.5 * (((u - x) / widths[0]) ** 2 + ((v - y) / widths[1]) ** 2))


@settings(max_examples=30, deadline=None)
@given(dx=st.floats(-1.5, 1.5), dy=st.floats(-1.5, 1.5), long=st.floats(1.2, 2.2))
def test_a_gaussian_star_has_its_place_light_and_shape(dx: float, dy: float, long: float) -> None:
    x, y = 30.0 + dx, 25.0 + dy
    light = 5000.0 * star(x, y, (long, 1.7), (50, 60))
    pixels = (300.0 + light).astype(np.float32)
    (found,) = kernel.measure_stars(
        pixels, np.array([30.0]), np.array([25.0]), np.array([300.0]), 1.7, 12.0
    )
    assert found[:2] == pytest.approx([x, y], abs=4e-3)
    assert found[2] == pytest.approx(light.sum(), rel=1e-3)
    assert found[3:6] == pytest.approx([long**2, 1.7**2, 0.0], abs=0.1)
    assert found[6] == pixels.max()


@pytest.mark.parametrize("place", [(3.0, 25.0), (57.0, 25.0), (30.0, 47.0), (np.nan, 25.0)])
def test_a_star_at_the_edge_is_not_measured(place: tuple[float, float]) -> None:
    pixels = np.full((50, 60), 100.0, np.float32)
    x, y = (np.array([value]) for value in place)
    assert np.isnan(kernel.measure_stars(pixels, x, y, np.zeros(1), 1.7, 4.0)[0, 0])


def test_wrong_shapes_are_refused() -> None:
    pixels, noise, two = mosaic(40, 50), np.ones(4), np.array([20.0, 20.0])
    with pytest.raises(ValueError, match="too few to be measured"):
        kernel.cell_noise(pixels[:6], 1)
    with pytest.raises(ValueError, match="do not fit"):
        kernel.mesh_levels(pixels, 16, noise, np.empty((4, 3, 3)))
    with pytest.raises(ValueError, match="noise has the shape"):
        kernel.mesh_levels(pixels, 16, noise[:3], np.empty((4, 2, 3)))
    with pytest.raises(ValueError, match="out has the shape"):
        kernel.bin_by_two(pixels, np.empty((20, 24), np.float32))
    with pytest.raises(ValueError, match="at least one box"):
        kernel.bin_above_sky(pixels, np.empty((0, 2)), 8.0, np.empty((20, 25), np.float32))
    with pytest.raises(ValueError, match="total has the shape"):
        kernel.add_residuals(pixels, 1, noise, 4.0, np.empty((40, 49), np.float32))
    with pytest.raises(ValueError, match="reaches beyond"):
        kernel.mean_stamps(pixels[None], np.array([38]), np.array([20]), 5)
    with pytest.raises(ValueError, match="sky has the shape"):
        kernel.measure_stars(pixels, two, two, np.ones(1), 1.7, 4.0)
    with pytest.raises(ValueError, match="cannot measure stars with sigma 11"):
        kernel.measure_stars(pixels, two, two, two, 11.0, 4.0)


def test_every_level_gives_the_same_bits() -> None:
    pixels, found = mosaic(131, 171, step=0.037), []
    pixels += (5000.0 * star(60.3, 70.8, (1.8, 1.6), pixels.shape)).astype(np.float32)
    for module in at_every_level("crowdsky.stacking.kernels.frame"):
        noise, levels = module.cell_noise(pixels, 2), np.empty((4, 7, 9))
        module.mesh_levels(pixels, 18, noise, levels)
        grey, residual = np.empty((65, 85), np.float32), np.zeros_like(pixels)
        module.bin_above_sky(pixels, levels[0], 9.0, grey)
        module.add_residuals(pixels, 2, noise, 4.0, residual)
        stars = module.measure_stars(
            pixels, np.array([60.0]), np.array([71.0]), np.array([950.0]), 1.7, 5.0
        )
        results = (noise, levels, grey, residual, stars)
        found.append(b"".join(result.tobytes() for result in results))
    assert len(set(found)) == 1
