"""The files of a measurement: columns, units, headers, and the list of stars."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.io.votable.ucd import check_ucd
from astropy.table import QTable
from astropy.units import Unit
from astropy.wcs import WCS, FITSFixedWarning

from crowdsky.photometry.measurement import write_measurement
from crowdsky.sources.star_columns import COLUMNS
from tests.unit.photometry.conftest import ZERO_POINT, Truth


def test_catalogue_columns_and_flags(truth: Truth) -> None:
    stars = truth.measured.stars
    assert stars.dtype.names[:30] == (
        "thresh", "npix", "tnpix", "xmin", "xmax", "ymin", "ymax", "x", "y", "x2", "y2", "xy",
        "errx2", "erry2", "errxy", "a", "b", "theta", "cxx", "cyy", "cxy", "cflux", "flux",
        "cpeak", "peak", "xcpeak", "ycpeak", "xpeak", "ypeak", "flag",
    )  # fmt: skip
    assert stars.dtype.names[30:36] == (
        "ra", "dec", "gaia_id", "gaia_gmag", "gaia_vmag", "match_dist_arcsec",
    )  # fmt: skip
    assert stars["gaia_id"].dtype == np.int64
    assert stars["flag"].dtype == np.int16
    partners = np.isfinite(stars["cat_mag"])
    assert partners.sum() == truth.measured.solution.n_matched
    assert stars["cat_dist_arcsec"][partners].max() < 2.0
    assert not stars["gaia_id"].any()
    assert np.isnan(stars["match_dist_arcsec"]).all()
    assert (np.diff(stars["flux"]) <= 0).all()
    assert np.median(stars["fwhm"][partners]) == pytest.approx(3.2, rel=0.06)
    assert np.median(stars["ellipticity"][partners]) < 0.1


def test_what_is_written_reads_back(truth: Truth, tmp_path: Path) -> None:
    path = tmp_path / "copy.fits"
    shutil.copy(truth.path, path)
    for _ in range(2):  # measuring again must not pile anything up
        write_measurement(path, truth.measured)
    with fits.open(path) as hdus:
        header = hdus[0].header
        assert [hdu.name for hdu in hdus] == [
            "PRIMARY", "RED", "GREEN", "BLUE", "FOOTPRINT", "FRAMES", "STAR-TAB",
        ]  # fmt: skip
        assert header["PLTSOLVD"] is True
        assert header["NAXIS"] == 0
        assert header.count("CRVAL1") == header.count("ZPG") == 1
        assert header["ZPG"] == pytest.approx(ZERO_POINT, abs=0.01)
        assert header["FWHMG"] == pytest.approx(3.2 * 2.374, rel=0.05)
        assert header["DATE-AVG"] == "2025-03-27T01:22:05.000"
        assert "NGC 7023" in header["OBJ001"] or header["NOBJ"] > 1
        assert header["ELLIPG"] < 0.1
        assert 1.0 < header["AIRMASS"] < 3.0
        table = hdus["STAR-TAB"].data
        with pytest.warns(FITSFixedWarning, match="more axes"):  # the primary has no picture
            wcs = WCS(header, naxis=2)
        x, y = wcs.all_world2pix(table["ra"], table["dec"], 0)
        np.testing.assert_allclose(x, table["xwin"], atol=1e-3)
        np.testing.assert_allclose(y, table["ywin"], atol=1e-3)
        assert np.median(np.hypot(x - table["x"], y - table["y"])) < 0.2
        assert not any(card.comment.startswith("&") for card in header.cards)
        for name in ("RED", "GREEN", "BLUE", "FOOTPRINT"):
            plane = hdus[name].header
            assert plane.count("CRVAL1") == 1
            np.testing.assert_allclose(WCS(plane).all_pix2world(x, y, 0)[0], table["ra"])
            assert "ZPG" not in plane
        for name in ("RED", "GREEN", "BLUE"):
            plane = hdus[name].header
            for keyword in ("OBJECT", "INSTRUME", "EXPTIME", "DATE-AVG", "MJD-AVG", "AIRMASS"):
                assert plane[keyword] == header[keyword], keyword
            assert plane["FWHM"] == header[f"FWHM{name[0]}"]
            assert plane["FWHM_PX"] == pytest.approx(3.2, rel=0.05)
            assert plane["ELLIPTIC"] == header[f"ELLIP{name[0]}"]
            assert plane.count("FWHM") == plane.count("EXPTIME") == 1
            assert "GAIN" not in plane
    assert list(tmp_path.iterdir()) == [path]


def test_every_column_has_unit_ucd_and_description(truth: Truth, tmp_path: Path) -> None:
    path = tmp_path / "copy.fits"
    shutil.copy(truth.path, path)
    write_measurement(path, truth.measured)
    header = fits.getheader(path, "STAR-TAB")
    names = [header[f"TTYPE{n}"] for n in range(1, header["TFIELDS"] + 1)]
    assert set(names) == set(COLUMNS), "a column is not described, or described in vain"
    for n, name in enumerate(names, start=1):
        assert Unit(header[f"TUNIT{n}"]).to_string("fits") is not None, name
        assert check_ucd(header[f"TUCD{n}"], check_controlled_vocabulary=True), name
        assert 0 < len(header[f"TCOMM{n}"]) <= 68, name
    assert "CONTINUE" not in header
    assert header["GAIACAT"] == "none"
    assert "empty" in header.comments["GAIACAT"]
    comment = dict(zip(names, (header[f"TCOMM{n}"] for n in range(1, 99)), strict=False))
    assert "xwin, ywin" in comment["ra"]
    assert "are not its" in comment["x"]
    table = QTable.read(path, hdu="STAR-TAB")
    assert table["ra"].unit == "deg"
    assert table["gaia_id"].dtype.kind == "i", "a unit would make Gaia's numbers inexact"
    assert table["saturated"].dtype == bool
    assert (fits.getdata(path, "STAR-TAB")["gaia_id"] == 0).all(), "0 is no match for all readers"


@pytest.mark.skipif(shutil.which("fitsverify") is None, reason="fitsverify is not installed")
def test_fitsverify_finds_nothing(truth: Truth, tmp_path: Path) -> None:
    path = tmp_path / "copy.fits"
    shutil.copy(truth.path, path)
    write_measurement(path, truth.measured)
    said = subprocess.run(["fitsverify", path], capture_output=True, text=True, check=False).stdout
    assert "Verification found 0 warning(s) and 0 error(s)" in said


def test_the_star_file_is_valid_json_without_nan(truth: Truth) -> None:
    text = json.dumps(truth.measured.star_file(), allow_nan=False)
    data = json.loads(text)
    assert (data["width"], data["height"]) == (1080, 1920)
    assert len(data["stars"]) == len(truth.measured.stars)
    assert set(data["stars"][0]) == {"x", "y", "flux", "a", "b", "flag", "peak", "ra", "dec"}
    assert isinstance(data["stars"][0]["flag"], int)
    assert data["positions"] == (
        "ra and dec are those of the windowed centres xwin, ywin, not of x, y"
    )
