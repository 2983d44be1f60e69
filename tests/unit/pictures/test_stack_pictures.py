"""All pictures of a stack: sizes and formats, and a preview from which the light comes back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from crowdsky.pictures import stack_pictures
from crowdsky.pictures.negative import read_negative
from crowdsky.pictures.preview import write_preview
from crowdsky.pictures.stack_pictures import FULL, PICTURE, PREVIEW, THUMBNAIL, draw_pictures

SHAPE = (900, 600)
NOISE = 8.0


def light() -> np.ndarray:
    """Planes of a sky with three stars, one of them far brighter than 65535 steps of the noise."""
    rng = np.random.default_rng(2)
    planes = rng.normal(0, NOISE, (3, *SHAPE)) + np.array([700.0, 900.0, 650.0])[:, None, None]
    y, x = np.indices(SHAPE)
    for row, column, peak in ((100, 100, 500.0), (450, 300, 3000.0), (800, 500, 200_000.0)):
        planes += peak * np.exp(-((y - row) ** 2 + (x - column) ** 2) / 8.0)
    return planes.astype(np.float32)


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """A stack whose first 50 columns are not covered, with zero points."""
    primary = fits.PrimaryHDU()
    primary.header.update({"ZPR": 22.0, "ZPG": 22.0, "ZPB": 22.0})
    planes = [
        fits.ImageHDU(plane, name=name)
        for plane, name in zip(light(), ("RED", "GREEN", "BLUE"), strict=True)
    ]
    footprint = np.ones(SHAPE, np.uint8)
    footprint[:, :50] = 0
    path = tmp_path / "stack.fits"
    fits.HDUList([primary, *planes, fits.ImageHDU(footprint, name="FOOTPRINT")]).writeto(path)
    return path


def test_each_picture_has_its_size_and_format(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack_pictures, "PAGE_SIZE", 700)
    folder = tmp_path / "pictures"
    folder.mkdir()
    drawn = draw_pictures(stack, folder)
    found = {}
    for kind, path in drawn.files.items():
        with Image.open(path) as picture:
            found[kind] = (picture.format, picture.mode, picture.size)
    assert found == {
        THUMBNAIL: ("PNG", "RGB", (341, 512)),
        PICTURE: ("JPEG", "RGB", (467, 700)),
        FULL: ("PNG", "RGB", (600, 900)),
        PREVIEW: ("PNG", "I;16", (600, 3 * 900)),
    }
    assert drawn.full.size == (600, 900)
    assert sorted(folder.iterdir()) == sorted(drawn.files.values()), "nothing unfinished is left"


def test_the_light_comes_back_from_the_preview(stack: Path, tmp_path: Path) -> None:
    with Image.open(write_preview(read_negative(stack), tmp_path / "p.png")) as picture:
        facts = json.loads(picture.text["crowdsky"])
        values = np.asarray(picture).reshape(facts["planes"], facts["height"], facts["width"])
    assert (values[:, :, :50] == 0).all()
    assert (values[:, :, 50:] > 0).all()
    back = np.array(facts["zero"])[:, None, None] + values * np.array(facts["step"])[:, None, None]
    above = light() - np.array([700.0, 900.0, 650.0])[:, None, None]
    # The sky is known to a fraction of its noise; rounding adds half a step.
    difference = (back - above)[:, :, 60:]
    assert np.abs(np.median(difference)) < 0.5
    assert np.abs(difference).max() < 0.6 * max(facts["step"]) + 2.0
    assert values.max() > 65_000, "the brightest star is not clipped"
    assert facts["noise"] == pytest.approx([NOISE] * 3, rel=0.05)


def test_a_preview_of_a_usual_field_stores_noise_in_fine_steps(tmp_path: Path) -> None:
    plane = np.random.default_rng(1).normal(1000.0, NOISE, SHAPE).astype(np.float32)
    fits.PrimaryHDU(plane).writeto(tmp_path / "mono.fits")
    path = write_preview(read_negative(tmp_path / "mono.fits"), tmp_path / "p.png")
    with Image.open(path) as picture:
        facts = json.loads(picture.text["crowdsky"])
        assert picture.size == (600, 900)
    assert facts["planes"] == 1
    assert facts["step"] == pytest.approx([NOISE / 8.0], rel=0.05)
    assert path.stat().st_size < 1.1 * plane.size, "about 8 bits a pixel, not 16"
