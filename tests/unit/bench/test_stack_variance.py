"""The chi-square of star light with the variance that a stack states."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from bench.best_weights import NOTHING
from bench.stack_depth import ideal_snr
from bench.stack_pictures import read_picture
from bench.stack_variance import StatedVariance, normalised, reduced_chi_square
from tests.support.known_pictures import N_SUBS, NOISE_ADU, SIZE, KnownPicture, known_picture


@pytest.fixture(scope="module")
def night() -> KnownPicture:
    return known_picture(3, correlated=False)


def chi_square(night: KnownPicture, factor: float) -> float:
    """With the true variance of the pixels times a factor; the noise of pixels is independent."""
    green = night.picture.planes[1]
    sky = NOISE_ADU**2
    light = np.maximum(green, 0.0)
    stated = StatedVariance((sky + 14.0 * light / N_SUBS).astype(np.float32), factor)
    snr = ideal_snr(night.light, N_SUBS)
    return reduced_chi_square([normalised(green, stated, night.x, night.y, night.light, snr)]).value


def test_true_variance_gives_one(night: KnownPicture) -> None:
    assert chi_square(night, 1.0) == pytest.approx(1.0, abs=0.25)


def test_variance_that_is_too_small_is_seen(night: KnownPicture) -> None:
    assert chi_square(night, 0.5) == pytest.approx(2.0 * chi_square(night, 1.0))


def test_a_level_that_the_sky_model_leaves_is_no_error_of_the_stack(night: KnownPicture) -> None:
    green = night.picture.planes[1]
    stated = StatedVariance(np.full(green.shape, NOISE_ADU**2, np.float32), 1.0)
    snr = ideal_snr(night.light, N_SUBS)
    mesh = np.mgrid[30 : SIZE - 30 : 15, 30 : SIZE - 30 : 15].astype(float)
    y, x = mesh[0].ravel(), mesh[1].ravel()
    away = np.hypot(x[:, None] - night.x, y[:, None] - night.y).min(axis=1) > 15.0
    empty = (x[away], y[away])
    stars = (stated, night.x, night.y, night.light, snr)
    plain, raised = (normalised(green + level, *stars, empty) for level in (0.0, 5.0))
    assert raised == pytest.approx(plain, abs=0.05, nan_ok=True)
    assert np.nanmedian(normalised(green + 5.0, *stars) - plain) > 0.5


def test_errors_of_chi_square_are_those_of_many_nights() -> None:
    rng = np.random.default_rng(8)
    found = [reduced_chi_square([rng.normal(size=60), rng.normal(size=40)]) for _ in range(300)]
    values = [one.value for one in found]
    assert np.mean(values) == pytest.approx(1.0, abs=0.02)
    assert np.std(values) == pytest.approx(np.mean([one.error for one in found]), rel=0.15)
    assert reduced_chi_square([]) == NOTHING


def test_without_bright_stars_there_is_no_scale(night: KnownPicture) -> None:
    stated = StatedVariance(np.ones((SIZE, SIZE), np.float32), 1.0)
    faint = np.full(night.light.size, 8.0)
    found = normalised(night.picture.planes[1], stated, night.x, night.y, night.light, faint)
    assert np.isnan(found).all()
    assert math.isnan(reduced_chi_square([found]).value)


@pytest.mark.parametrize("name", ["VARIANCE", "VARIANCE_G", None])
def test_variance_is_read_where_a_stack_states_it(tmp_path: Path, name: str | None) -> None:
    path = tmp_path / "stack.fits"
    shape = (200, 200)
    planes = [fits.ImageHDU(np.ones(shape, np.float32), name=n) for n in ("RED", "GREEN", "BLUE")]
    planes[1].header["VARCORR"] = 2.9
    columns = np.dtype([("FILENAME", "U5"), ("USED", "?"), ("REASON", "U5")])
    footprint = fits.ImageHDU(np.full(shape, 3, np.int32), name="FOOTPRINT")
    frames = fits.BinTableHDU(np.zeros(1, columns), name="FRAMES")
    hdus = [fits.PrimaryHDU(), *planes, footprint, frames]
    if name is not None:
        hdus.append(fits.ImageHDU(np.full(shape, 7.0, np.float32), name=name))
    fits.HDUList(hdus).writeto(path)
    stated = read_picture("native", path, 1).variance
    if name is None:
        assert stated is None
    else:
        assert stated is not None
        assert stated.aperture_factor == pytest.approx(2.9)
        assert (stated.pixels == 7.0).all()
