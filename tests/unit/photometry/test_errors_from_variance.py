"""Errors of fluxes come from the variance of a stack's pixels, where it knows them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.attempts import Attempts
from crowdsky.photometry.colours import ColourPhotometry, measure_colours
from crowdsky.photometry.stack_file import read_stack
from crowdsky.sources.apertures import subtract_sky
from crowdsky.sources.detection import find_stars
from tests.support.star_fields import plate
from tests.support.synthetic_stack import Light, write_stack

SHAPE = (300, 260)
VARIANCE = {"R": 64.0, "G": 25.0, "B": 49.0}
CORRELATION = {"R": 3.7, "G": 2.8, "B": 3.4}
Change = Callable[[fits.HDUList], object]


def measured(path: Path) -> tuple[ColourPhotometry, float]:
    """Measure a stack as `measure_stack` does; returns it with the radius of the apertures."""
    picture = read_stack(path)
    attempt = Attempts()
    mean = subtract_sky(picture.planes.mean(axis=0), picture.uncovered)
    sources = find_stars(picture.planes, ~picture.uncovered)
    found = measure_colours(
        attempt, picture.planes, mean, picture.uncovered, sources, None,
        variances=picture.variances,
    )  # fmt: skip
    assert not attempt.notes
    plane = found.planes[0]
    assert plane is not None
    return found, plane.flux.aperture_px


def scaled(hdus: fits.HDUList) -> None:
    """Give a stack the variance of green, and what makes those of the others of it."""
    hdus.append(fits.ImageHDU(np.full(SHAPE, VARIANCE["G"], np.float32), name="VARIANCE"))
    for name in ("RED", "GREEN", "BLUE"):
        header = hdus[name].header
        header["VARSCL_R"], header["VARSCL_B"] = 64.0 / 25.0, 49.0 / 25.0
        header["VARCORR"] = CORRELATION[name[0]]


def one_each(hdus: fits.HDUList) -> None:
    """Give a stack the variance of each colour."""
    for name in ("RED", "GREEN", "BLUE"):
        pixels = np.full(SHAPE, VARIANCE[name[0]], np.float32)
        hdus.append(fits.ImageHDU(pixels, name=f"VARIANCE_{name[0]}"))
        hdus[name].header["VARCORR"] = CORRELATION[name[0]]


def write(path: Path, change: Change | None = None) -> Path:
    """Write a stack of 25 stars on a grid, with a change to its parts."""
    places = np.arange(40.0, 240.0, 44.0)
    x, y = (axis.ravel() + 0.3 for axis in np.meshgrid(places, places))
    light = Light(x, y, np.geomspace(2e3, 2e5, x.size))
    write_stack(
        path, light, plate(315.4, 68.2, 40.0), np.random.default_rng(7), shape=SHAPE, gradient=0.0
    )
    if change is not None:
        with fits.open(path, mode="update") as hdus:
            change(hdus)
    return path


@pytest.mark.parametrize("change", [scaled, one_each])
def test_errors_are_those_of_the_variance_in_the_aperture(tmp_path: Path, change: Change) -> None:
    found, radius = measured(write(tmp_path / "stack.fits", change))
    area = math.pi * radius**2
    of_mean = 0.0
    for plane, letter in zip(found.planes, "RGB", strict=True):
        assert plane is not None
        expected = CORRELATION[letter] * VARIANCE[letter] * area
        of_mean += expected / 9.0
        whole = ~plane.flux.edge
        share = plane.growth.share_within(radius)
        errors = plane.flux.error[whole] * share
        np.testing.assert_allclose(errors, math.sqrt(expected), rtol=0.01)
    assert found.shapes is not None
    mean_light = np.mean([plane.flux.flux for plane in found.planes if plane], axis=0)
    share_of_mean = found.planes[1].growth.share_within(radius) if found.planes[1] else 1.0
    snr = mean_light * share_of_mean / math.sqrt(of_mean)
    np.testing.assert_allclose(found.shapes.snr, snr, rtol=0.03)


@pytest.mark.parametrize("missing", ["VARCORR", "VARSCL_B", "VARIANCE", "nothing known"])
def test_a_stack_that_does_not_know_all_of_it_is_measured_on_empty_sky(
    tmp_path: Path, missing: str
) -> None:
    def change(hdus: fits.HDUList) -> None:
        if missing == "nothing known":
            return
        scaled(hdus)
        if missing in hdus:
            del hdus[missing]
        hdus["BLUE"].header.remove(missing, ignore_missing=True)

    found, _ = measured(write(tmp_path / "stack.fits", change))
    for plane in found.planes:
        assert plane is not None
        np.testing.assert_allclose(plane.flux.error, plane.flux.noise)
