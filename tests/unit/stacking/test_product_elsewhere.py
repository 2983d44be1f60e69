"""The file of a stack in other people's programs, and the cube made for them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.stacking.product.cube import write_cube
from crowdsky.stacking.product.finished import (
    is_finished_stack,
)
from crowdsky.stacking.product.read_result import NotAStackError
from tests.unit.stacking.products import HEIGHT, WIDTH, Write, picture, record


def test_planes_repeat_what_other_programs_look_for_beside_the_pixels(write: Write) -> None:
    with fits.open(write(picture(record(0), record(1))).output_path) as hdus:
        primary = hdus[0].header
        for name in ("RED", "GREEN", "BLUE"):
            plane = hdus[name].header
            for keyword in ("OBJECT", "FILTER", "EXPTIME", "NIMAGES", "DATE-OBS", "MJD-OBS", "RA"):
                assert plane[keyword] == primary[keyword], keyword
                assert plane.comments[keyword] == primary.comments[keyword]
            assert "GAIN" not in plane, "SExtractor and SWarp would take it for e-/ADU"
            assert "TOTALEXP" not in plane


def test_fitsverify_has_nothing_to_say(write: Write) -> None:
    if shutil.which("fitsverify") is None:
        pytest.skip("fitsverify is not installed (Debian package fitsverify)")
    made = picture(record(0), record(1, used=False, reason="Wölkchen\nund Tau"))
    result = write(made)
    done = subprocess.run(
        ["fitsverify", str(result.output_path)], capture_output=True, text=True, check=False
    )
    assert "0 warning(s) and 0 error(s)" in done.stdout


@pytest.mark.skipif(shutil.which("siril-cli") is None, reason="siril is not installed")
def test_siril_reads_the_planes(write: Write, tmp_path: Path) -> None:
    """For Siril 1.0 a file with several pictures is a sequence, which it has to convert first."""
    made = picture(record(0), record(1))
    write(made)
    planes = [f"load plane_0000{number}\nstat\n" for number in (1, 2, 3)]
    script = tmp_path / "look.ssf"
    script.write_text("requires 1.0.6\nconvert plane -out=.\n" + "".join(planes))
    done = subprocess.run(
        ["siril-cli", "-s", script, "-d", tmp_path],
        capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "HOME": str(tmp_path)},  # its own settings, not those of this user
    )  # fmt: skip
    medians = [float(value) for value in re.findall(r"Median: ([\d.]+)", done.stdout)]
    assert medians == pytest.approx([900.0, 1000.0, 1100.0], abs=2.0), done.stdout


@pytest.mark.skipif(shutil.which("siril-cli") is None, reason="siril is not installed")
def test_siril_opens_the_cube_in_the_right_colours(write: Write, tmp_path: Path) -> None:
    made = picture(record(0), record(1))
    write_cube(write(made).output_path, tmp_path / "cube.fits")
    script = tmp_path / "look.ssf"
    script.write_text("requires 1.0.6\nload cube\nstat\nsavetif cube\n")
    done = subprocess.run(
        ["siril-cli", "-s", script, "-d", tmp_path],
        capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert f"3 layer(s), {WIDTH}x{HEIGHT} pixels" in done.stdout, done.stdout
    medians = dict(re.findall(r"(Red|Green|Blue) layer:.*Median: ([\d.]+)", done.stdout))
    found = {colour: float(value) for colour, value in medians.items()}
    assert found == pytest.approx({"Red": 900.0, "Green": 1000.0, "Blue": 1100.0}, abs=2.0)


def test_the_cube_has_all_cards_and_the_same_pixels(write: Write, tmp_path: Path) -> None:
    made = picture(record(0), record(1))
    path = write(made).output_path
    cube = write_cube(path, tmp_path / "cube.fits")
    with fits.open(path) as hdus, fits.open(cube) as opened:
        opened.verify("exception")
        assert len(opened) == 1
        np.testing.assert_array_equal(opened[0].data, made.planes)
        assert opened[0].data.dtype == np.dtype(">f4")
        primary, header = hdus[0].header, opened[0].header
        shape = {"SIMPLE", "BITPIX", "NAXIS", "EXTEND", "CHECKSUM", "DATASUM", "HISTORY"}
        for keyword in set(primary) - shape:
            assert header[keyword] == primary[keyword], keyword
        assert list(header["HISTORY"]) == list(primary["HISTORY"])
        assert header["BUNIT"] == hdus["RED"].header["BUNIT"]
        assert (header["NIMAGES"], header["EXPTIME"]) == (2, 20.0)
        assert "TOTALEXP" not in header, "readers take EXPTIME for that of one sub then"
    assert not is_finished_stack(cube)


@pytest.mark.filterwarnings("ignore:File may have been truncated")
def test_a_stack_without_planes_has_no_cube(write: Write, tmp_path: Path) -> None:
    path = write(picture(record(0))).output_path
    cut = tmp_path / "cut.fits"
    cut.write_bytes(path.read_bytes()[:100_000])
    fits.PrimaryHDU().writeto(tmp_path / "none.fits")
    for name in ("cut.fits", "none.fits"):
        with pytest.raises(NotAStackError, match="could not make a colour cube"):
            write_cube(tmp_path / name, tmp_path / "cube.fits")
    assert not list(tmp_path.glob("cube*"))
