"""Developed pictures of skies that are known: what shows, what does not, and in which colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.pictures.develop import develop, star_balance
from crowdsky.pictures.negative import Negative, read_negative
from crowdsky.pictures.planes import PicturePlanes

NOISE = 10.0
SKY = np.array([800.0, 1000.0, 750.0])
SHAPE = (400, 300)
Y, X = np.indices(SHAPE)


def sky(seed: int = 1) -> np.ndarray:
    """Noisy planes (3, height, width) of an empty sky, ADU."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, NOISE, (3, *SHAPE)) + SKY[:, None, None]


def star(row: float, column: float, peak: float, sigma: float = 1.5) -> np.ndarray:
    """The light of a star, (height, width)."""
    return peak * np.exp(-((Y - row) ** 2 + (X - column) ** 2) / (2 * sigma**2))


def developed(planes: np.ndarray, balance: np.ndarray | None = None) -> np.ndarray:
    """The picture as int, (height, width, 3)."""
    picture = PicturePlanes(planes.astype(np.float32), np.ones(planes.shape[1:], dtype=bool))
    return develop(Negative(picture, np.ones(picture.covered.shape, np.float32), balance)).astype(
        int
    )


def many_stars(colour: tuple[float, float, float]) -> np.ndarray:
    """A sky with thirty bright stars of one colour."""
    rng, planes = np.random.default_rng(3), sky()
    for _ in range(30):
        row, column = rng.uniform(20, SHAPE[0] - 20), rng.uniform(20, SHAPE[1] - 20)
        planes += star(row, column, 3000) * np.array(colour)[:, None, None]
    return planes


def test_the_noise_of_the_sky_is_taken_down_and_a_faint_star_stays() -> None:
    shown = developed(sky() + star(200, 150, 6 * NOISE)).mean(axis=2)
    grain = shown[20:180, 20:130].std()
    level = np.median(shown)
    assert 15 < level < 40
    assert shown[198:203, 148:153].max() > level + 12 * grain, "the noise itself was a sixth of it"


def test_no_dark_ring_around_a_bright_star() -> None:
    shown = developed(sky() + star(200, 150, 4000, 2.0)).mean(axis=2)
    radius = np.hypot(Y - 200, X - 150)
    level = np.median(shown)
    for inner in range(6, 60, 3):
        ring = shown[(radius >= inner) & (radius < inner + 3)]
        assert ring.mean() > 0.9 * level, inner


def test_a_dark_lane_stays_dark() -> None:
    """A lane of 12 pixels across a galaxy of 40 times the noise."""
    light = 400.0 * np.exp(-((Y - 200) ** 2 / 60**2 + (X - 150) ** 2 / 60**2) / 2)
    light[np.abs(X - 150) < 6] *= 0.5
    shown = developed(sky() + light).mean(axis=2)
    assert shown[190:210, 148:152].mean() < shown[190:210, 165:170].mean() - 15


def test_a_faint_disc_shows_and_a_core_is_shaded() -> None:
    """A disc of one noise of a pixel, and a core that is 500 times brighter."""
    radius = np.hypot(Y - 200, X - 150)
    light = NOISE * (radius < 50) + 500 * NOISE * np.exp(-radius / 4.0)
    shown = developed(sky() + light).mean(axis=2)
    disc = shown[(radius > 40) & (radius < 48)].mean()
    assert disc > np.median(shown[:100, :60]) + 4
    steps = np.diff(shown[200, 150:171:4])
    assert (steps < -4).all(), steps


def test_a_gradient_of_the_sky_is_gone() -> None:
    gradient = 0.5 * Y + 0.3 * X
    shown = developed(sky() + gradient).mean(axis=2)
    corners = [shown[:60, :60], shown[:60, -60:], shown[-60:, :60], shown[-60:, -60:]]
    assert np.ptp([corner.mean() for corner in corners]) < 3


