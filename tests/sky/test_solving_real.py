"""Real subs and stacks of M 94: solved to an arcsecond, calibrated, readable by others."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.utils import iers
from astropy.wcs import WCS

from crowdsky.extract.solve_image import SolveOptions, solve_image
from crowdsky.photometry.measurement import Measurement, measure_stack, write_measurement
from crowdsky.photometry.times import Site
from crowdsky.pictures.overlay import draw_overlay
from crowdsky.pictures.thumbnail import draw_picture
from crowdsky.solving.astrometry_net import AstrometrySolver
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import TimedSolver
from crowdsky.solving.tan import separation
from crowdsky.solving.triangles import TriangleSolver
from crowdsky.stacking.stack_files import stack_files
from tests.support.independent_bjd import independent_bjd
from tests.support.star_fields import INDEX_DIR

pytestmark = [pytest.mark.real_subs, pytest.mark.slow]

M94 = (192.7211, 41.1204)


@dataclass(frozen=True)
class Measured:
    """A stack of one night after `write_measurement`, and what was measured."""

    path: Path
    measurement: Measurement


@pytest.fixture(scope="module", params=["astrometry", "triangles"])
def solvers(request: pytest.FixtureRequest, tycho: StarCatalogue) -> list[TimedSolver]:
    solver = AstrometrySolver(INDEX_DIR) if request.param == "astrometry" else TriangleSolver(tycho)
    return [TimedSolver(solver)]


@pytest.fixture(scope="module", params=["m94_night1", "m94_night2"])
def measured(
    request: pytest.FixtureRequest,
    real_subs: Path,
    tycho: StarCatalogue,
    tmp_path_factory: pytest.TempPathFactory,
) -> Measured:
    paths = sorted((real_subs / request.param).glob("Light_*.fit"))
    path = tmp_path_factory.mktemp(request.param) / "stack.fits"
    stack_files(paths, path)
    measurement = measure_stack(path, [TimedSolver(AstrometrySolver(INDEX_DIR))], tycho)
    write_measurement(path, measurement)
    return Measured(path, measurement)


def test_every_single_sub_is_solved(
    real_subs: Path, solvers: list[TimedSolver], tycho: StarCatalogue
) -> None:
    paths = sorted(real_subs.glob("*/Light_*.fit"))[::3]
    assert paths
    for path in paths:
        answer = solve_image(path, solvers, tycho, SolveOptions(timeout=20.0))
        assert answer.solution is not None, answer.json
        assert separation(*answer.solution.center, *M94) < 0.1
        assert answer.solution.rms_arcsec < 1.2
        assert answer.json["astrometry"]["objects"][0]["name"] == "M 94"


def test_the_stack_is_solved_to_within_an_arcsecond(measured: Measured) -> None:
    solution = measured.measurement.solution
    assert solution is not None, measured.measurement.notes
    assert solution.verdict == "good"
    assert solution.rms_arcsec < 1.0
    assert solution.n_matched >= 14
    assert solution.scale_arcsec == pytest.approx(2.3755, abs=0.003)
    assert solution.parity == 1
    assert measured.measurement.notes == ()


def test_zero_point_scatter_of_bright_stars(measured: Measured) -> None:
    stars = measured.measurement.stars
    bright = (stars["cat_mag"] < 11.5) & ~stars["saturated"] & ~stars["blended"] & ~stars["edge"]
    assert bright.sum() >= 7
    each = stars["cat_mag"][bright] + 2.5 * np.log10(stars["flux_g"][bright])
    assert np.std(each, ddof=1) <= 0.12
    green = measured.measurement.calibration.planes[1].zero_point
    assert green is not None
    assert 22.8 < green.value < 23.5
    assert 14.5 < (measured.measurement.calibration.planes[1].limiting_mag or 0) < 17.5


def test_times_and_place(measured: Measured) -> None:
    calibration = measured.measurement.calibration
    assert calibration.times is not None
    assert calibration.times.start < calibration.times.middle < calibration.times.end
    assert calibration.bjd_tdb is not None
    days = calibration.bjd_tdb - 2400000.5 - calibration.times.mjd
    assert abs(days * 86400) < 600
    names = [found.sky.name for found in measured.measurement.objects]
    assert names[0] == "M 94"


def test_last_nights_subs_are_measured_with_tables_of_any_age(
    real_subs: Path, tycho: StarCatalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In November 2026 astropy began to refuse such nights, and stacks lost all measurements."""
    monkeypatch.setitem(iers.IERS_Auto.open().meta, "predictive_mjd", 50_000.0)
    subs = []
    for second, path in enumerate(sorted((real_subs / "m94_night1").glob("Light_*.fit"))[:4]):
        subs.append(Path(shutil.copy(path, tmp_path / f"sub{second}.fit")))
        fits.setval(subs[-1], "DATE-OBS", value=f"2026-11-28T22:30:{11 * second:02d}.500")
    stack_files(subs, tmp_path / "stack.fits")
    solvers = [TimedSolver(AstrometrySolver(INDEX_DIR))]

    measurement = measure_stack(tmp_path / "stack.fits", solvers, tycho)
    write_measurement(tmp_path / "stack.fits", measurement)

    assert measurement.notes == ()
    header = fits.getheader(tmp_path / "stack.fits")
    assert header["PLTSOLVD"] is True
    assert header["DATE-AVG"] == "2026-11-28T22:30:22.000"
    site = Site(header["SITELAT"], header["SITELONG"])
    middle = datetime.fromisoformat(header["DATE-AVG"]).replace(tzinfo=UTC)
    expected = independent_bjd(middle, header["CRVAL1"], header["CRVAL2"], site)
    assert (header["BJD_TDB"] - expected) * 86400 == pytest.approx(0.0, abs=0.1)
    assert {"ZPR", "ZPG", "ZPB", "SQMPHOT"} <= set(header)
    assert len(fits.getdata(tmp_path / "stack.fits", "STAR-TAB").names) == 54


