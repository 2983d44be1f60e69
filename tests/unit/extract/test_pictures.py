"""Which pixels of a file are the picture, how they are turned, and what cannot be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image, TiffImagePlugin

from crowdsky.extract.picture import read_picture
from crowdsky.extract.unreadable import UnreadablePictureError
from crowdsky.solving.catalogue import StarCatalogue
from tests.unit.extract.asking import PLACE, SCALE, answer_about

TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a picture is stored so that its EXIF Orientation shows it upright again."""


def eight_bits(sky: np.ndarray) -> Image.Image:
    return Image.fromarray((sky * 255).astype(np.uint8)).convert("RGB")


def save_turned(path: Path, picture: Image.Image, orientation: int) -> None:
    turn = TURNS[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    stored = picture if turn is None else picture.transpose(turn)
    stored.save(path, exif=exif, **({"quality": 95} if path.suffix == ".jpg" else {}))


def test_pictures_that_look_alike_have_one_angle_parity_and_size(
    tmp_path: Path, sky: np.ndarray, tycho: StarCatalogue
) -> None:
    for orientation in TURNS:
        path = tmp_path / f"o{orientation}.jpg"
        save_turned(path, eight_bits(sky), orientation)
        answer = answer_about(path, tycho)
        assert answer.exit_code == 0, answer.json
        solved, capture = answer.json["astrometry"], answer.json["capture"]
        assert solved["orientation_deg"] == pytest.approx(210.0, abs=0.1), orientation
        assert solved["parity"] == -1, orientation
        assert solved["fov_deg"] == pytest.approx([0.7, 0.9], abs=0.002), orientation
        assert (solved["ra_center"], solved["dec_center"]) == pytest.approx(PLACE, abs=3e-4)
        assert (capture["image_width"], capture["image_height"]) == (700, 900), orientation
        if orientation == 1:
            assert solved["pixels"] == "as shown, first row on top"
            assert "exif_orientation" not in capture
        else:
            assert f"turned by EXIF Orientation {orientation}," in solved["pixels"]
            assert capture["exif_orientation"] == orientation


@pytest.mark.parametrize("kind", ["jpg", "png", "tif"])
@pytest.mark.parametrize("orientation", sorted(TURNS))
def test_every_format_is_turned_once(tmp_path: Path, kind: str, orientation: int) -> None:
    upright = np.zeros((40, 60), np.uint8)
    upright[:20, :30] = 200
    path = tmp_path / f"turned.{kind}"
    save_turned(path, Image.fromarray(upright).convert("RGB"), orientation)
    picture = read_picture(path)
    assert (picture.width, picture.height) == (60, 40)
    np.testing.assert_allclose(picture.plane, upright, atol=6)
    assert picture.orientation == orientation


def test_a_damaged_photo_is_still_described_as_shown(
    tmp_path: Path, sky: np.ndarray, tycho: StarCatalogue
) -> None:
    save_turned(tmp_path / "whole.jpg", eight_bits(sky), 6)
    cut = tmp_path / "cut.jpg"
    cut.write_bytes((tmp_path / "whole.jpg").read_bytes()[:20_000])
    answer = answer_about(cut, tycho)
    assert (answer.exit_code, answer.json["code"]) == (3, "unreadable_picture")
    assert answer.json["capture"] == {
        "image_width": 700,
        "image_height": 900,
        "exif_orientation": 6,
    }


def test_the_largest_page_of_a_tiff_is_the_picture(
    tmp_path: Path, sky: np.ndarray, tycho: StarCatalogue
) -> None:
    big = eight_bits(sky)
    small = big.resize((big.width // 4, big.height // 4))
    path = tmp_path / "scan.tif"
    small.save(path, save_all=True, append_images=[big, small])
    answer = answer_about(path, tycho)
    assert answer.exit_code == 0, answer.json
    assert answer.json["astrometry"]["pixscale_arcsec"] == pytest.approx(SCALE, rel=1e-3)
    assert answer.json["capture"] == {"image_width": 700, "image_height": 900}


def test_a_preview_of_a_picture_that_is_not_read_is_refused(
    tmp_path: Path, sky: np.ndarray, tycho: StarCatalogue
) -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[254] = 1  # NewSubfileType: a reduced version of another picture
    path = tmp_path / "renamed.tif"
    eight_bits(sky).save(path, tiffinfo=tags)
    answer = answer_about(path, tycho)
    assert answer.json["code"] == "unreadable_picture"
    assert "only a preview of it can be read" in answer.json["error"]


@pytest.mark.parametrize("name", ["a.dng", "a.CR2", "a.nef", "a.Arw", "a.rw2", "a.cr3"])
def test_camera_raws_are_refused_by_name(
    tmp_path: Path, name: str, sky: np.ndarray, tycho: StarCatalogue
) -> None:
    path = tmp_path / name
    eight_bits(sky).save(path, format="TIFF")
    answer = answer_about(path, tycho)
    assert answer.exit_code == 3
    kind = path.suffix[1:].upper()
    assert f"camera raw ({kind})" in answer.json["error"]
    assert "convert it to FITS" in answer.json["error"]


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"II*\0\x10\0\0\0CR\x02\0", "CR2"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1", "CR3"),
        (b"FUJIFILMCCD-RAW 0201", "RAF"),
        (b"IIU\0\x18\0\0\0", "RW2"),
    ],
)
def test_camera_raws_are_known_by_their_first_bytes(
    tmp_path: Path, start: bytes, kind: str
) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(start + bytes(500))
    with pytest.raises(UnreadablePictureError, match=rf"camera raw \({kind}\)"):
        read_picture(path)


def test_a_float_tiff_is_solved(tmp_path: Path, sky: np.ndarray, tycho: StarCatalogue) -> None:
    path = tmp_path / "float.tif"
    Image.fromarray(sky.astype(np.float32)).save(path)
    answer = answer_about(path, tycho)
    assert answer.exit_code == 0, answer.json
    assert answer.json["astrometry"]["pixscale_arcsec"] == pytest.approx(SCALE, rel=1e-3)


def test_the_largest_picture_of_a_fits_file_is_the_picture(tmp_path: Path) -> None:
    small, big = np.full((40, 60), 7.0, np.float32), np.full((80, 120), 9.0, np.float32)
    path = tmp_path / "preview.fits"
    fits.HDUList([fits.PrimaryHDU(small), fits.ImageHDU(big)]).writeto(path)
    picture = read_picture(path)
    assert (picture.width, picture.height) == (120, 80)
    assert picture.plane[0, 0] == 9.0
