"""Zero points from matched stars: weights, clipping, and knowing when there are too few."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.photometry.sky import bortle_class, fit_sky_shape, sky_brightness
from crowdsky.photometry.zero_points import fit_zero_point, tycho_error


def stars(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mag = rng.uniform(8.5, 12.0, count)
    flux = 10 ** (0.4 * (23.0 - mag))
    return flux, flux / 200.0, mag


def test_faint_catalogue_errors_weigh_little() -> None:
    rng = np.random.default_rng(1)
    flux, error, mag = stars(40, rng)
    mag = mag + rng.normal(0, 1, 40) * tycho_error(mag)
    fit = fit_zero_point(flux, error, mag, np.ones(40, dtype=bool), "VT")
    assert fit is not None
    assert fit.value == pytest.approx(23.0, abs=0.02)


def test_wrong_partners_are_left_out() -> None:
    rng = np.random.default_rng(2)
    flux, error, mag = stars(30, rng)
    mag[:4] -= [2.0, -1.5, 3.0, 0.9]
    fit = fit_zero_point(flux, error, mag, np.ones(30, dtype=bool), "V")
    assert fit is not None
    assert fit.value == pytest.approx(23.0, abs=0.005)
    assert fit.n_stars == 26


def test_flagged_and_faint_stars_do_not_count() -> None:
    rng = np.random.default_rng(3)
    flux, error, mag = stars(12, rng)
    usable = np.ones(12, dtype=bool)
    usable[:5] = False
    flux[:5] *= 3.0
    error[5:7] = flux[5:7]
    flux[7] = -10.0
    fit = fit_zero_point(flux, error, mag, usable, "V")
    assert fit is not None
    assert fit.n_stars == 4
    assert (fit.mag_low, fit.mag_high) == (mag[8:].min(), mag[8:].max())


def test_two_stars_are_too_few() -> None:
    flux, error, mag = stars(2, np.random.default_rng(4))
    assert fit_zero_point(flux, error, mag, np.ones(2, dtype=bool), "VT") is None


def test_sky_brightness_and_class() -> None:
    # 100 ADU per pixel of 2 arcsec: 25 ADU per square arcsecond.
    assert sky_brightness(23.2, 600.0, 500.0, 2.0) == pytest.approx(23.2 - 2.5 * np.log10(25.0))
    assert sky_brightness(23.2, 500.0, 500.0, 2.0) is None
    assert [bortle_class(m) for m in (22.0, 21.8, 21.0, 19.8, 18.5, 17.0)] == [1, 3, 4, 5, 7, 9]


def test_the_shape_of_the_sky_is_found() -> None:
    v, u = np.mgrid[-1:1:200j, -1:1:300j]
    mesh = (1000 + 5 * u - 3 * v + 2 * u * u + 4 * u * v - 1 * v * v).astype(np.float32)
    uncovered = np.zeros(mesh.shape, dtype=bool)
    uncovered[:, 250:] = True
    shape = fit_sky_shape(np.where(uncovered, 0, mesh).astype(np.float32), uncovered)
    assert shape is not None
    np.testing.assert_allclose(shape.coefficients, (1000, 5, -3, 2, 4, -1), atol=0.01)
    assert shape.residual < 0.01
    assert fit_sky_shape(mesh, np.ones(mesh.shape, dtype=bool)) is None
