"""Which pixels of a file are the picture, how they are turned, and what cannot be read."""

from __future__ import annotations

import json
import random
import struct
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import ExifTags, Image, TiffImagePlugin

from crowdsky.extract import astro_extract
from crowdsky.extract.capture import capture_of_fits
from crowdsky.extract.picture import Picture, read_picture
from crowdsky.extract.solve_image import SolveAnswer, SolveOptions, solve_image
from crowdsky.extract.unreadable import UnreadablePictureError
from crowdsky.solving.astrometry_net import AstrometrySolver
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import TimedSolver
from tests.support.star_fields import INDEX_DIR, plate
from tests.support.synthetic_stack import Light, star_image

SHAPE = (900, 700)
PLACE = (192.75, 41.12)
SCALE = 3.6
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


@pytest.fixture(scope="module")
def sky(tycho: StarCatalogue) -> np.ndarray:
    """Light of the stars around M 94, (height, width), first row on top, from 0 to 1."""
    wcs = plate(*PLACE, 30.0, parity=-1, width=SHAPE[1], height=SHAPE[0], scale=SCALE)
    near = tycho.cone(*PLACE, 0.7)
    x, y = wcs.pixel(near.ra, near.dec)
    seen = (x > 5) & (x < SHAPE[1] - 5) & (y > 5) & (y < SHAPE[0] - 5)
    light = Light(x[seen], y[seen], 10 ** (0.4 * (23.2 - near.mag[seen])))
    noise = np.random.default_rng(6).normal(0, 2.0, SHAPE)
    return np.clip((20.0 + star_image(light, SHAPE, 3.2) / 60.0 + noise) / 255.0, 0.0, 1.0)


def eight_bits(sky: np.ndarray) -> Image.Image:
    return Image.fromarray((sky * 255).astype(np.uint8)).convert("RGB")


def answer_about(path: Path, tycho: StarCatalogue) -> SolveAnswer:
    return solve_image(path, [TimedSolver(AstrometrySolver(INDEX_DIR))], tycho)


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


def with_card(path: Path, key: str, card: str) -> None:
    """Put the text `card` in place of the card of that keyword."""
    data = bytearray(path.read_bytes())
    at = next(at for at in range(0, 28_800, 80) if data[at : at + 8].rstrip() == key.encode())
    data[at : at + 80] = card.ljust(80).encode("ascii")
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "card",
    [
        "GAIN    =                  nan / gain",
        "OBJECT  = M 81 / not quoted",
        "FOCALLEN= 250,00 / decimal comma",
        "SITELAT = +45:00:00 / not quoted",
    ],
)
def test_a_broken_card_is_unknown_and_the_picture_is_solved(
    tmp_path: Path, sky: np.ndarray, tycho: StarCatalogue, card: str
) -> None:
    path = tmp_path / "sub.fit"
    cards = {"GAIN": 80, "OBJECT": "M 94", "FOCALLEN": 166.2, "SITELAT": 45.0, "SITELONG": 10.0,
             "XPIXSZ": 2.9, "EXPTIME": 10.0}  # fmt: skip
    pixels = (sky[::-1] * 65_535).astype(np.uint16)
    fits.PrimaryHDU(pixels, fits.Header(cards)).writeto(path)
    with_card(path, card[:8].strip(), card)
    answer = answer_about(path, tycho)
    assert answer.exit_code == 0, answer.json
    assert answer.json["astrometry"]["orientation_deg"] == pytest.approx(210.0, abs=0.1)
    assert answer.json["capture"]["exposure"] == 10.0
    lost = {"GAIN": "gain", "OBJECT": "object", "FOCALLEN": "focal_length_mm", "SITELAT": "gps"}
    assert lost[card[:8].strip()] not in answer.json["capture"]


def test_the_largest_picture_of_a_fits_file_is_the_picture(tmp_path: Path) -> None:
    small, big = np.full((40, 60), 7.0, np.float32), np.full((80, 120), 9.0, np.float32)
    path = tmp_path / "preview.fits"
    fits.HDUList([fits.PrimaryHDU(small), fits.ImageHDU(big)]).writeto(path)
    picture = read_picture(path)
    assert (picture.width, picture.height) == (120, 80)
    assert picture.plane[0, 0] == 9.0


def whole_files(folder: Path) -> list[Path]:
    """Small files of every kind that can be read."""
    noise = np.random.default_rng(2).integers(0, 255, (40, 50, 3)).astype(np.uint8)
    photo = Image.fromarray(noise)
    exif = Image.Exif()
    exif[274], exif[271] = 6, "Acme"
    paths = [folder / name for name in ("a.jpg", "a.png", "a.tif", "a.fits", "a.fits.fz")]
    for path in paths[:3]:
        photo.save(path, exif=exif)
    fits.PrimaryHDU(noise[..., 0].astype(np.uint16)).writeto(paths[3])
    packed = fits.CompImageHDU(noise[..., 0].astype(np.int16), compression_type="RICE_1")
    fits.HDUList([fits.PrimaryHDU(), packed]).writeto(paths[4])
    return paths


