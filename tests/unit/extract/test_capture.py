"""What a picture's header says of how it was taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import ExifTags, Image

from crowdsky.extract.capture import capture_of_fits
from crowdsky.extract.picture import read_picture
from crowdsky.solving.catalogue import StarCatalogue
from tests.unit.extract.asking import PLACE, answer_about


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
            {"DATE-OBS": "2025-03-27T01:20:00", "TELESCOP": "DWARF 3", "EXPTIME": 60.0},
            {
                "datetime": "2025-03-27T01:19:00",  # DATE-OBS is the end
                "datetime_zone": "local",
                "exposure": 60.0,
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
