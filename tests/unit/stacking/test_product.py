"""The file of a stack: the layout that readers rely on, and facts of the subs really used."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.time import Time
from astropy.wcs import WCS

from crowdsky.frames.dates import iso_time
from crowdsky.frames.fits_header import FrameHeader
from crowdsky.sources.sep_extract import detect_stars
from crowdsky.stacking.engine import FrameRecord, StackedPicture, StackOptions
from crowdsky.stacking.product.chunk_summary import mean_pointing, summarise
from crowdsky.stacking.product.cube import write_cube
from crowdsky.stacking.product.finished import (
    check_belong_together,
    is_finished_stack,
    open_stack,
)
from crowdsky.stacking.product.product import Provenance, write_product
from crowdsky.stacking.product.read_result import NotAStackError
from crowdsky.stacking.records import FrameReport, StackResult

HEIGHT, WIDTH = 128, 96
START = datetime(2025, 3, 27, 1, 20, 32, 955368, tzinfo=UTC)
PROVENANCE = Provenance(datetime(2025, 3, 28, 12, 0, tzinfo=UTC), "17.a1", ("numpy 2.0",))


def header(index: int = 0, **changes: object) -> FrameHeader:
    """The facts of sub ``index``, eleven seconds after the one before."""
    values: dict[str, object] = {
        "width": WIDTH,
        "height": HEIGHT,
        "pattern": "GRBG",
        "exptime_s": 10.0,
        "date_obs": START + timedelta(seconds=11 * index),
        "ra_deg": 193.0,
        "dec_deg": 41.0,
        "gain": 80.0,
        "ccd_temp_c": 25.0 + index,
        "telescope": "S50_c0ffee01",
        "instrument": "Seestar S50",
        "filter_name": "IRCUT",
        "object_name": "M 94",
        "eq_mode": 0,
        "site_lat_deg": 45.0,
        "site_long_deg": 10.0,
        "x_pixel_um": 2.9,
        "y_pixel_um": 2.9,
        "focal_length_mm": 250.0,
    }
    return FrameHeader(**(values | changes))  # type: ignore[arg-type]


def record(index: int, used: bool = True, reason: str = "", **changes: object) -> FrameRecord:
    """Sub ``index`` as an engine reports it."""
    facts = header(index, **changes)
    report = FrameReport(
        filename=f"Light_M 94_{index}.fit",
        sha256=f"{index:064x}",
        date_obs=iso_time(facts.date_obs),
        exptime=facts.exptime_s,
        n_stars=20 + index,
        fwhm_px=3.5,
        sky_adu=900.0,
        transform=(1.0, 0.0, 2.5, 0.0, 1.0, -1.5) if used else None,
        weight=1.0 if used else 0.0,
        used=used,
        reason=reason,
    )
    return FrameRecord(report, facts)


def picture(*frames: FrameRecord, **changes: object) -> StackedPicture:
    """A sky with one star and an uncovered corner, different in each colour."""
    rng = np.random.default_rng(1)
    planes = rng.normal(900, 5, (3, HEIGHT, WIDTH)).astype(np.float32)
    planes += np.array([0, 100, 200], dtype=np.float32)[:, None, None]
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    planes += 3000 * np.exp(-((rows - 40.0) ** 2 + (columns - 60.0) ** 2) / 4).astype(np.float32)
    planes += 800 * np.exp(-((rows - 90.0) ** 2 + (columns - 30.0) ** 2) / 4).astype(np.float32)
    footprint = np.full((HEIGHT, WIDTH), len(frames))
    footprint[:10, :10] = 0
    planes[:, :10, :10] = 0
    values: dict[str, object] = {
        "planes": planes,
        "footprint": footprint,
        "frames": frames,
        "engine": "test 1.0",
        "options": StackOptions("mean", 3.0),
        "notes": ("one remark",),
    }
    return StackedPicture(**(values | changes))  # type: ignore[arg-type]


Write = Callable[[StackedPicture], StackResult]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a picture as ``stack.fits``."""

    def write_it(made: StackedPicture) -> StackResult:
        stars = detect_stars(made.planes, made.footprint)
        return write_product(tmp_path / "stack.fits", made, stars, PROVENANCE)

    return write_it


def test_layout(write: Write) -> None:
    made = picture(record(0), record(1), record(2))
    result = write(made)
    with fits.open(result.output_path, checksum=True) as hdus:
        names = ["PRIMARY", "RED", "GREEN", "BLUE", "FOOTPRINT", "STAR-TAB", "FRAMES"]
        assert [hdu.name for hdu in hdus] == names
        assert hdus[0].header["NAXIS"] == 0
        for index, name in enumerate(names[1:4]):
            np.testing.assert_array_equal(hdus[name].data, made.planes[index])
            assert hdus[name].data.dtype == np.dtype(">f4")
            assert hdus[name].header["CHANNEL"] == index
            assert hdus[name].header["BUNIT"] == "ADU"
        np.testing.assert_array_equal(hdus["FOOTPRINT"].data, made.footprint)
        assert hdus["FOOTPRINT"].data.dtype == np.uint8
        assert hdus["FOOTPRINT"].header["BUNIT"] == "N"
        assert all("CHECKSUM" in hdu.header and "DATASUM" in hdu.header for hdu in hdus)


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


