"""Thumbnails: size, orientation and colours, from every layout of a stack."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from crowdsky.pictures import planes as planes_module
from crowdsky.pictures.planes import NoPictureError
from crowdsky.pictures.thumbnail import generate_thumbnail


def sky(height: int = 400, width: int = 200, seed: int = 1) -> np.ndarray:
    """A noisy sky with a red glow in the upper left and a blue one in the lower right."""
    rng = np.random.default_rng(seed)
    planes = rng.normal(0, 10, (3, height, width)) + np.array([800, 1000, 750])[:, None, None]
    planes[0, : height // 8, : width // 8] += 600
    planes[2, -height // 8 :, -width // 8 :] += 600
    return planes.astype(np.float32)


def product(path: Path, planes: np.ndarray, footprint: np.ndarray | None = None) -> Path:
    """A stack with named planes."""
    hdus = [fits.PrimaryHDU()]
    hdus += [
        fits.ImageHDU(plane, name=name)
        for plane, name in zip(planes, ("RED", "GREEN", "BLUE"), strict=True)
    ]
    if footprint is not None:
        hdus.append(fits.ImageHDU(footprint.astype(np.uint8), name="FOOTPRINT"))
    fits.HDUList(hdus).writeto(path)
    return path


def thumbnail(path: Path, **options: int) -> np.ndarray:
    """The thumbnail's pixels, (height, width, 3) uint8, after checking what sort of file it is."""
    made = generate_thumbnail(path, path.with_suffix(".png"), **options)
    with Image.open(made) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
        return np.asarray(image)


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [
        (1920, 1080, (512, 288, 3)),
        (1080, 1920, (288, 512, 3)),
        (300, 200, (300, 200, 3)),
        (2000, 70, (512, 18, 3)),
    ],
)
def test_size(tmp_path: Path, height: int, width: int, expected: tuple[int, ...]) -> None:
    assert thumbnail(product(tmp_path / "a.fits", sky(height, width))).shape == expected


def test_smaller_on_request(tmp_path: Path) -> None:
    assert thumbnail(product(tmp_path / "a.fits", sky()), max_size=100).shape == (100, 50, 3)


def test_row_0_is_on_top_and_red_is_red(tmp_path: Path) -> None:
    pixels = thumbnail(product(tmp_path / "a.fits", sky())).astype(int)
    top_left, bottom_right = pixels[:40, :20].mean((0, 1)), pixels[-40:, -20:].mean((0, 1))
    assert top_left[0] > 200 > 100 > top_left[2]
    assert bottom_right[2] > 200 > 100 > bottom_right[0]


def test_the_sky_is_dark_and_neutral(tmp_path: Path) -> None:
    pixels = thumbnail(product(tmp_path / "a.fits", sky()))
    middle = np.median(pixels[100:300, 50:150], axis=(0, 1))
    assert (middle < 45).all()
    assert (middle > 5).all()
    assert np.ptp(middle) <= 6


def test_a_core_far_above_the_stretch_is_no_flat_disc(tmp_path: Path) -> None:
    """Brightness falls outwards from the middle all over a core that is far beyond the stretch."""
    planes = sky()
    y, x = np.indices(planes.shape[1:])
    radius = np.hypot(y - 200, x - 100)
    planes += np.float32(20000) * np.exp(-radius / 4.0).astype(np.float32)

    pixels = thumbnail(product(tmp_path / "a.fits", planes)).astype(int)

    profile = pixels[200, 100:116:3, 1]
    assert pixels.max() >= 254
    assert (np.diff(profile) <= -4).all(), profile
    assert profile[4] > 150, "what is 50 sigma above the sky is bright all the same"


def test_the_grain_of_the_sky_has_little_colour(tmp_path: Path) -> None:
    planes = np.random.default_rng(4).normal(1000, 10, (3, 400, 200)).astype(np.float32)
    calm = thumbnail(product(tmp_path / "a.fits", planes)).astype(float)
    assert np.ptp(calm, axis=2).mean() < 0.25 * calm.mean()
    own = (planes - 960) / 80 * calm.mean() * 2
    assert np.ptp(own, axis=0).mean() > 0.4 * calm.mean(), "the noise as it is has a lot"


