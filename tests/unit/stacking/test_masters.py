"""Master frames: what they correct, and which ones are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import ConfigurationError
from crowdsky.frames.frames import read_light_frame
from crowdsky.stacking.engine import Masters
from crowdsky.stacking.integration.masters import BadCalibrationError, load_calibration
from crowdsky.stacking.stack_files import stack_files
from tests.sky.conftest import MakeNight, make_night, rendered

__all__ = ["make_night", "rendered"]

SHAPE = (640, 480)


def write(path: Path, pixels: np.ndarray, **cards: object) -> Path:
    fits.writeto(path, pixels, fits.Header(cards), overwrite=True)
    return path


def sky(path: Path) -> np.ndarray:
    """Median of the colours (3, 2) in the dark and the bright half of the picture."""
    with fits.open(path) as hdus:
        planes = np.stack([hdus[name].data for name in ("RED", "GREEN", "BLUE")])
    halves = planes[:, 60:-60, 60:220], planes[:, 60:-60, 260:-60]
    return np.transpose([np.median(half, axis=(1, 2)) for half in halves])


def test_a_flat_takes_out_shadows_and_no_colour(make_night: MakeNight, tmp_path: Path) -> None:
    """The left half of the sensor is shaded by a fifth; the flat's light is yellow."""
    truth = make_night(n_subs=3, dither_px=2.0, gradient_adu=0.0)
    bias = truth.night.camera.bias_adu
    shade = np.where(np.arange(SHAPE[1]) < 240, 0.8, 1.0).astype(np.float32)
    for path in truth.paths:
        pixels = bias + (fits.getdata(path).astype(float) - bias) * shade
        fits.writeto(path, pixels.astype(np.uint16), fits.getheader(path), overwrite=True)
    stack_files(truth.paths, tmp_path / "raw.fits")
    dark = write(tmp_path / "dark.fits", np.full(SHAPE, bias, np.float32), EXPTIME=10.0)
    yellow = np.tile(np.array([[9000.0, 12000.0], [4000.0, 9000.0]]), (320, 240)) * shade
    flat = write(tmp_path / "flat.fits", yellow.astype(np.float32), BAYERPAT="GRBG")
    stack_files(truth.paths, tmp_path / "flat_stack.fits", masters=Masters(dark, flat))
    before, after = sky(tmp_path / "raw.fits"), sky(tmp_path / "flat_stack.fits")
    assert (before[:, 1] - before[:, 0] > 30.0).all()
    np.testing.assert_allclose(after[:, 0], after[:, 1], rtol=0.01)
    # The median of a flat with two levels lies between them; colours keep their proportions.
    ratio = (after[:, 1] - bias) / (before[:, 1] - bias)
    np.testing.assert_allclose(ratio, ratio.mean(), rtol=0.02)


def test_a_dark_takes_out_glow_and_keeps_the_pedestal(
    make_night: MakeNight, tmp_path: Path
) -> None:
    truth = make_night(n_subs=3, dither_px=2.0, gradient_adu=0.0)
    glow = np.where(np.arange(SHAPE[1]) < 240, 300.0, 0.0)
    for path in truth.paths:
        pixels = fits.getdata(path) + glow
        fits.writeto(path, pixels.astype(np.uint16), fits.getheader(path), overwrite=True)
    bias = truth.night.camera.bias_adu
    dark = write(
        tmp_path / "dark.fits", np.broadcast_to(glow + bias, SHAPE).astype(np.float32), EXPTIME=10.0
    )
    stack_files(truth.paths, tmp_path / "stack.fits", masters=Masters(dark=dark))
    levels = sky(tmp_path / "stack.fits")
    np.testing.assert_allclose(levels[:, 0], levels[:, 1], rtol=0.01)
    assert levels.min() > bias


@pytest.mark.parametrize(
    ("kind", "shape", "cards", "words"),
    [
        ("dark", (640, 400), {}, "it is 400x640, the subs are 480x640"),
        ("flat", SHAPE, {"BAYERPAT": "RGGB"}, "its Bayer pattern is RGGB, that of the subs GRBG"),
        ("dark", SHAPE, {"EXPTIME": 20.0}, "it is of 20 s, the subs are of 10 s"),
    ],
)
def test_masters_that_do_not_fit_are_refused(
    make_night: MakeNight,
    tmp_path: Path,
    kind: str,
    shape: tuple[int, int],
    cards: dict[str, object],
    words: str,
) -> None:
    truth = make_night(n_subs=1)
    path = write(tmp_path / "master.fits", np.ones(shape, np.float32), **cards)
    with pytest.raises(BadCalibrationError, match=words):
        load_calibration(Masters(**{kind: path}), read_light_frame(truth.paths[0]).header)


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (np.zeros(SHAPE, np.float32), "median of one colour is 0"),
        (np.full(SHAPE, np.nan, np.float32), "have no value"),
    ],
)
def test_empty_masters_are_refused(
    make_night: MakeNight, tmp_path: Path, pixels: np.ndarray, words: str
) -> None:
    header = read_light_frame(make_night(n_subs=1).paths[0]).header
    with pytest.raises(BadCalibrationError, match=words):
        load_calibration(Masters(flat=write(tmp_path / "flat.fits", pixels)), header)
    (tmp_path / "page.fits").write_text("<html>")
    with pytest.raises(BadCalibrationError, match="cannot be read"):
        load_calibration(Masters(flat=tmp_path / "page.fits"), header)


def test_only_the_native_engine_takes_masters(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="seestarpy takes no master frames"):
        stack_files(
            [tmp_path / "a.fit"],
            tmp_path / "s.fits",
            engine="seestarpy",
            masters=Masters(dark=tmp_path / "dark.fits"),
        )