def test_header_sums_up_the_subs_that_were_used(write: Write) -> None:
    lost = record(3, used=False, reason="clouds", exptime_s=10.0, ccd_temp_c=-300.0)
    result = write(picture(record(0), record(1), record(2, gain=90.0), lost))
    primary = fits.getheader(result.output_path)
    expected = {
        "NIMAGES": 3,
        "NINPUT": 4,
        "EXPTIME": 30.0,
        "EXPOSURE": 30.0,
        "DATE-OBS": "2025-03-27T01:20:32.955",
        "OB-START": "2025-03-27T01:20:32.955",
        "OB-END": "2025-03-27T01:21:04.955",
        "OBSTOTAL": 32.0,
        "CCD-TEMP": 26.0,
        "GAIN": 80,
        "EQMODE": 0,
        "SITELAT": 45.0,
        "SITELONG": 10.0,
        "XPIXSZ": 2.9,
        "FOCALLEN": 250.0,
        "TELESCOP": "S50_c0ffee01",
        "FILTER": "IRCUT",
        "OBJECT": "M 94",
        "STACKMET": "mean, 3 sigma clip",
        "STACKENG": "test 1.0",
        "PROCDATE": "2025-03-28T12:00:00.000",
        "JOBID": "17.a1",
    }
    assert {key: primary[key] for key in expected} == expected
    assert primary["RA"] == pytest.approx(193.0)
    assert (result.n_frames_input, result.n_frames_aligned, result.total_exptime) == (4, 3, 30.0)
    assert result.date_obs_end == "2025-03-27T01:21:04.955"


