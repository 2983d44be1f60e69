"""The light of stars from raw subs of which everything is known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from bench.best_light import above_best, best_light
from bench.best_weights import NOTHING
from crowdsky.stacking.registration.transform import apply, invert
from crowdsky.synthetic.sky import SEESTAR_S50, Night, Truth, star_field, write_night

SIDE = 480
LIGHT = 4000.0


def night_of_stars(folder: Path) -> tuple[Truth, np.ndarray, np.ndarray, np.ndarray]:
    """A night with everything that spoils pixels, and its stars that are alone and inside."""
    rng = np.random.default_rng(8)
    night = Night(
        star_field("SIM", 200.0, 35.0, rng, stars_per_sq_deg=900.0),
        SEESTAR_S50.resized(SIDE, SIDE),
        n_subs=6,
        dither_px=4.0,
        satellites=(1, 4),
        trailed=(2,),
        smear_px=4.0,
        cloudy=(3,),
        soft=(0,),
        n_hot_pixels=200,
    )
    truth = write_night(folder, night, rng)
    x, y, light = truth.star_x, truth.star_y, truth.star_flux
    apart = np.hypot(x[:, None] - x, y[:, None] - y) + np.where(np.eye(x.size), 99.0, 0.0)
    alone = ((apart < 16.0) * light.mean(axis=1)).sum(axis=1) < 0.01 * light.mean(axis=1)
    chosen = alone & (np.abs(x - SIDE / 2) < 200) & (np.abs(y - SIDE / 2) < 200)
    chosen &= light.mean(axis=1) > 300.0
    return truth, x[chosen], y[chosen], light[chosen]


def expected_noise(truth: Truth, light: np.ndarray) -> np.ndarray:
    """Roughly the noise of the mean of the colours, relative: by the area of the stars alone."""
    camera, night = truth.night.camera, truth.night
    sky = np.array(night.sky_adu) * camera.adu_per_electron
    sky += (camera.read_noise_electrons * camera.adu_per_electron) ** 2
    sigmas = np.array(night.fwhm_px) / 2.3548
    subs = 4.4  # those that are sharp and clear, and what the others add
    area = 4.0 * math.pi * sigmas**2 * 1.25  # the wings of a Moffat profile
    share = np.array([0.25, 0.5, 0.25])
    variance = (area * sky / share + camera.adu_per_electron * light / share) / subs
    return np.asarray(np.sqrt(variance.sum(axis=1)) / light.sum(axis=1))


@pytest.mark.every
def test_the_best_estimate_scatters_by_the_noise_of_the_pixels(tmp_path: Path) -> None:
    truth, x, y, light = night_of_stars(tmp_path)
    off = best_light(truth, x, y, light)
    assert off.size > 40
    normal = off / expected_noise(truth, light)
    assert np.isfinite(normal).all()
    assert np.sqrt(np.mean(normal**2)) == pytest.approx(1.0, abs=0.25)
    assert abs(np.mean(normal)) < 4.0 / math.sqrt(normal.size)


@pytest.mark.every
def test_a_star_that_no_sub_shows_is_not_known(tmp_path: Path) -> None:
    truth, x, y, light = night_of_stars(tmp_path)
    gone = apply(invert(truth.subs[0].to_reference), np.array([-500.0]), np.array([-500.0]))
    off = best_light(truth, np.append(x[:2], gone[0]), np.append(y[:2], gone[1]),
                     np.concatenate([light[:2], [[LIGHT] * 3]]))  # fmt: skip
    assert np.isfinite(off[:2]).all()
    assert math.isnan(off[2])


def test_noise_on_top_of_the_best_is_told_exactly() -> None:
    rng = np.random.default_rng(3)
    best = rng.normal(0.0, 0.1, 400)
    found = above_best(1.01 * best + rng.normal(0.0, 0.03, 400), best)
    assert found.value == pytest.approx(math.hypot(1.0, 0.3), abs=3.0 * found.error)
    assert found.error < 0.007
    assert above_best(best[:10], best[:10]) == NOTHING
    assert above_best(-best, best) == NOTHING
