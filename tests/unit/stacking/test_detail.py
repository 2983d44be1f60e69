"""Adaptive reconstruction smooths where there is nothing, and keeps where there is something."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from crowdsky.stacking.integration.detail import detail_noise, keep_detail

HEIGHT, WIDTH = 240, 300


def sky(seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(900.0, 20.0, (3, HEIGHT, WIDTH)).astype(np.float32)


def full(count: int = 9) -> np.ndarray:
    return np.full((HEIGHT, WIDTH), count, np.int32)


def kept(planes: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    with ThreadPoolExecutor(2) as pool:
        return keep_detail(planes, footprint, pool)


def _light(planes: np.ndarray) -> np.ndarray:
    return np.asarray(planes.sum(axis=(1, 2), dtype=np.float64))


def test_noise_of_empty_sky_falls_and_no_light_is_lost() -> None:
    before = sky()
    after = kept(before, full())
    inner = (slice(None), slice(5, -5), slice(5, -5))
    assert after[inner].std() < 0.75 * before[inner].std()
    np.testing.assert_allclose(_light(after), _light(before), rtol=1e-7)


def test_stars_keep_their_peaks() -> None:
    planes = sky()
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    star = 4000.0 * np.exp(-((rows - 120.0) ** 2 + (columns - 150.0) ** 2) / (2 * 1.2**2))
    planes += star.astype(np.float32)
    after = kept(planes, full())
    np.testing.assert_allclose(after[:, 120, 150], planes[:, 120, 150], rtol=0.03)
    box = (slice(None), slice(110, 131), slice(140, 161))
    np.testing.assert_allclose(after[box].sum(axis=(1, 2)), planes[box].sum(axis=(1, 2)), rtol=2e-3)


def test_the_flanks_of_a_bright_star_change_by_noise_only() -> None:
    planes = sky()
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    away = (rows - 120.0) ** 2 + (columns - 150.0) ** 2
    planes += (200_000.0 * (1.0 + away / 4.0) ** -2.5).astype(np.float32)
    after = kept(planes, full())
    assert np.abs(after - planes).max() < 5.0 * 20.0
    np.testing.assert_allclose(_light(after), _light(planes), rtol=1e-7)


def test_faint_stars_keep_as_much_of_their_light_as_bright_ones() -> None:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    stars = np.zeros((HEIGHT, WIDTH), np.float32)
    places = [(y, x) for y in range(20, HEIGHT - 15, 20) for x in range(20, WIDTH - 15, 20)]
    for y, x in places:
        # A peak of 3 sigma of a pixel of one colour, 17 sigma of the aperture of all.
        stars += 60.0 * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * 1.3**2))
    planes = sky() + stars.astype(np.float32)
    lost = planes - kept(planes, full())
    inside = sum(lost[:, y - 2 : y + 3, x - 2 : x + 3].sum() for y, x in places)
    light = 3 * sum(stars[y - 2 : y + 3, x - 2 : x + 3].sum() for y, x in places)
    assert abs(inside / light) < 0.015


def test_noise_is_told_as_if_one_frame_had_seen_it() -> None:
    planes, footprint = sky(), full(4)
    footprint[:, WIDTH // 2 :] = 16
    planes[:, :, WIDTH // 2 :] = 900.0 + 0.5 * (planes[:, :, WIDTH // 2 :] - 900.0)
    with ThreadPoolExecutor(2) as pool:
        even, uneven = detail_noise(sky(), full(4), pool), detail_noise(planes, footprint, pool)
    np.testing.assert_allclose(uneven, even, rtol=0.08)


def test_uncovered_pixels_stay_empty() -> None:
    planes, footprint = sky(), full()
    footprint[:40] = 0
    planes[:, :40] = 0.0
    after = kept(planes, footprint)
    assert not after[:, :40].any()
    assert after[:, 40:].min() > 700.0
    np.testing.assert_allclose(_light(after), _light(planes), rtol=1e-7)


@pytest.mark.parametrize("value", [0.0, 900.0])
def test_a_picture_without_noise_stays_as_it_is(value: float) -> None:
    flat = np.full((3, HEIGHT, WIDTH), value, np.float32)
    np.testing.assert_array_equal(kept(flat, full()), flat)
