"""Files of our writer are read by astropy as astropy's own would be, with valid checksums."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.frames.fits_writer import (
    Card,
    Column,
    Hdu,
    card_image,
    image,
    primary,
    table,
    write_fits,
)

WRITTEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
CARDS: tuple[Card, ...] = (
    ("OBJECT", "M 94", "target"),
    ("OBJECT", "", "empty"),
    ("OBJECT", "it's", ""),
    ("OBJECT", "a", ""),
    ("OBJECT", "x" * 68, ""),
    ("OBJECT", "a text of more than a card " * 4, "continued"),
    ("OBJECT", "x" * 60, "a comment that fits no more"),
    ("SMOOTHED", False, "logical"),
    ("EXTEND", True, ""),
    ("NIMAGES", 6, "whole"),
    ("NIMAGES", -(10**18), ""),
    ("RA", 192.774879884, "[deg]"),
    ("RA", 41.11663891913017, "[deg]"),
    ("RA", -0.0001234567890123456789, "more digits than a card has room for"),
    ("RA", 1e-300, ""),
    ("RA", 60.0, ""),
    ("RA", 1e22, "[deg]"),
)


@pytest.mark.filterwarnings("ignore:Card is too long")
@pytest.mark.parametrize("card", CARDS)
def test_a_card_is_formatted_as_by_astropy(card: Card) -> None:
    assert card_image(card) == str(fits.Card(*card))


def written(folder: Path, *hdus: Hdu) -> fits.HDUList:
    """What astropy reads; checksums and structure are verified."""
    path = folder / "some.fits"
    write_fits(path, [primary([]), *hdus], WRITTEN)
    assert path.stat().st_size % 2880 == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with fits.open(path, checksum=True, memmap=False) as opened:
            opened.verify("exception")
            for hdu in opened:
                assert hdu.verify_checksum() == hdu.verify_datasum() == 1
                assert hdu.data is None or hdu.data.size >= 0
            return opened


@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "f4", "f8", ">f4"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (40, 73)])
def test_an_image_is_read_back(tmp_path: Path, dtype: str, shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(5).uniform(0, 60_000, shape).astype(np.uint16)
    pixels = (pixels - 30_000 if dtype == "i2" else pixels).astype(dtype)
    hdus = written(tmp_path, image(pixels, "RED", [("BUNIT", "adu", "unit")]))
    other = fits.ImageHDU(pixels, name="RED")
    assert np.array_equal(hdus["RED"].data, pixels)
    assert hdus["RED"].data.dtype.newbyteorder("=") == pixels.dtype.newbyteorder("=")
    assert hdus["RED"].header["BUNIT"] == "adu"
    for keyword in ("XTENSION", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "PCOUNT", "GCOUNT"):
        assert hdus["RED"].header[keyword] == other.header[keyword]


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_a_table_is_read_back(tmp_path: Path, rows: int) -> None:
    rng = np.random.default_rng(6)
    columns = {
        "NAME": np.array([f"sub {i}".encode() for i in range(rows)], "S9"),
        "N": rng.integers(-9, 9, rows).astype(np.int32),
        "ID": rng.integers(-(2**62), 2**62, rows),
        "FLAG": rng.integers(0, 9, rows).astype(np.int16),
        "FLUX": rng.normal(size=rows),
        "FWHM": rng.normal(size=rows).astype(np.float32),
        "TRANSFORM": rng.normal(size=(rows, 6)),
        "USED": rng.integers(0, 2, rows).astype(bool),
    }
    unit = (("TUNIT", "adu"), ("TUCD", "phot.flux"))
    hdus = written(
        tmp_path,
        table([Column(name, values, unit) for name, values in columns.items()], "STARS"),
    )
    read = hdus["STARS"]
    assert read.columns.names == list(columns)
    assert read.columns["FLUX"].unit == "adu"
    assert read.header["TUCD5"] == "phot.flux"
    for name, values in columns.items():
        expected = values.astype(str) if values.dtype.kind == "S" else values
        assert np.array_equal(read.data[name], expected)


def test_history_is_split_over_cards(tmp_path: Path) -> None:
    line = "a long line of history " * 8
    path = tmp_path / "some.fits"
    write_fits(path, [primary([("NIMAGES", 2, "")], [line, "short"])], WRITTEN)
    header = fits.getheader(path)
    assert "".join(header["HISTORY"]).replace(" ", "") == f"{line}short".replace(" ", "")
    assert header["NIMAGES"] == 2
    assert header.comments["CHECKSUM"] == "HDU checksum updated 2026-03-04T05:06:07"


def test_checksums_of_many_contents_are_valid(tmp_path: Path) -> None:
    """Encoding must avoid punctuation, for which some sums need several steps."""
    rng = np.random.default_rng(7)
    images = [image(rng.integers(0, 256, (2, 5), np.uint8), f"P{index}") for index in range(300)]
    sums = {hdu.header["CHECKSUM"] for hdu in written(tmp_path, *images)}
    assert len(sums) > 290
    assert all(text.isalnum() for text in sums)


def test_a_number_that_fits_cannot_have_is_refused() -> None:
    with pytest.raises(ValueError, match="not allowed in FITS"):
        card_image(("GAIN", float("nan"), ""))
