"""Real Seestar subs of M 94, with each engine: all are aligned, and the galaxy is sharp."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from crowdsky.pictures.thumbnail import generate_thumbnail
from crowdsky.stacking.records import StackResult
from crowdsky.stacking.stack_files import stack_files

pytestmark = [pytest.mark.real_subs, pytest.mark.slow]


@pytest.fixture(
    scope="module", params=["native", pytest.param("seestarpy", marks=pytest.mark.every)]
)
def m94(
    request: pytest.FixtureRequest, real_subs: Path, tmp_path_factory: pytest.TempPathFactory
) -> StackResult:
    """The twelve subs of the first night, stacked once by each engine."""
    paths = sorted((real_subs / "m94_night1").glob("Light_*.fit"))
    folder = tmp_path_factory.mktemp(f"m94-{request.param}")
    return stack_files(paths, folder / "stack.fits", engine=request.param)


def luminance(path: Path) -> np.ndarray:
    """Mean of the planes of a stack, (height, width) float64."""
    with fits.open(path) as hdus:
        return np.mean([hdus[name].data for name in ("RED", "GREEN", "BLUE")], axis=0)


def test_all_subs_are_aligned_although_the_mount_re_centred(m94: StackResult) -> None:
    assert (m94.n_frames_input, m94.n_frames_aligned) == (12, 12)
    assert m94.total_exptime == 120.0
    assert m94.date_obs_start == "2025-03-27T01:20:32.955"
    assert m94.date_obs_end == "2025-03-27T01:26:55.943"
    for frame in m94.frames:
        assert frame.n_stars >= 15
        assert frame.transform is not None
        assert frame.transform[0] == pytest.approx(1.0, abs=0.001)


def test_the_stack_is_as_sharp_as_its_subs(m94: StackResult) -> None:
    """Misaligned subs would double the stars, which half-light radii in the stack show."""
    with fits.open(m94.output_path) as hdus:
        stars = hdus["STAR-TAB"].data
    assert m94.n_stars_detected == len(stars) > 80
    round_ones = stars[(stars["flag"] == 0) & (stars["npix"] > 12) & (stars["npix"] < 200)]
    width = 2.355 * np.sqrt(round_ones["a"] * round_ones["b"])
    subs = np.median([frame.fwhm_px for frame in m94.frames])
    assert np.median(width[:30]) < 1.15 * subs


def test_the_galaxy_stands_in_the_middle_of_the_field(m94: StackResult) -> None:
    picture = luminance(m94.output_path)
    coarse = picture[: 1920 // 40 * 40].reshape(48, 40, 27, 40).mean(axis=(1, 3))
    row, column = np.unravel_index(coarse.argmax(), coarse.shape)
    assert 12 < row < 36
    assert 8 < column < 20
    assert coarse.max() > np.median(coarse) + 100


def test_noise_is_that_of_twelve_subs(m94: StackResult, real_subs: Path) -> None:
    sub = fits.getdata(sorted((real_subs / "m94_night1").glob("*.fit"))[0]).astype(float)
    with fits.open(m94.output_path) as hdus:
        green = hdus["GREEN"].data[400:700, 100:400].astype(float)

    # Block means undo the smoothing that debayering and warping put on single pixels.
    def block_noise(values: np.ndarray) -> float:
        height, width = (side // 6 * 6 for side in values.shape)
        blocks = values[:height, :width].reshape(height // 6, 6, width // 6, 6).mean(axis=(1, 3))
        return float(1.4826 * np.median(np.abs(blocks - np.median(blocks))))

    one_green = np.stack([sub[400:700:2, 100:400:2], sub[401:700:2, 101:400:2]]).mean(axis=0)
    # A 3x3 block of cells holds the light of the same 6x6 pixels of the stack.
    cells = one_green.reshape(50, 3, 50, 3).mean(axis=(1, 3))
    of_one = float(1.4826 * np.median(np.abs(cells - np.median(cells))))
    assert of_one / block_noise(green) == pytest.approx(np.sqrt(12), rel=0.2)


def test_the_product_is_clean_fits(m94: StackResult) -> None:
    if shutil.which("fitsverify") is None:
        pytest.skip("fitsverify is not installed (Debian package fitsverify)")
    done = subprocess.run(
        ["fitsverify", str(m94.output_path)], capture_output=True, text=True, check=False
    )
    assert "0 warning(s) and 0 error(s)" in done.stdout


def test_the_thumbnail_shows_a_galaxy_in_a_dark_sky(m94: StackResult, tmp_path: Path) -> None:
    path = generate_thumbnail(m94.output_path, tmp_path / "m94.png")
    with Image.open(path) as image:
        pixels = np.asarray(image).astype(int)
    assert pixels.shape == (512, 288, 3)
    sky = np.median(pixels, axis=(0, 1))
    assert (sky < 50).all()
    assert np.ptp(sky) <= 8
    galaxy = pixels[250:264, 155:169].mean(axis=(0, 1))
    assert (galaxy > 4 * sky).all()
    brightest = pixels[245:270, 150:175].max(axis=(0, 1))
    assert (brightest > galaxy + 60).all(), "its core is shaded"
