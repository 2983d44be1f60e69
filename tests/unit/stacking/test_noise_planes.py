"""A product has the noise of its pixels, as far as it is known."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.stacking.engine import PixelNoise
from tests.unit.stacking.products import HEIGHT, WIDTH, Write, picture, record


def noise(red: float = 1.2, stars: float = 1.0, share: float = 0.0) -> PixelNoise:
    """Variances of 25 ADU^2 in green; a share of the pixels has another one in red."""
    variance = np.full((3, HEIGHT, WIDTH), 25.0, np.float32)
    variance[0] *= red
    variance[2] *= 0.8
    variance[0][np.random.default_rng(2).random((HEIGHT, WIDTH)) < share] *= stars
    rejected = np.zeros((HEIGHT, WIDTH), np.uint8)
    rejected[20, 30] = 255
    return PixelNoise(variance, (3.7, 2.8, 3.4), rejected)


def test_the_variance_of_green_stands_for_that_of_the_others(write: Write) -> None:
    made = picture(record(0), record(1), noise=noise(stars=1.5, share=0.03))
    with fits.open(write(made).output_path) as hdus:
        names = [hdu.name for hdu in hdus]
        assert names[4:] == ["FOOTPRINT", "VARIANCE", "REJECTED", "STAR-TAB", "FRAMES"]
        assert hdus["VARIANCE"].data.dtype == np.dtype(">f4")
        assert hdus["VARIANCE"].header["BUNIT"] == "adu**2"
        assert (hdus["VARIANCE"].data == 25.0).all()
        assert hdus["REJECTED"].data.dtype == np.uint8
        assert hdus["REJECTED"].data[20, 30] == 255
        assert "BUNIT" not in hdus["REJECTED"].header
        correlations = {"PRIMARY": 2.8, "RED": 3.7, "GREEN": 2.8, "BLUE": 3.4}
        for name, correlation in correlations.items():
            header = hdus[name].header
            assert header["SMOOTHED"] is False
            assert header["VARSCL_R"] == pytest.approx(1.2)
            assert header["VARSCL_B"] == pytest.approx(0.8)
            assert header["VARCORR"] == correlation


def test_colours_whose_variances_differ_from_place_to_place_have_their_own(write: Write) -> None:
    made = picture(record(0), record(1), noise=noise(stars=1.03, share=0.08))
    with fits.open(write(made).output_path) as hdus:
        names = [hdu.name for hdu in hdus]
        assert names[5:8] == ["VARIANCE_R", "VARIANCE_G", "VARIANCE_B"]
        assert "VARSCL_R" not in hdus[0].header
        assert made.noise is not None
        for name, variance in zip(names[5:8], made.noise.variance, strict=True):
            np.testing.assert_array_equal(hdus[name].data, variance)


def test_unknown_noise_leaves_no_plane_and_no_card(write: Write) -> None:
    with fits.open(write(picture(record(0))).output_path) as hdus:
        assert "VARIANCE" not in hdus
        assert "REJECTED" not in hdus
        assert not {"VARCORR", "VARSCL_R", "VARSCL_B"} & set(hdus[0].header)
