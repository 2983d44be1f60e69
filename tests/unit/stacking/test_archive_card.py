"""The card that names a stack's archive, added to a finished file."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.stacking.product.archive_card import write_archive_id

ARCHIVE, OTHER = "0123456789abcdef", "fedcba9876543210"


def without_times(header: fits.Header) -> str:
    """The cards without the time of the sums, which is in their comments."""
    header = header.copy()
    header.remove("CHECKSUM")
    header.comments["DATASUM"] = ""
    return repr(header)


@pytest.mark.parametrize("cards", [3, *range(28, 34)])  # with and without room in the last block
def test_the_card_is_added_and_nothing_else_changes(tmp_path: Path, cards: int) -> None:
    path, plane = tmp_path / "stack.fits", np.random.default_rng(1).random((7, 9), np.float32)
    header = fits.Header([(f"KEY{number}", number) for number in range(cards)])
    hdus = [fits.PrimaryHDU(header=header), fits.ImageHDU(plane, name="RED")]
    fits.HDUList(hdus).writeto(path, checksum=True)
    before = without_times(fits.getheader(path, "RED"))

    for archive in (ARCHIVE, OTHER):
        write_archive_id(path, archive)

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with fits.open(path, checksum=True) as written:
                assert written[0].header["ARCHID"] == archive
                assert written[0].header[f"KEY{cards - 1}"] == cards - 1
                assert without_times(written["RED"].header) == before
                assert np.array_equal(written["RED"].data, plane)
    assert path.stat().st_size % 2880 == 0
    assert [left.name for left in tmp_path.iterdir()] == ["stack.fits"]


def test_what_is_no_fits_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stack.fits").write_bytes(b"no stack")
    with pytest.raises(OSError):  # astropy's message varies
        write_archive_id(tmp_path / "stack.fits", ARCHIVE)