def test_stars_keep_their_colour_and_do_not_lend_it(tmp_path: Path) -> None:
    """A red and a blue star of 3 pixels on a noisy sky."""
    planes = sky()
    for (row, column), colour in (((200, 50), (3, 1.5, 1)), ((200, 150), (1, 1.5, 3))):
        star = (slice(None), slice(row - 1, row + 2), slice(column - 1, column + 2))
        planes[star] += 150 * np.array(colour)[:, None, None]

    pixels = thumbnail(product(tmp_path / "a.fits", planes)).astype(int)

    red, blue = pixels[200, 50], pixels[200, 150]
    assert red[0] > red[2] + 30 and blue[2] > blue[0] + 30
    for column in (50, 150):
        around = pixels[194:197, column - 3 : column + 4].mean(axis=(0, 1))
        assert abs(around[0] - around[2]) < 10, "no halo"


def test_areas_are_averaged_when_reduced(tmp_path: Path) -> None:
    """A checkerboard of single pixels becomes the grey in between, not one of its colours."""
    board = (np.indices((800, 400)).sum(axis=0) % 2 * 1000).astype(np.float32)
    board[:, :20] = 0
    board[:, -20:] = 1000
    pixels = thumbnail(product(tmp_path / "a.fits", np.stack([board] * 3)), max_size=400)
    assert np.ptp(pixels[100:300, 50:150]) == 0
    assert 10 < pixels[200, 100, 0] < pixels[200, 198, 0] - 5


def test_uncovered_pixels_are_black_and_do_not_count(tmp_path: Path) -> None:
    planes = sky()
    footprint = np.ones(planes.shape[1:])
    footprint[:, :60] = 0
    whole = thumbnail(product(tmp_path / "whole.fits", planes[:, :, 60:]))
    planes[:, :, :60] = 0
    masked = thumbnail(product(tmp_path / "masked.fits", planes, footprint))
    assert (masked[:, :60] == 0).all()
    inside = masked[:, 60:].astype(int) - whole
    assert np.abs(inside).mean() < 1
    assert np.abs(inside[:, 20:]).max() < 8


def test_nan_counts_as_uncovered(tmp_path: Path) -> None:
    planes = sky()
    planes[:, :50] = np.nan
    pixels = thumbnail(product(tmp_path / "a.fits", planes))
    assert (pixels[:50] == 0).all()
    assert pixels[100:].max() == 255


@pytest.mark.parametrize("axis", [0, 2])
def test_colour_cubes_look_like_the_product(tmp_path: Path, axis: int) -> None:
    expected = thumbnail(product(tmp_path / "a.fits", sky()))
    cube = np.moveaxis(sky(), 0, axis)
    fits.PrimaryHDU(cube).writeto(tmp_path / "cube.fits")
    np.testing.assert_array_equal(thumbnail(tmp_path / "cube.fits"), expected)


def test_16_bit_cubes(tmp_path: Path) -> None:
    fits.PrimaryHDU(sky().astype(np.uint16)).writeto(tmp_path / "cube.fits")
    assert thumbnail(tmp_path / "cube.fits").max() == 255


def test_mono_is_grey(tmp_path: Path) -> None:
    fits.PrimaryHDU(sky()[0]).writeto(tmp_path / "mono.fits")
    pixels = thumbnail(tmp_path / "mono.fits")
    assert (pixels[..., 0] == pixels[..., 1]).all()
    assert (pixels[..., 0] == pixels[..., 2]).all()
    assert pixels[:30, :15].mean() > 200


def test_a_flat_picture_does_no_harm(tmp_path: Path) -> None:
    assert thumbnail(product(tmp_path / "a.fits", np.full((3, 80, 80), 900.0, "f4"))).max() <= 40


def test_files_without_a_picture(tmp_path: Path) -> None:
    fits.PrimaryHDU().writeto(tmp_path / "empty.fits")
    with pytest.raises(NoPictureError, match=r"empty\.fits"):
        generate_thumbnail(tmp_path / "empty.fits", tmp_path / "empty.png")
    fits.PrimaryHDU(np.zeros((5, 40, 40), "f4")).writeto(tmp_path / "five.fits")
    with pytest.raises(NoPictureError):
        generate_thumbnail(tmp_path / "five.fits", tmp_path / "five.png")
    assert not list(tmp_path.glob("*.png*"))


def test_the_largest_picture_is_counted_in_pixels_not_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "double.fits"
    fits.PrimaryHDU(sky().astype(np.float64)).writeto(path)
    monkeypatch.setattr(planes_module, "MAX_PIXELS", 400 * 200)
    assert thumbnail(path).shape[2] == 3
    monkeypatch.setattr(planes_module, "MAX_PIXELS", 400 * 200 - 1)
    with pytest.raises(NoPictureError):
        thumbnail(path)
