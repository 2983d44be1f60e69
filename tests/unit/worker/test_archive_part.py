"""The part ARCHIVE of a stack: what its site wants to find there if it loses its database."""

from __future__ import annotations

import json
import shutil
import subprocess
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import CorruptInputError
from worker.job.archive_part import MAX_HEADER_BYTES, write_archive_part

WRITTEN = datetime(2026, 11, 30, 7, 5, 4, 999999, tzinfo=UTC)
FACTS: dict[str, Any] = {"job_id": 7, "object_name": "Barnard's & Überblick", "ra_deg": 0.1 + 0.2}
REPORT: dict[str, Any] = {
    "total_exptime": 1e22 / 3.0,
    "notes": ["''&'&", "&" * 200, "a b  " * 60, "x" * 1000, "/ '"],
    "solution": {"cd": [1e-300, -2.2250738585072014e-308, 5e-324, 0.0]},
    "objects": [{"name": f"NGC {number}"} for number in range(200)],
    "photometry": None,
}


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """A small stack: pictures, a table, checksums."""
    path = tmp_path / "stack.fits"
    column = fits.Column("SHA256", "64A", array=np.array(["0" * 64]))
    hdus = [
        fits.PrimaryHDU(),
        fits.ImageHDU(np.arange(77, dtype=np.float32).reshape(7, 11), name="RED"),
        fits.BinTableHDU.from_columns([column], name="FRAMES"),
    ]
    fits.HDUList(hdus).writeto(path, checksum=True)
    return path


def read(path: Path) -> tuple[list[str], dict[str, Any], dict[str, Any]]:
    """Return the names of the parts, the facts and the report."""
    with warnings.catch_warnings(), fits.open(path, checksum=True) as hdus:
        warnings.simplefilter("error")
        hdus.verify("exception")
        header = hdus["ARCHIVE"].header
        facts, report = json.loads(header["JOBFACTS"]), json.loads(header["REPORT"])
        assert header["DATE"] == "2026-11-30T07:05:04"
        return [hdu.name for hdu in hdus], facts, report


def test_every_value_reads_back_the_same(stack: Path) -> None:
    before = stack.read_bytes()

    assert write_archive_part(stack, FACTS, REPORT, WRITTEN)

    names, facts, report = read(stack)
    assert names == ["PRIMARY", "RED", "FRAMES", "ARCHIVE"]
    assert (facts, report) == (FACTS, REPORT)
    assert stack.read_bytes()[: len(before)] == before, "no other byte changes"


def test_the_part_of_an_earlier_job_gives_way(stack: Path) -> None:
    write_archive_part(stack, FACTS, REPORT, WRITTEN)
    write_archive_part(stack, {"job_id": 8}, {"notes": []}, WRITTEN)
    names, facts, report = read(stack)
    assert (facts, report) == ({"job_id": 8}, {"notes": []})
    assert names.count("ARCHIVE") == 1

    # A measurement writes the file anew and may append a table.
    with fits.open(stack, memmap=False) as hdus:
        table = fits.BinTableHDU(np.zeros(3, dtype=[("x", "f8")]), name="STAR-TAB")
        fits.HDUList([*hdus, table]).writeto(stack, overwrite=True, checksum=True)
    write_archive_part(stack, FACTS, REPORT, WRITTEN)
    names, facts, report = read(stack)
    assert names == ["PRIMARY", "RED", "FRAMES", "STAR-TAB", "ARCHIVE"]
    assert (facts, report) == (FACTS, REPORT)


def test_an_older_site_says_nothing_about_the_job(stack: Path) -> None:
    write_archive_part(stack, None, REPORT, WRITTEN)
    with fits.open(stack) as hdus:
        assert "JOBFACTS" not in hdus["ARCHIVE"].header
        assert json.loads(hdus["ARCHIVE"].header["REPORT"]) == REPORT


@pytest.mark.skipif(shutil.which("fitsverify") is None, reason="fitsverify is not installed")
def test_it_keeps_the_standard(stack: Path) -> None:
    write_archive_part(stack, FACTS, REPORT, WRITTEN)
    done = subprocess.run(
        ["fitsverify", "-q", str(stack)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_what_is_no_fits_file_is_left_alone(stack: Path, tmp_path: Path) -> None:
    whole = stack.read_bytes()
    for body in (b"\x89PNG", b" " * 2880 * 3, whole[:-2880], whole[:4000]):
        path = tmp_path / "broken.fits"
        path.write_bytes(body)
        with pytest.raises(CorruptInputError, match="no whole FITS file"):
            write_archive_part(path, FACTS, REPORT, WRITTEN)
        assert path.read_bytes() == body


def test_no_more_is_written_than_sites_read(stack: Path) -> None:
    before = stack.read_bytes()
    write_archive_part(stack, FACTS, REPORT, WRITTEN)
    assert not write_archive_part(stack, FACTS, {"notes": ["x" * MAX_HEADER_BYTES]}, WRITTEN)
    assert stack.read_bytes() == before, "the outdated part is gone, too"