def test_no_damage_of_a_file_is_a_traceback(tmp_path: Path, tycho: StarCatalogue) -> None:
    rng = random.Random(11)
    for whole in whole_files(tmp_path):
        data = whole.read_bytes()
        for turn in range(60):
            broken = bytearray(data)
            for _ in range(rng.choice((1, 8, 40))):
                # Damage of the header, which is at the start, leads to most kinds of errors.
                broken[rng.randrange(min(len(broken), 6000))] = rng.randrange(256)
            if turn % 3 == 0:
                del broken[rng.randrange(len(broken)) :]
            path = tmp_path / f"broken{whole.suffix}"
            path.write_bytes(bytes(broken))
            answer = solve_image(path, [], tycho, SolveOptions(timeout=1.0))
            assert answer.json["ok"] is False
            assert answer.exit_code in (2, 3), answer.json
            assert answer.json["error"]


def test_an_error_of_any_class_is_an_unreadable_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tycho: StarCatalogue
) -> None:
    fits.PrimaryHDU(np.ones((40, 40))).writeto(tmp_path / "a.fits")
    Image.new("L", (40, 40)).save(tmp_path / "a.png")

    def fail(*_: object, **__: object) -> Picture:
        raise struct.error("unpack requires a buffer of 4 bytes")

    monkeypatch.setattr(Image, "open", fail)
    monkeypatch.setattr(fits, "open", fail)
    for name in ("a.fits", "a.png"):
        answer = solve_image(tmp_path / name, [], tycho)
        assert (answer.exit_code, answer.json["code"]) == (3, "unreadable_picture")
        assert "unpack requires a buffer" in answer.json["error"]


def test_too_little_memory_is_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    fits.PrimaryHDU(np.ones((40, 40))).writeto(tmp_path / "a.fits")

    def fail(*_: object, **__: object) -> Picture:
        raise MemoryError

    monkeypatch.setattr(fits, "open", fail)
    environment = {"INDEX_DIR": str(INDEX_DIR), "CACHE_DIR": str(tmp_path)}
    assert astro_extract.main(["--image", str(tmp_path / "a.fits")], environment) == 2
    answer = json.loads(capfdbinary.readouterr().out)
    assert (answer["ok"], answer["code"]) == (False, "no_memory")
    assert "not enough memory" in answer["error"]


def test_a_compressed_sub_keeps_its_capture_facts_and_hints(
    tmp_path: Path, sky: np.ndarray, tycho: StarCatalogue
) -> None:
    cards = {"BAYERPAT": "GRBG", "EXPOSURE": 10.0, "FOCALLEN": 166.2, "XPIXSZ": 2.9,
             "RA": PLACE[0], "DEC": PLACE[1], "DATE-OBS": "2025-03-27T01:20:00"}  # fmt: skip
    pixels = (sky[::-1] * 30_000).astype(np.int16)
    packed = fits.CompImageHDU(pixels, fits.Header(cards), compression_type="RICE_1")
    fits.HDUList([fits.PrimaryHDU(), packed]).writeto(tmp_path / "a.fit.fz")
    picture = read_picture(tmp_path / "a.fit.fz")
    assert picture.bin_size == 2, "a mosaic is binned"
    assert (picture.header["RA"], picture.header["FOCALLEN"]) == (PLACE[0], 166.2)
    answer = answer_about(tmp_path / "a.fit.fz", tycho)
    assert answer.exit_code == 0, answer.json
    assert answer.json["capture"] == {
        "datetime": "2025-03-27T01:20:00",
        "datetime_zone": "UTC",
        "exposure": 10.0,
        "focal_length_mm": 166.2,
        "image_width": 700,
        "image_height": 900,
    }


@pytest.mark.parametrize(
    ("cards", "known"),
    [
        ({"EXPTIME": 0.0, "EXPOSURE": 20.0, "FOCALLEN": 0.0}, {"exposure": 20.0}),
        ({"FOCALLEN": 0, "SITELAT": 0.0, "SITELONG": 0.0}, {}),
        (
            {"SITELAT": "+45:30:00", "SITELONG": "10 15 00 W"},
            {"gps": {"lat": 45.5, "lon": -10.25}},
        ),
        (
            {"DATE-OBS": "2025-03-27T01:20:00", "TIMESYS": "TAI"},
            {"datetime": "2025-03-27T01:20:00", "datetime_zone": "TAI"},
        ),
        (
            {"DATE-OBS": "2025-03-27T01:20:00", "TELESCOP": "DWARF 3"},
            {
                "datetime": "2025-03-27T01:20:00",
                "datetime_zone": "local",
                "telescope": "DWARF 3",
            },
        ),
    ],
)
def test_what_a_header_does_not_know_is_left_out(
    cards: dict[str, object], known: dict[str, object]
) -> None:
    size = {"image_width": 60, "image_height": 40}
    assert capture_of_fits(cards, 60, 40) == {**known, **size}


@pytest.mark.parametrize(("offset", "zone"), [(None, "local"), ("+02:00", "+02:00")])
def test_the_time_of_a_photo_says_of_which_clock_it_is(
    tmp_path: Path, offset: str | None, zone: str
) -> None:
    exif = Image.Exif()
    shot = exif.get_ifd(ExifTags.IFD.Exif)
    shot[ExifTags.Base.DateTimeOriginal] = "2025:03:27 01:20:00"
    shot[ExifTags.Base.FocalLength], shot[ExifTags.Base.FNumber] = 0.0, 0.0
    if offset is not None:
        shot[ExifTags.Base.OffsetTimeOriginal] = offset
    Image.new("RGB", (20, 20)).save(tmp_path / "a.jpg", exif=exif)
    assert read_picture(tmp_path / "a.jpg").capture == {
        "datetime": "2025:03:27 01:20:00",
        "datetime_zone": zone,
        "image_width": 20,
        "image_height": 20,
    }
