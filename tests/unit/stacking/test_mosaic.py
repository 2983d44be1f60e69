"""Raw mosaics read upright, mirrored, and with rows and columns exchanged."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.frames.frames import read_light_frame
from crowdsky.stacking.integration.mosaic import Calibration, Defects, Mosaic, band_elements

HEIGHT, WIDTH = 90, 70


@pytest.fixture
def mosaic(tmp_path: Path) -> Mosaic:
    """A frame of noise with two defects, one of them in a corner, and masters."""
    rng = np.random.default_rng(1)
    header = fits.Header([("EXPTIME", 10.0), ("BAYERPAT", "GRBG")])
    pixels = rng.integers(500, 900, (HEIGHT, WIDTH)).astype(np.uint16)
    fits.writeto(tmp_path / "a.fit", pixels, header)
    dark, flat = (rng.uniform(0.5, 1.5, (HEIGHT, WIDTH)).astype(np.float32) for _ in range(2))
    defects = Defects.at(np.array([40, 0]), np.array([21, 0]))
    return Mosaic(read_light_frame(tmp_path / "a.fit"), defects, Calibration(dark, flat))


def band(mosaic: Mosaic, first: int, stop: int) -> np.ndarray:
    width = mosaic.size[1]
    return mosaic.band(first, stop, np.empty(band_elements(stop - first, width), np.float32))[0]


def test_exchanged_rows_are_the_columns(mosaic: Mosaic) -> None:
    turned = mosaic.transpose()
    assert turned.size == (WIDTH, HEIGHT)
    np.testing.assert_allclose(turned.rows(0, WIDTH), mosaic.rows(0, HEIGHT).T, rtol=1e-6)
    np.testing.assert_allclose(turned.transpose().rows(0, 9), mosaic.rows(0, 9), rtol=1e-6)


@pytest.mark.parametrize("flip_x", [False, True])
@pytest.mark.parametrize("flip_y", [False, True])
def test_exchanged_and_turned_over_bands(mosaic: Mosaic, flip_x: bool, flip_y: bool) -> None:
    turned = replace(mosaic.transpose(), flip_x=flip_x, flip_y=flip_y)
    # What is exchanged first and turned over then was turned over the other way round before.
    upright = replace(mosaic, flip_x=flip_y, flip_y=flip_x)
    whole = band(turned, 0, WIDTH)
    np.testing.assert_allclose(whole[:, 8:-8], band(upright, 0, HEIGHT)[:, 8:-8].T, rtol=1e-6)
    # Not the row beside the cut: a defect there has lost a neighbour.
    np.testing.assert_allclose(band(turned, 23, 40)[2:-2], whole[25:38], rtol=1e-6)
    assert turned.red == upright.red[::-1]


@pytest.mark.parametrize(
    ("dtype", "ceiling"),
    [(np.uint16, 65535.0), (np.uint8, 255.0), (np.int32, math.inf), (np.float32, math.inf)],
)
def test_how_high_a_pixel_can_be(tmp_path: Path, dtype: type, ceiling: float) -> None:
    header = fits.Header([("EXPTIME", 10.0), ("BAYERPAT", "GRBG")])
    fits.writeto(tmp_path / "b.fit", np.full((HEIGHT, WIDTH), 200, dtype), header)
    mosaic = Mosaic(read_light_frame(tmp_path / "b.fit"), Defects.none())
    assert mosaic.ceiling == ceiling
    master = np.full((HEIGHT, WIDTH), 1.0, np.float32)
    assert replace(mosaic, calibration=Calibration(dark=master)).ceiling == ceiling
    assert replace(mosaic, calibration=Calibration(flat=master)).ceiling == math.inf