def test_dates_are_there_as_numbers_too(write: Write) -> None:
    """Readers of coordinates add them if they are missing, with a warning for each file."""
    primary = fits.getheader(write(picture(record(0), record(1))).output_path)
    for day, date in (("MJD-OBS", "DATE-OBS"), ("MJD-END", "DATE-END")):
        assert primary[day] == pytest.approx(Time(primary[date]).mjd, abs=1e-9)
    solved = fits.Header(primary)
    solved.update(
        {"NAXIS": 2, "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 193.0, "CRVAL2": 41.0}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        WCS(solved)


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


@pytest.mark.parametrize(
    ("telescopes", "notes"),
    [
        (("S50_1d3fe189", "S50_1d3fe189"), ()),
        (
            ("S50_1d3fe189", "S50_c0ffee01"),
            ("merged from 2 telescopes: S50_1d3fe189, S50_c0ffee01",),
        ),
        (
            ("Seestar S50", "Seestar S50"),
            ("merged from one telescope or several: Seestar S50 names no unit",),
        ),
    ],
)
def test_merging_says_whose_light_it_is(
    write: Write, tmp_path: Path, telescopes: tuple[str, str], notes: tuple[str, ...]
) -> None:
    stacks = []
    for index, telescope in enumerate(telescopes):
        made = picture(record(index, telescope=telescope))
        path = write(made).output_path.rename(tmp_path / f"{index}.fits")
        fits.setval(path, "JOBID", value=f"job {index}, chunk x")
        stacks.append(open_stack(path))
    assert check_belong_together(stacks) == notes


def test_keys_that_mean_other_formats_stay_out(write: Write) -> None:
    """With TOTALEXP, readers take EXPTIME for that of one sub; with BAYERPAT it is a raw frame."""
    primary = fits.getheader(write(picture(record(0))).output_path)
    assert not {"TOTALEXP", "STACKCNT", "BAYERPAT", "BZERO"} & set(primary)


def test_frames_table(write: Write) -> None:
    made = picture(record(0), record(1, used=False, reason="its stars are smeared"))
    with fits.open(write(made).output_path) as hdus:
        rows = hdus["FRAMES"].data
        assert list(rows["FILENAME"]) == ["Light_M 94_0.fit", "Light_M 94_1.fit"]
        assert list(rows["SHA256"]) == ["0" * 64, "0" * 63 + "1"]
        assert list(rows["USED"]) == [True, False]
        assert list(rows["REASON"]) == ["", "its stars are smeared"]
        assert list(rows["NSTARS"]) == [20, 21]
        np.testing.assert_allclose(rows["TRANSFORM"][0], [1, 0, 2.5, 0, 1, -1.5])
        assert np.isnan(rows["TRANSFORM"][1]).all()
        assert list(rows["WEIGHT"]) == [1.0, 0.0]


def test_star_table_is_brightest_first_with_the_columns_of_sep(write: Write) -> None:
    result = write(picture(record(0)))
    with fits.open(result.output_path) as hdus:
        stars = hdus["STAR-TAB"].data
        assert result.n_stars_detected == len(stars) == 2
        assert (np.diff(stars["flux"]) < 0).all()
        np.testing.assert_allclose(stars["x"], [60, 30], atol=0.1)
        np.testing.assert_allclose(stars["y"], [40, 90], atol=0.1)
        assert len(stars.columns) == 30
        assert stars.columns["x"].format == "D"
        assert stars.columns["npix"].format == "K"
        assert stars.columns["flag"].format == "I"
        assert [column.unit for column in stars.columns][:8] == ["adu", *["pixel"] * 7]
        header = hdus["STAR-TAB"].header
        assert all(header[f"TUCD{n}"] and header[f"TCOMM{n}"] for n in range(1, 31))


def test_a_picture_without_stars_is_a_product_too(write: Write) -> None:
    flat = np.random.default_rng(1).normal(900, 5, (3, HEIGHT, WIDTH)).astype(np.float32)
    result = write(picture(record(0), planes=flat, footprint=np.ones((HEIGHT, WIDTH), int)))
    with fits.open(result.output_path) as hdus:
        assert len(hdus["STAR-TAB"].data) == result.n_stars_detected == 0


def test_more_than_255_subs_need_wider_counts(write: Write) -> None:
    made = picture(record(0))
    footprint = made.footprint.copy()
    footprint[50, 50] = 300
    result = write(picture(record(0), footprint=footprint))
    assert fits.getdata(result.output_path, "FOOTPRINT")[50, 50] == 300


def test_unknown_facts_are_left_out(write: Write) -> None:
    names = ("date_obs", "ra_deg", "dec_deg", "gain", "ccd_temp_c", "telescope", "eq_mode")
    result = write(picture(record(0, **dict.fromkeys(names))))
    primary = fits.getheader(result.output_path)
    absent = {
        "DATE-OBS",
        "OB-END",
        "MJD-OBS",
        "RA",
        "DEC",
        "GAIN",
        "CCD-TEMP",
        "TELESCOP",
        "EQMODE",
    }
    # Without a pointing the site is withheld as well: readers would look for RA and fail.
    assert not absent & set(primary)
    # A solution may give the pointing that the subs lack, and then the site gives the times.
    assert (primary["SITELAT"], primary["SITELONG"]) == (45.0, 10.0)
    assert result.ra_deg is None


def test_pictures_that_break_their_own_rules_are_not_written(write: Write, tmp_path: Path) -> None:
    good = picture(record(0))
    with_nan = good.planes.copy()
    with_nan[0, 50, 50] = math.nan
    invented = good.planes.copy()
    invented[1, 0, 0] = 900
    for broken in (
        picture(record(0), planes=with_nan),
        picture(record(0), planes=invented),
        picture(record(0), planes=good.planes[:, :-1]),
        picture(record(0, used=False)),
    ):
        with pytest.raises(ValueError, match=r"product|fit"):
            write_product(tmp_path / "stack.fits", broken, np.zeros(0, [("x", "f8")]), PROVENANCE)
    assert list(tmp_path.iterdir()) == []


def test_the_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    made = picture(record(0))
    stars = detect_stars(made.planes, made.footprint)
    target = tmp_path / "stack.fits"
    target.mkdir()
    with pytest.raises(OSError):
        write_product(target, made, stars, PROVENANCE)
    assert [path.name for path in tmp_path.iterdir()] == ["stack.fits"]


def test_pointings_are_averaged_as_directions() -> None:
    ra_deg, dec_deg = mean_pointing([(359.9, 10.0), (0.1, 10.0)])
    assert 0.0 <= ra_deg < 360.0
    assert (ra_deg + 180.0) % 360.0 == pytest.approx(180.0)
    assert dec_deg == pytest.approx(10.0, abs=1e-4)
    assert mean_pointing([(0.0, 89.0), (180.0, 89.0)])[1] == pytest.approx(90.0)
    assert mean_pointing([]) == (None, None)


def test_the_end_is_that_of_the_longest_lasting_sub() -> None:
    summary = summarise([header(0, exptime_s=60.0), header(1, exptime_s=10.0)])
    assert summary.end == START + timedelta(seconds=60)
    assert summary.total_exptime_s == 70.0


def test_times_are_those_of_all_subs_or_of_none() -> None:
    timed = [header(0, exptime_s=10.0), header(1, exptime_s=10.0)]
    some = summarise([*timed, replace(timed[0], date_obs=None)])
    assert (some.start, some.end) == (None, None)
    assert some.total_exptime_s == 30.0
    assert summarise(timed).start is not None