def test_a_night_that_reddens_the_stars_is_balanced_by_their_zero_points() -> None:
    planes = many_stars((1.6, 1.0, 0.5))
    balance = np.array([1 / 1.6, 1.0, 2.0])
    shown = developed(planes, balance)
    bright = shown[shown.min(axis=2) > 150]
    assert len(bright) > 50
    assert np.ptp(bright.mean(axis=0)) < 8


def test_without_zero_points_the_stars_themselves_are_white_on_average() -> None:
    planes = many_stars((1.6, 1.0, 0.5))
    covered = np.ones(SHAPE, dtype=bool)
    flat = PicturePlanes((planes - SKY[:, None, None]).astype(np.float32), covered)
    np.testing.assert_allclose(
        star_balance(flat, np.full(3, NOISE)), [1 / 1.6, 1.0, 2.0], rtol=0.05
    )


def test_a_red_nebula_without_stars_stays_red() -> None:
    planes = sky()
    planes[0] += 20 * NOISE * np.exp(-((Y - 200) ** 2 + (X - 150) ** 2) / (2 * 30**2))
    shown = developed(planes)
    middle = shown[195:205, 145:155].mean(axis=(0, 1))
    assert middle[0] > middle[1] + 40
    assert middle[0] > middle[2] + 40


def test_stars_of_two_colours_keep_them() -> None:
    planes = sky()
    planes += star(200, 80, 2000) * np.array([1.5, 1.0, 0.6])[:, None, None]
    planes += star(200, 220, 2000) * np.array([0.6, 1.0, 1.5])[:, None, None]
    shown = developed(planes)
    assert shown[200, 80, 0] > shown[200, 80, 2] + 20
    assert shown[200, 220, 2] > shown[200, 220, 0] + 20


def test_the_rim_that_few_subs_cover_is_no_confetti() -> None:
    """The noise of the rim is four times that of the rest, and the variance says so."""
    rng = np.random.default_rng(5)
    noise = np.ones(SHAPE, np.float32)
    noise[:, :40] = 4.0
    planes = rng.normal(0, NOISE, (3, *SHAPE)) * noise + SKY[:, None, None]
    picture = PicturePlanes(planes.astype(np.float32), np.ones(SHAPE, dtype=bool))
    known = develop(Negative(picture, noise)).astype(float)
    unknown = develop(Negative.of(picture)).astype(float)
    assert known[:, 5:35].std() < 0.6 * unknown[:, 5:35].std()


def test_zero_points_and_variance_are_read_from_a_stack(tmp_path: Path) -> None:
    primary = fits.PrimaryHDU()
    primary.header.update({"ZPR": 22.0, "ZPG": 22.5, "ZPB": 23.0})
    planes = [
        fits.ImageHDU(p.astype("f4"), name=n)
        for p, n in zip(sky(), ("RED", "GREEN", "BLUE"), strict=True)
    ]
    variance = np.full(SHAPE, 9.0, "f4")
    variance[:, :40] = 36.0
    path = tmp_path / "stack.fits"
    fits.HDUList([primary, *planes, fits.ImageHDU(variance, name="VARIANCE")]).writeto(path)

    negative = read_negative(path)

    assert negative.balance == pytest.approx([10**0.2, 1.0, 10**-0.2])
    assert negative.noise[0, 0] == pytest.approx(2.0)
    assert negative.noise[0, 100] == pytest.approx(1.0)
    halved = negative.reduced(200)
    assert halved.picture.covered.shape == (200, 150)
    assert halved.noise[0, 0] == pytest.approx(2.0)


def test_two_zero_points_are_not_enough(tmp_path: Path) -> None:
    primary = fits.PrimaryHDU()
    primary.header.update({"ZPR": 22.0, "ZPG": 22.5})
    planes = [
        fits.ImageHDU(p.astype("f4"), name=n)
        for p, n in zip(sky(), ("RED", "GREEN", "BLUE"), strict=True)
    ]
    fits.HDUList([primary, *planes]).writeto(tmp_path / "stack.fits")
    assert read_negative(tmp_path / "stack.fits").balance is None
