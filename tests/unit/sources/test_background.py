"""The sky and its noise, against truth and against SEP."""

from __future__ import annotations

import numpy as np
import pytest
import sep

from crowdsky.sources.background import Background, measure_background
from tests.support.levels import at_every_level

SHAPE = (500, 430)
NOISE = 8.0


def starry(seed: int = 1, shape: tuple[int, int] = SHAPE, stars: int = 150) -> np.ndarray:
    """A sky of 900 ADU with a gradient, noise, and stars."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture = 900.0 + 0.05 * x - 0.03 * y + rng.normal(0.0, NOISE, shape)
    for _ in range(stars):
        row, column = rng.uniform(0, shape[0]), rng.uniform(0, shape[1])
        light = 10.0 ** rng.uniform(2.0, 4.0)
        square = (y - row) ** 2 + (x - column) ** 2
        picture += light * np.exp(-square / 4.5) * (square < 400.0)
    return np.asarray(picture, np.float32)


def truth(shape: tuple[int, int] = SHAPE) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    return np.asarray(900.0 + 0.05 * x - 0.03 * y)


def test_sky_and_noise_are_those_of_the_truth() -> None:
    found = measure_background(starry())

    off = found.sky_map() - truth()
    assert abs(off.mean()) < 0.05 * NOISE
    assert off.std() < 0.08 * NOISE
    assert found.rms == pytest.approx(NOISE, rel=0.03)
    assert found.noise_map() == pytest.approx(NOISE, rel=0.12)


@pytest.mark.parametrize("masked", [False, True])
def test_it_agrees_with_sep(masked: bool) -> None:
    picture = starry(2)
    mask = np.zeros(SHAPE, bool)
    if masked:
        mask[:, :37] = mask[-120:] = True
        picture[mask] = 0.0
    reference = sep.Background(picture, mask=mask)

    found = measure_background(picture, mask)

    off = (found.sky_map() - reference.back())[~mask]
    assert abs(off.mean()) < 0.01 * NOISE
    assert np.abs(off).max() < 0.15 * NOISE
    assert found.level == pytest.approx(reference.globalback, abs=0.05 * NOISE)
    assert found.noise_map()[~mask] == pytest.approx(reference.rms()[~mask], rel=0.06)


def test_a_nebula_that_fills_a_box_does_not_pull_the_sky_up() -> None:
    picture = starry(3, stars=0)
    picture[128:192, 128:192] += 400.0

    found = measure_background(picture)

    assert np.abs(found.sky_map() - truth()).max() < 0.6 * NOISE


def test_values_that_are_no_numbers_do_not_count() -> None:
    picture = starry(4)
    spoiled = picture.copy()
    spoiled[10:50, 20:60] = np.nan
    spoiled[100, 100] = np.inf
    mask = ~np.isfinite(spoiled)

    found, masked = measure_background(spoiled), measure_background(picture, mask)

    assert np.array_equal(found.levels, masked.levels)
    assert np.array_equal(found.noise, masked.noise)


def test_a_box_without_light_takes_the_sky_of_its_neighbours() -> None:
    mask = np.zeros(SHAPE, bool)
    mask[64:128, 64:128] = True
    picture = starry(5, stars=0)
    picture[mask] = 0.0

    assert np.abs(measure_background(picture, mask).sky_map() - truth()).max() < 0.6 * NOISE


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 200), (200, 1), (3, 5), (64, 64), (65, 64), (64, 129), (31, 200)]
)
def test_small_pictures_have_a_sky(shape: tuple[int, int]) -> None:
    picture = np.full(shape, 50.0, np.float32)

    found = measure_background(picture)

    assert found.sky_map() == pytest.approx(np.full(shape, 50.0))
    assert not found.noise_map().any()


def test_without_a_pixel_that_counts_sky_and_noise_are_0() -> None:
    found = measure_background(np.full((80, 80), np.nan, np.float32))

    assert (found.level, found.rms) == (0.0, 0.0)


@pytest.mark.parametrize("level", [100.05, 100.3, 100.5])
@pytest.mark.parametrize("noise", [0.7, 1.5, 3.0])
def test_a_picture_of_whole_numbers_has_its_sky_between_them(level: float, noise: float) -> None:
    """SEP's median is one of the values there, and its mode off by up to 1 ADU."""
    rng = np.random.default_rng(6)
    picture = rng.normal(level, noise, (256, 256)).round().astype(np.float32)

    found = measure_background(picture)

    assert found.level == pytest.approx(level, abs=0.1)
    assert found.rms == pytest.approx(np.hypot(noise, 12.0**-0.5), rel=0.05)


def test_noise_below_a_step_is_not_taken_for_none() -> None:
    rng = np.random.default_rng(6)
    picture = rng.normal(100.0, 0.25, (256, 256)).round().astype(np.float32)

    found = measure_background(picture)

    assert found.level == pytest.approx(100.0, abs=0.01)
    assert found.rms == pytest.approx(picture.std(), rel=0.2)


def test_large_values_cost_no_precision() -> None:
    picture = starry(7, stars=0)

    shifted = measure_background((picture + np.float32(2.0**20)).astype(np.float32))

    assert shifted.level - 2.0**20 == pytest.approx(measure_background(picture).level, abs=0.5)
    assert shifted.rms == pytest.approx(NOISE, rel=0.03)


@pytest.mark.parametrize("box", [1, 7, 33])
def test_the_spline_goes_through_the_middles_of_boxes(box: int) -> None:
    rng = np.random.default_rng(box)
    mesh = rng.normal(900.0, 20.0, (6, 8))
    # In an even box, the middle lies between two pixels.
    whole = Background(mesh, mesh, (6 * box, 8 * box), box).sky_map()

    assert whole[box // 2 :: box, box // 2 :: box] == pytest.approx(mesh, abs=1e-3)


def test_a_plane_stays_a_plane_up_to_the_edge() -> None:
    box = 16
    y, x = np.mgrid[:96, :128]
    plane = 5.0 + 0.3 * x - 0.2 * y
    mesh = plane.reshape(6, box, 8, box).mean(axis=(1, 3))

    assert Background(mesh, mesh, (96, 128), box).sky_map() == pytest.approx(plane, abs=1e-3)


def test_every_level_gives_the_same_bits() -> None:
    picture = starry(8)
    modules = at_every_level("crowdsky.sources.mesh")
    meshes = [module.box_skies(picture, None, 64) for module in modules]
    maps = [module.spread_mesh(meshes[0][0], SHAPE, 64).tobytes() for module in modules]

    assert len({levels.tobytes() + noise.tobytes() for levels, noise in meshes}) == 1
    assert len(set(maps)) == 1


def test_a_mask_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="uncovered"):
        measure_background(starry(), np.zeros((3, 3), bool))