@pytest.mark.skipif(shutil.which("fitsverify") is None, reason="fitsverify is not installed")
def test_fitsverify_finds_no_error(measured: Measured) -> None:
    said = subprocess.run(
        ["fitsverify", measured.path], capture_output=True, text=True, check=False
    ).stdout
    assert re.search(r"and 0 error\(s\)", said), said


@pytest.mark.skipif(shutil.which("siril-cli") is None, reason="siril is not installed")
def test_siril_opens_the_planes_with_their_coordinates(measured: Measured, tmp_path: Path) -> None:
    """For Siril several pictures in a file are a sequence; it writes back what it understood."""
    shutil.copy(measured.path, tmp_path / "stack.fits")
    script = tmp_path / "open.ssf"
    script.write_text("requires 1.0.0\nconvert plane -out=.\nload plane_00002\nstat\nsave green\n")
    done = subprocess.run(
        ["siril-cli", "-s", script, "-d", tmp_path],
        capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "HOME": str(tmp_path)},  # its own settings, not those of this user
    )  # fmt: skip
    assert "Script execution finished successfully" in done.stdout, done.stdout + done.stderr
    with fits.open(tmp_path / "green.fit") as hdus, fits.open(measured.path) as product:
        width, height = 1080, 1920
        assert hdus[0].shape == (height, width)
        corners = [[0, 0], [width - 1, height - 1]]
        # Siril keeps DATE-OBS and drops MJD-OBS, of which astropy would warn.
        hdus[0].header.remove("DATE-OBS", ignore_missing=True)
        read = WCS(hdus[0].header).celestial.all_pix2world(corners, 0)
        for plane in ("RED", "GREEN", "BLUE", "FOOTPRINT"):
            ours = WCS(product[plane].header).all_pix2world(corners, 0)
            np.testing.assert_allclose(read, ours, atol=1e-6)
    assert measured.measurement.solution is not None
    sky = measured.measurement.solution.wcs.sky(*np.array(corners).T)
    np.testing.assert_allclose(read, np.transpose(sky), atol=1e-6)


def test_the_overlay_marks_real_stars(measured: Measured, tmp_path: Path) -> None:
    """Where the solution puts catalogue stars, the picture is brighter than around them."""
    measurement = measured.measurement
    assert measurement.solution is not None
    assert measurement.plate.refined is not None
    catalogue = measurement.plate.refined.catalogue
    out = draw_overlay(
        draw_picture(measured.path, 5000), tmp_path / "overlay.png", measurement.solution,
        measurement.stars, catalogue, measurement.objects,
    )  # fmt: skip
    assert out.stat().st_size > 100_000
    with fits.open(measured.path) as hdus:
        green = hdus["GREEN"].data.astype(float)
    x, y = measurement.solution.wcs.pixel(catalogue.ra, catalogue.dec)
    inside = (x > 8) & (x < 1071) & (y > 8) & (y < 1911)
    for column, row in zip(np.rint(x[inside]).astype(int), np.rint(y[inside]).astype(int),
                           strict=True):  # fmt: skip
        core = green[row - 1 : row + 2, column - 1 : column + 2].mean()
        ring = np.median(green[row - 7 : row + 8, column - 7 : column + 8])
        assert core > ring + 50
