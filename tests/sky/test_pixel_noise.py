"""Linear stacks know their noise: many skies that differ in nothing but their noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import sep
from astropy.io import fits

from crowdsky.stacking.engine import StackedPicture
from crowdsky.stacking.registration.transform import apply
from crowdsky.synthetic.sky import Truth, header, render
from tests.sky.conftest import MakeNight
from tests.sky.native_checks import reference_index, reference_places, run

pytestmark = pytest.mark.slow

SKIES = 20
RADIUS_PX, RING_PX = 5.0, (9.0, 16.0)
OF_RING = 1.0 + RADIUS_PX**2 / (RING_PX[1] ** 2 - RING_PX[0] ** 2)
"""Variance of a flux whose sky is measured in a ring, over that of the sum of its aperture."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """Variance between skies over the one that the stacks give, per plane and place or pixel."""

    stars: np.ndarray
    empty: np.ndarray
    pixels: np.ndarray


def skies_of(truth: Truth, folder: Path, count: int, method: str) -> Iterator[StackedPicture]:
    """Stack the same night again and again, with other noise."""
    folder.mkdir()
    truth = replace(truth, folder=folder)
    for sky in range(count):
        rng = np.random.default_rng(1000 + sky)
        for index, path in enumerate(truth.paths):
            hdu = fits.PrimaryHDU(render(truth, index, rng), header(truth, index))
            hdu.writeto(path, overwrite=True)
        yield run(truth.paths, method=method)


def fluxes(picture: StackedPicture, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return fluxes of all planes at some places, and the errors that the stack gives them."""
    assert picture.noise is not None
    found, errors = [], []
    planes = zip(picture.planes, picture.noise.variance, picture.noise.correlation, strict=True)
    for plane, variance, correlation in planes:
        x, y = at.T
        flux, _, _ = sep.sum_circle(plane, x, y, RADIUS_PX, subpix=0, bkgann=RING_PX)
        sums, _, _ = sep.sum_circle(variance, x, y, RADIUS_PX, subpix=0)
        found.append(flux)
        errors.append(np.sqrt(OF_RING * correlation * sums))
    return np.array(found), np.array(errors)


def scatter(truth: Truth, folder: Path, count: int, method: str = "mean") -> Scatter:
    """Measure stars, empty sky and pixels of many skies."""
    rows: list[tuple[np.ndarray, ...]] = []
    for picture in skies_of(truth, folder, count, method):
        assert picture.noise is not None
        stars, empty = reference_places(truth, reference_index(picture))
        sample = (slice(None), slice(100, 500, 3), slice(100, 400, 3))
        pixels = picture.planes[sample], np.sqrt(picture.noise.variance[sample])
        rows.append((*fluxes(picture, stars), *fluxes(picture, empty), *pixels))
    values = [np.array(column) for column in zip(*rows, strict=True)]
    values[0] = on_one_scale(values[0], values[1])
    return Scatter(
        *(
            measured.var(axis=0, ddof=1) / (errors**2).mean(axis=0)
            for measured, errors in zip(values[::2], values[1::2], strict=True)
        )
    )


def on_one_scale(light: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Divide the fluxes of each sky and plane, (skies, planes, stars), by their common factor.

    The scale of a stack is that of its reference, and a zero point takes it out.
    """
    usual = light.mean(axis=0)
    factors = (light * usual / errors**2).sum(axis=2) / (usual**2 / errors**2).sum(axis=2)
    return np.asarray(light / factors[:, :, None])


@pytest.fixture(scope="module")
def skies(rendered: Callable[..., Truth], tmp_path_factory: pytest.TempPathFactory) -> Scatter:
    """Six subs with a trail, hot pixels and cosmic rays in the same places of every sky."""
    truth = rendered(1, {"n_subs": 6, "dither_px": 6.0, "satellites": (2,)})
    return scatter(truth, tmp_path_factory.mktemp("skies") / "subs", SKIES)


def test_fluxes_of_stars_scatter_by_the_errors_that_the_variance_gives(skies: Scatter) -> None:
    assert skies.stars.shape[1] >= 15
    assert 0.9 < skies.stars.mean() < 1.1


def test_so_do_empty_apertures_in_every_colour(skies: Scatter) -> None:
    assert skies.empty.shape[1] > 200
    np.testing.assert_allclose(skies.empty.mean(axis=1), 1.0, atol=0.1)


def test_pixels_scatter_by_their_variance(skies: Scatter) -> None:
    np.testing.assert_allclose(np.mean(skies.pixels, axis=(1, 2)), 1.0, atol=0.04)


def test_the_variance_of_a_median_is_its_own(
    rendered: Callable[..., Truth], tmp_path: Path
) -> None:
    truth = rendered(1, {"n_subs": 5, "dither_px": 6.0})
    found = scatter(truth, tmp_path / "subs", SKIES // 2, method="median")
    np.testing.assert_allclose(np.mean(found.pixels, axis=(1, 2)), 1.0, atol=0.07)
    np.testing.assert_allclose(found.empty.mean(axis=1), 1.0, atol=0.12)


def test_what_is_rejected_is_counted_and_makes_the_rest_noisier(make_night: MakeNight) -> None:
    truth = make_night(n_subs=6, satellites=(2,), satellite_adu=3000.0, dither_px=4.0)
    picture = run(truth.paths)
    assert picture.noise is not None
    noise = picture.noise
    trail = truth.subs[2].trails[0]
    along = np.linspace(0.2, 0.8, 200)
    transform = picture.frames[2].report.transform
    assert transform is not None
    x, y = apply(
        transform,
        trail.x0 + along * (trail.x1 - trail.x0),
        trail.y0 + along * (trail.y1 - trail.y0),
    )
    inside = (x > 20) & (y > 20) & (x < 460) & (y < 620)
    rows, columns = np.rint(y[inside]).astype(int), np.rint(x[inside]).astype(int)
    assert np.median(noise.rejected[rows, columns]) == 1
    assert np.mean(noise.rejected > 0) < 0.1
    whole = np.median(noise.variance[1][(noise.rejected == 0) & (picture.footprint == 6)])
    assert np.median(noise.variance[1][rows, columns]) / whole == pytest.approx(6 / 5, rel=0.08)
    assert not noise.variance[:, picture.footprint == 0].any()
