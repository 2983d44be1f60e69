"""Zero points from matched stars: weights, clipping, and knowing when there are too few."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.photometry.sky import bortle_class, fit_sky_shape, sky_brightness
from crowdsky.photometry.zero_points import REFERENCE_COLOUR, fit_zero_point
from crowdsky.solving.catalogue import CatalogueStars, tycho_error
from tests.support.star_fields import partners


def tycho(mag: np.ndarray) -> CatalogueStars:
    return partners(mag, mag_error=tycho_error(mag))


def stars(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mag = rng.uniform(8.5, 12.0, count)
    flux = 10 ** (0.4 * (23.0 - mag))
    return flux, flux / 200.0, mag


def test_faint_catalogue_errors_weigh_little() -> None:
    rng = np.random.default_rng(1)
    flux, error, mag = stars(40, rng)
    mag = mag + rng.normal(0, 1, 40) * tycho_error(mag)
    fit = fit_zero_point(flux, error, tycho(mag), np.ones(40, dtype=bool))
    assert fit is not None
    assert fit.value == pytest.approx(23.0, abs=0.02)


def test_wrong_partners_are_left_out() -> None:
    rng = np.random.default_rng(2)
    flux, error, mag = stars(30, rng)
    mag[:4] -= [2.0, -1.5, 3.0, 0.9]
    fit = fit_zero_point(flux, error, partners(mag), np.ones(30, dtype=bool))
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
    fit = fit_zero_point(flux, error, partners(mag), usable)
    assert fit is not None
    assert fit.n_stars == 4
    assert (fit.mag_low, fit.mag_high) == (mag[8:].min(), mag[8:].max())


def test_two_stars_are_too_few() -> None:
    flux, error, mag = stars(2, np.random.default_rng(4))
    assert fit_zero_point(flux, error, tycho(mag), np.ones(2, dtype=bool)) is None


def coloured(
    count: int, rng: np.random.Generator, term: float = 0.25
) -> tuple[np.ndarray, np.ndarray, CatalogueStars]:
    """Stars with the colours of a field of Gaia, as a plane with a colour term sees them."""
    flux, error, mag = stars(count, rng)
    bp_rp = np.clip(rng.gamma(6.0, 0.16, count), 0.0, 2.1)
    flux = flux * 10 ** (0.4 * (term * (bp_rp - REFERENCE_COLOUR) + rng.normal(0, 0.02, count)))
    return flux, error, partners(mag, bp_rp, 0.02)


@pytest.mark.parametrize("term", [-0.6, 0.0, 0.25, 0.9])
def test_thirty_stars_give_zero_point_and_colour_term(term: float) -> None:
    """Within a hundredth as a rule: most of many fields, and every one within its own errors."""
    offs, pulls = [], []
    for seed in range(60):
        flux, error, near = coloured(30, np.random.default_rng(seed), term)
        fit = fit_zero_point(flux, error, near, np.ones(30, dtype=bool))
        assert fit is not None and fit.colour_term is not None
        off = np.array([fit.value - 23.0, fit.colour_term.value - term])
        offs.append(off)
        pulls.append(off / [fit.error, fit.colour_term.error])
    assert np.sqrt(np.mean(np.square(offs), axis=0)) == pytest.approx([0.004, 0.009], rel=0.4)
    assert np.abs(np.mean(offs, axis=0)).max() < 0.004
    assert (np.std(pulls, axis=0) > 0.8).all() and (np.std(pulls, axis=0) < 1.3).all()


def test_wrong_partners_do_not_bend_the_colour_term() -> None:
    flux, error, near = coloured(40, np.random.default_rng(3))
    reddest = np.argsort(near.bp_rp)[-6:]
    flux[reddest] *= 4.0
    fit = fit_zero_point(flux, error, near, np.ones(40, dtype=bool))
    assert fit is not None and fit.colour_term is not None
    assert fit.colour_term.value == pytest.approx(0.25, abs=0.03)
    assert fit.n_stars == 34


@pytest.mark.parametrize("colours", ["few stars", "one colour", "very red", "unknown"])
def test_without_colours_there_is_only_a_zero_point(colours: str) -> None:
    rng = np.random.default_rng(5)
    count = 7 if colours == "few stars" else 30
    flux, error, mag = stars(count, rng)
    bp_rp = {
        "few stars": rng.uniform(0.4, 1.6, count),
        "one colour": rng.normal(0.8, 0.05, count),
        "very red": rng.uniform(2.5, 4.0, count),
        "unknown": np.full(count, np.nan),
    }[colours]
    fit = fit_zero_point(flux, error, partners(mag, bp_rp, 0.03), np.ones(count, dtype=bool))
    assert fit is not None
    assert fit.colour_term is None
    assert fit.value == pytest.approx(23.0, abs=0.01)
    assert fit.n_stars == count
    assert fit.catalogue_error == 0.03


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
