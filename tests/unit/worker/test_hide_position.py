"""A stack whose owner keeps the position of the telescope to himself."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import CorruptInputError
from worker.job.hide_position import _encoded, blank_position

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
    ("LATITUDE", 48.1371, ""),
    ("BREITE", 48.1371, ""),
    ("MYGARDEN", "48.1371 N", ""),
    ("NIMAGES", 12, "number of combined subs"),
    ("OBJ001", "M 94, 1.4, Galaxy", "name, arcmin, type"),
]
HISTORIES = ["numpy 2.0", "plate of 12 subs"]
OF_ANY_FILE = {"", "HISTORY", "SIMPLE", "BITPIX", "NAXIS", "EXTEND", "CHECKSUM", "DATASUM"}
KEPT = {"OBJECT", "RA", "DEC", "NIMAGES", "OBJ001", "BJD_TDB"}


def telling_header() -> fits.Header:
    """Cards that tell the position, or that no table lists, and public ones."""
    header = fits.PrimaryHDU().header
    for keyword, value, comment in CARDS:
        header[keyword] = (value, comment)
    header["BJD_TDB"] = (2460761.5627314815, "[d] the same at the barycentre")
    header["GPSTEXT"] = "48.1371 north, " * 12  # carried on by CONTINUE
    for line in HISTORIES:
        header.add_history(line)
    return header


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
    assert list(header["HISTORY"]) == HISTORIES
    assert header.comments["NIMAGES"] == "number of combined subs"
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
