"""The file of a stack: the layout that readers rely on, and facts of the subs really used."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.time import Time
from astropy.wcs import WCS

from crowdsky.sources.sep_extract import detect_stars
from crowdsky.stacking.product.chunk_summary import mean_pointing, summarise
from crowdsky.stacking.product.finished import open_stack
from crowdsky.stacking.product.merge_check import check_belong_together
from crowdsky.stacking.product.product import write_product
from crowdsky.stacking.product.read_result import read_result
from tests.unit.stacking.products import (
    HEIGHT,
    PROVENANCE,
    START,
    WIDTH,
    Write,
    header,
    picture,
    record,
)


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
            assert hdus[name].header["BUNIT"] == "adu"
            assert hdus[name].header["SMOOTHED"] is False
        np.testing.assert_array_equal(hdus["FOOTPRINT"].data, made.footprint)
        assert hdus["FOOTPRINT"].data.dtype == np.uint8
        assert "BUNIT" not in hdus["FOOTPRINT"].header
        assert all("CHECKSUM" in hdu.header and "DATASUM" in hdu.header for hdu in hdus)


def test_ra_and_dec_are_of_the_sky_and_the_pointing_of_the_subs_is_kept(write: Write) -> None:
    subs = [record(number, ra_deg=193.0, dec_deg=41.0, equinox=2025.2336) for number in range(3)]
    result = write(picture(*subs))
    primary = fits.getheader(result.output_path)

    assert (primary["RA"], primary["DEC"]) == pytest.approx((192.7039, 41.1370), abs=1e-3)
    assert "ICRS" in primary.comments["RA"]
    assert (primary["RA-SUB"], primary["DEC-SUB"]) == pytest.approx((193.0, 41.0))
    assert (result.ra_deg, result.dec_deg) == (primary["RA"], primary["DEC"])
    read = read_result(result.output_path)
    assert (read.ra_deg, read.dec_deg) == pytest.approx((result.ra_deg, result.dec_deg))
    (first, *_) = open_stack(result.output_path).records()
    assert first.header is not None
    assert (first.header.ra_deg, first.header.dec_deg) == pytest.approx((193.0, 41.0))
    assert first.header.sky == pytest.approx((primary["RA"], primary["DEC"]), abs=1e-4)


def test_a_pointing_of_unknown_equinox_is_only_kept(write: Write) -> None:
    result = write(picture(record(0, equinox=None), record(1, equinox=None)))
    primary = fits.getheader(result.output_path)

    assert "RA" not in primary and "DEC" not in primary
    assert primary["RA-SUB"] == pytest.approx(193.0)
    assert result.ra_deg is None


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
        np.testing.assert_allclose(rows["ELLIPTIC"], [0.07, 0.08], rtol=1e-6)
        np.testing.assert_allclose(rows["TRANSFORM"][0], [1, 0, 2.5, 0, 1, -1.5])
        assert np.isnan(rows["TRANSFORM"][1]).all()
        assert list(rows["WEIGHT"]) == [1.0, 0.0]


def test_a_stack_of_older_versions_says_nothing_of_ellipticity(write: Write) -> None:
    path = write(picture(record(0))).output_path
    assert read_result(path).frames[0].ellipticity == pytest.approx(0.07)
    with fits.open(path, mode="update") as hdus:
        hdus["FRAMES"].columns.del_col("ELLIPTIC")

    frame = read_result(path).frames[0]

    assert math.isnan(frame.ellipticity)
    assert (frame.fwhm_px, frame.sky_adu) == (3.5, 900.0)


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
