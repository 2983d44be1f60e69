"""A stack whose owner keeps the position of the telescope to himself."""

from __future__ import annotations

import json
import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import CorruptInputError
from worker.job.hide_position import CARD_BYTES, _blanked, _encoded, blank_position

REPO = Path(__file__).parents[3]

CARDS = [
    ("SITELAT", 48.1371, "deg"),
    ("SITELONG", 11.5754, "deg"),
    ("AIRMASS", 1.2, ""),
    ("OBSERVER", "Somebody", ""),
    ("OBS-LAT", 48.1371, ""),
    ("OBSGEO-X", 4177.0, ""),
    ("OBJCTALT", 51.0, ""),
    ("CENTAZ", 12.0, ""),
    ("LST", "12:00", ""),
    ("TIMEZONE", 2, ""),
    ("UTCOFFS", 2, ""),
    ("HIERARCH ESO TEL GEOLAT", 48.1371, ""),
    ("OBJECT", "M 94", "the target"),
    ("RA", 192.72, ""),
    ("DEC", 41.12, ""),
    ("LATENCY", 3, ""),
    ("HATS", 3, ""),
    ("STARS", 3, ""),
]
HISTORIES = ["numpy 2.0", "site 48.1 11.5", "latitude = 48.1371", "plate of 12 subs", "websites 3"]
OF_ANY_FILE = {"", "HISTORY", "SIMPLE", "BITPIX", "NAXIS", "EXTEND", "CHECKSUM", "DATASUM"}
KEPT = {"OBJECT", "RA", "DEC", "LATENCY", "HATS", "STARS", "BJD_TDB"}


def telling_header() -> fits.Header:
    """Cards that tell the position, and others that only look like them."""
    header = fits.PrimaryHDU().header
    for keyword, value, comment in CARDS:
        header[keyword] = (value, comment)
    header["BJD_TDB"] = (2460761.5627314815, "[d] the same at the barycentre")
    header["GPSTEXT"] = "48.1371 north, " * 12  # carried on by CONTINUE
    for line in HISTORIES:
        header.add_history(line)
    return header


def cards_of(header: fits.Header) -> list[bytes]:
    raw = header.tostring().encode()
    return [raw[at : at + CARD_BYTES] for at in range(0, len(raw), CARD_BYTES)]


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """A stack with such a header."""
    planes = [fits.ImageHDU(np.ones((3, 4), np.float32), name=name) for name in ("RED", "GREEN")]
    planes.append(fits.BinTableHDU(np.ones(5, dtype=[("x", "f8")]), name="STAR-TAB"))
    path = tmp_path / "stack.fits"
    hdus = fits.HDUList([fits.PrimaryHDU(header=telling_header()), *planes])
    hdus.writeto(path, checksum=True)
    return path


def test_nothing_reveals_the_position_afterwards_and_all_else_stays(stack: Path) -> None:
    before = stack.read_bytes()

    blank_position(stack)

    after = stack.read_bytes()
    assert len(after) == len(before)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a checksum that does not fit is only a warning
        with fits.open(stack, checksum=True) as hdus:
            hdus.verify("exception")
            header = hdus[0].header
            assert header["CHECKSUM"] and header["DATASUM"] == "0"
            assert (hdus["GREEN"].data == 1).all()
            start = hdus["RED"].fileinfo()["hdrLoc"]
    assert set(header) - OF_ANY_FILE == KEPT
    assert list(header["HISTORY"]) == ["numpy 2.0", "plate of 12 subs", "websites 3"]
    for secret in (b"48.1", b"11.5754", b"Somebody"):
        assert secret in before and secret not in after
    assert after[start:] == before[start:]


def test_the_planes_reveal_nothing_either(stack: Path) -> None:
    with fits.open(stack, mode="update") as hdus:
        hdus["GREEN"].header["AIRMASS"] = 1.2345
        hdus["GREEN"].header["EXPTIME"] = 60.0
        for hdu in hdus:
            hdu.add_checksum()

    blank_position(stack)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with fits.open(stack, checksum=True) as hdus:
            hdus.verify("exception")
            assert "AIRMASS" not in hdus["GREEN"].header
            assert hdus["GREEN"].header["EXPTIME"] == 60.0
            assert (hdus["GREEN"].data == 1).all()
            assert len(hdus["STAR-TAB"].data) == 5
    assert b"1.2345" not in stack.read_bytes()


def test_a_plane_of_unknown_size_is_refused(stack: Path) -> None:
    data = stack.read_bytes().replace(b"NAXIS1  =  ", b"NAXIS1  = -", 1)
    stack.write_bytes(data)

    with pytest.raises(CorruptInputError, match="does not describe its data"):
        blank_position(stack)


def test_the_barycentric_time_is_kept_without_what_the_site_adds(stack: Path) -> None:
    assert fits.getheader(stack)["BJD_TDB"] == 2460761.5627314815

    blank_position(stack)
    blank_position(stack)

    assert fits.getheader(stack)["BJD_TDB"] == 2460761.562731


def test_a_file_that_is_cut_in_its_header_is_refused(stack: Path) -> None:
    stack.write_bytes(stack.read_bytes()[:2000])

    with pytest.raises(CorruptInputError, match="headers is not whole"):
        blank_position(stack)


@pytest.mark.parametrize("seed", range(20))
def test_checksums_are_those_of_the_convention(seed: int) -> None:
    number = int(np.random.default_rng(seed).integers(0, 2**32))
    assert _encoded(number).decode() == fits.PrimaryHDU()._char_encode(np.uint32(number))


@pytest.mark.skipif(shutil.which("php") is None, reason="php is not installed")
def test_the_site_goes_by_the_same_rules() -> None:
    """Otherwise the site would take a stack of ours for one that tells its position."""
    cards = cards_of(telling_header())
    script = (
        f"require '{REPO}/php_api/src/Fits/PositionCards.php';"
        "$header = stream_get_contents(STDIN);"
        "echo json_encode(str_split(CrowdSky\\Fits\\PositionCards::blank($header), 80));"
    )
    done = subprocess.run(
        ["php", "-r", script], input=b"".join(cards), capture_output=True, check=True
    )
    assert [card.encode() for card in json.loads(done.stdout)] == _blanked(cards)
