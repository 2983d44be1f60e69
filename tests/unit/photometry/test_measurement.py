"""A stack with known truth, solved and measured: light, zero points, positions, times."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.photometry.measurement import measure_stack, write_measurement
from crowdsky.photometry.stack_file import UnreadableStackError
from crowdsky.solving.catalogue import GaiaColumns, StarCatalogue, encode_stars
from crowdsky.solving.chain import TimedSolver
from crowdsky.solving.tan import separation
from crowdsky.sources.apertures import Plane, median_ellipticity
from tests.support.star_fields import plate
from tests.support.synthetic_stack import COLOURS, SKY, Light, write_stack
from tests.unit.photometry.conftest import ZERO_POINT, Truth, tycho_light


def matched(truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    """Match clean measured stars with the truth: rows of both."""
    stars, light = truth.measured.stars, truth.light
    distance = np.hypot(stars["x"][:, None] - light.x, stars["y"][:, None] - light.y)
    nearest = distance.argmin(axis=1)
    alone = (distance < 12.0).sum(axis=1) == 1
    clean = alone & ~stars["blended"] & ~stars["saturated"] & ~stars["edge"]
    rows = np.flatnonzero(clean & (distance.min(axis=1) < 1.0))
    return rows, nearest[rows]


def test_the_field_is_solved(truth: Truth) -> None:
    solution = truth.measured.solution
    assert solution is not None, truth.measured.notes
    assert solution.verdict == "good"
    assert separation(*solution.center, *truth.wcs.sky(539.5, 959.5)) * 3600 < 0.15
    assert solution.rms_arcsec < 0.3


def test_light_is_linear_to_two_per_cent_over_five_magnitudes(truth: Truth) -> None:
    rows, true_rows = matched(truth)
    for colour, share in zip("rgb", COLOURS, strict=True):
        true = truth.light.flux[true_rows] * share
        measured = truth.measured.stars[f"flux_{colour}"][rows]
        mags = ZERO_POINT - 2.5 * np.log10(truth.light.flux[true_rows])
        ratios = []
        for low in np.arange(9.0, 14.0, 1.0):
            here = (mags >= low) & (mags < low + 1.0)
            assert here.sum() >= 3
            ratios.append(np.median(measured[here] / true[here]))
        assert max(ratios) / min(ratios) < 1.02
        assert np.mean(ratios) == pytest.approx(1.0, abs=0.01)


def test_zero_points_are_right_to_a_hundredth(truth: Truth) -> None:
    for plane, share in zip(truth.measured.calibration.planes, COLOURS, strict=True):
        assert plane.zero_point is not None
        expected = ZERO_POINT + 2.5 * math.log10(share)
        assert plane.zero_point.value == pytest.approx(expected, abs=0.01)
        assert plane.zero_point.scatter < 0.05
        assert plane.zero_point.n_stars >= 20


def test_errors_are_what_fluxes_scatter_by(truth: Truth) -> None:
    rows, true_rows = matched(truth)
    stars = truth.measured.stars[rows]
    faint = stars["snr"] < 60
    pull = (stars["flux_g"] - truth.light.flux[true_rows]) / stars["flux_err_g"]
    assert 0.7 < 1.4826 * np.median(np.abs(pull[faint])) < 1.4


def test_places_are_right_to_fifteen_hundredths_of_an_arcsecond(truth: Truth) -> None:
    rows, true_rows = matched(truth)
    stars = truth.measured.stars[rows]
    ra, dec = truth.wcs.sky(truth.light.x[true_rows], truth.light.y[true_rows])
    bright = stars["snr"] > 100
    assert bright.sum() > 20
    error = separation(ra, dec, stars["ra"], stars["dec"])[bright] * 3600
    assert np.sqrt(np.mean(error**2)) < 0.15


def test_seeing_sky_and_limit(truth: Truth) -> None:
    calibration = truth.measured.calibration
    for plane, sky in zip(calibration.planes, SKY, strict=True):
        assert plane.fwhm_px == pytest.approx(3.2, rel=0.05)
        assert plane.sky_adu == pytest.approx(sky, abs=2.0)
        assert plane.limiting_mag is not None
    scale = calibration.scale_arcsec
    assert scale is not None
    expected = ZERO_POINT - 2.5 * math.log10(SKY[1] / scale**2)
    assert calibration.sky_mag == pytest.approx(expected, abs=0.02)
    assert (calibration.camera_offset, calibration.bortle) == (None, None)
    cards = {key: (value, comment) for key, value, comment in calibration.header_cards()}
    assert cards["SQMPHOT"] == (calibration.sky_mag, "[mag/arcsec2] or darker: offset not known")
    assert "BORTEFST" not in cards
    assert calibration.sky_shape is not None
    assert calibration.sky_shape.coefficients[1] == pytest.approx(20.0, abs=1.5)
    assert abs(calibration.sky_shape.coefficients[2]) < 1.5


def test_with_the_camera_offset_the_sky_is_known(
    truth: Truth, tycho: StarCatalogue, solvers: list[TimedSolver], tmp_path: Path
) -> None:
    """The level is that of a sky of 18.95 mag, and the rest is the offset of the camera."""
    plain = truth.measured.calibration
    assert plain.sky_mag is not None and plain.sky_mag < 17.8, "the brightest class at first sight"
    offset = SKY[1] * (1 - 10 ** (-0.4 * (18.95 - plain.sky_mag)))
    path = tmp_path / "stack.fits"
    path.write_bytes(truth.path.read_bytes())
    fits.setval(path, "BIAS", value=offset)

    calibration = measure_stack(path, solvers, tycho).calibration

    assert calibration.camera_offset == pytest.approx(offset)
    assert calibration.sky_mag == pytest.approx(18.95, abs=0.05)
    assert calibration.bortle == 6
    cards = {key: (value, comment) for key, value, comment in calibration.header_cards()}
    assert cards["SQMPHOT"] == (calibration.sky_mag, "[mag/arcsec2] sky, bias as in BIAS")
    assert cards["BORTEFST"] == (6, "Bortle class of SQMPHOT")


def test_times_come_from_the_used_frames(truth: Truth) -> None:
    times = truth.measured.calibration.times
    assert times is not None
    assert times.start.isoformat() == "2025-03-27T01:20:00+00:00"
    assert times.end.isoformat() == "2025-03-27T01:24:10+00:00"
    assert times.middle.isoformat() == "2025-03-27T01:22:05+00:00"
    bjd = truth.measured.calibration.bjd_tdb
    assert bjd is not None
    jd_utc = 2400000.5 + times.mjd
    assert abs(bjd - jd_utc) * 86400 < 500 + 70  # light over the Earth's orbit, and TDB - UTC


def test_objects_and_name(truth: Truth) -> None:
    assert "NGC 7023" in [found.sky.name for found in truth.measured.objects]
    assert truth.measured.notes == ()


def test_the_ellipticity_of_a_plane_is_that_of_its_stars() -> None:
    y, x = np.mgrid[0:200, 0:200].astype(np.float64)
    stars = np.zeros(9, dtype=[("x", "f8"), ("y", "f8")])
    stars["x"], stars["y"] = (grid.ravel() for grid in np.mgrid[40:161:60, 40:161:60] + 0.37)
    light = np.random.default_rng(3).normal(0.0, 1.0, x.shape)
    turn = np.radians(25.0)
    for star in stars:
        along = (x - star["x"]) * np.cos(turn) + (y - star["y"]) * np.sin(turn)
        across = (y - star["y"]) * np.cos(turn) - (x - star["x"]) * np.sin(turn)
        light += 2000.0 * np.exp(-0.5 * ((along / 2.0) ** 2 + (across / 1.5) ** 2))
    plane = Plane(light.astype(np.float32), 0.0, 1.0, np.zeros(x.shape, np.float32))
    assert median_ellipticity(plane, stars, 4.1) == pytest.approx(0.25, abs=0.01)
    assert np.isnan(median_ellipticity(plane, stars[:0], 4.1))


def test_an_empty_sky_is_measured_and_says_why_it_is_not_solved(
    tmp_path: Path, tycho: StarCatalogue, solvers: list[TimedSolver]
) -> None:
    path = tmp_path / "empty.fits"
    nothing = Light(np.empty(0), np.empty(0), np.empty(0))
    rng = np.random.default_rng(1)
    write_stack(path, nothing, plate(10.0, 20.0, 0.0), rng, shape=(400, 300))
    measured = measure_stack(path, solvers, tycho)
    assert measured.solution is None
    assert "stars in the picture" in measured.notes[0]
    assert measured.calibration.planes[1].zero_point is None
    assert measured.calibration.planes[1].sky_adu == pytest.approx(SKY[1], abs=2.0)
    write_measurement(path, measured)
    header = fits.getheader(path)
    assert "PLTSOLVD" not in header
    assert "CRVAL1" not in fits.getheader(path, "GREEN")
    assert header["SKYLVLG"] == pytest.approx(SKY[1], abs=2.0)
    assert measured.star_file()["stars"] == [] or measured.star_file()["stars"][0]["ra"] is None


def test_saturated_and_double_stars_are_flagged(
    tmp_path: Path, tycho: StarCatalogue, solvers: list[TimedSolver]
) -> None:
    rng = np.random.default_rng(2)
    x = np.array([100.0, 200.0, 205.3, 260.0, 60.0])
    y = np.array([100.0, 300.0, 300.0, 60.0, 330.0])
    flux = np.array([2e6, 9e4, 8e4, 7e4, 6e4])
    write_stack(
        tmp_path / "few.fits", Light(x, y, flux), plate(10.0, 20.0, 0.0), rng, shape=(400, 300)
    )
    stars = measure_stack(tmp_path / "few.fits", solvers, tycho, total_limit=2.0).stars

    def flags(px: float, py: float) -> tuple[bool, bool]:
        row = np.hypot(stars["x"] - px, stars["y"] - py).argmin()
        return bool(stars["saturated"][row]), bool(stars["blended"][row])

    assert flags(100, 100)[0]
    assert flags(200, 300) == (False, True)
    assert flags(260, 60) == (False, False)


def test_the_stack_says_from_where_on_a_star_is_saturated(
    tmp_path: Path, tycho: StarCatalogue, solvers: list[TimedSolver]
) -> None:
    light = Light(np.array([100.0, 220.0]), np.array([100.0, 300.0]), np.array([9e4, 2e4]))

    def saturated(**cards: object) -> list[bool]:
        path, rng = tmp_path / "few.fits", np.random.default_rng(2)
        write_stack(path, light, plate(10.0, 20.0, 0.0), rng, shape=(400, 300), header=cards)
        stars = measure_stack(path, solvers, tycho, total_limit=2.0).stars
        return [bool(flag) for flag in stars["saturated"][:2]]

    assert saturated() == [False, False]
    assert saturated(SATURATE=4095.0) == [True, False]


@pytest.mark.parametrize(
    "said", [(83.1, -5.2), (0.0, 0.0), (None, None)], ids=["elsewhere", "zeros", "nothing"]
)
def test_ra_and_dec_of_a_solved_stack_are_its_centre(
    truth: Truth,
    tmp_path: Path,
    tycho: StarCatalogue,
    solvers: list[TimedSolver],
    said: tuple[float | None, float | None],
) -> None:
    path = shutil.copy(truth.path, tmp_path / "stack.fits")
    for key, value in zip(("RA", "DEC"), said, strict=True):
        if value is None:
            fits.delval(path, key)
        else:
            fits.setval(path, key, value=value)
    for _ in range(2):
        measured = measure_stack(path, solvers, tycho)
        write_measurement(path, measured)
        header = fits.getheader(path)
        assert measured.solution is not None
        assert (header["RA"], header["DEC"]) == pytest.approx(measured.solution.center)
        assert "ICRS" in header.comments["RA"]
        assert (header.get("RA-SUB"), header.get("DEC-SUB")) == said
        # The direction of the solution and the site of the subs are enough for it.
        assert header["BJD_TDB"] > 2_400_000.0
        assert fits.getheader(path, "GREEN")["RA"] == header["RA"]


def test_a_wrong_name_is_said(
    truth: Truth, tmp_path: Path, tycho: StarCatalogue, solvers: list[TimedSolver]
) -> None:
    path = tmp_path / "named.fits"
    shutil.copy(truth.path, path)
    fits.setval(path, "OBJECT", value="M 31")
    (note,) = measure_stack(path, solvers, tycho).notes
    assert "M 31" in note
    assert "degrees from the middle" in note


def test_the_users_gaia_stars_take_over(
    truth: Truth, tycho: StarCatalogue, solvers: list[TimedSolver]
) -> None:
    light = truth.light
    ra, dec = truth.wcs.sky(light.x, light.y)
    v_mag = ZERO_POINT + 0.5 - 2.5 * np.log10(light.flux)
    codes, order = encode_stars(ra, dec, v_mag)
    count = len(ra)
    ids = np.arange(count, dtype=np.int64)[order] + 4_000_000_000_000_000_000
    own_catalogue = StarCatalogue(
        "Gaia", "V", 2016.0, codes,
        GaiaColumns(
            ids, v_mag[order] - 0.2, np.zeros(count), np.zeros(count),
            np.full(count, 0.8), np.full(count, 0.03),
        ),
    )  # fmt: skip
    measured = measure_stack(truth.path, solvers, tycho, [own_catalogue])
    stars = measured.stars
    found = stars["gaia_id"] > 0
    assert found.sum() > 100
    assert stars["match_dist_arcsec"][found].max() < 5.0
    np.testing.assert_allclose(stars["gaia_gmag"][found] + 0.2, stars["gaia_vmag"][found])
    row = int(np.flatnonzero(found)[0])
    true_row = int(stars["gaia_id"][row] - 4_000_000_000_000_000_000)
    assert np.hypot(light.x[true_row] - stars["x"][row], light.y[true_row] - stars["y"][row]) < 1
    green = measured.calibration.planes[1].zero_point
    assert green is not None
    assert green.value == pytest.approx(ZERO_POINT + 0.5, abs=0.01)
    assert measured.calibration.reference == "V Gaia"


def test_wide_stars_get_a_wide_aperture(
    tmp_path: Path, tycho: StarCatalogue, solvers: list[TimedSolver]
) -> None:
    rng = np.random.default_rng(5)
    wcs = plate(315.4, 68.2, 40.0)
    light = tycho_light(wcs, tycho, rng, fainter=60)
    write_stack(tmp_path / "wide.fits", light, wcs, rng, fwhm=5.5)
    calibration = measure_stack(tmp_path / "wide.fits", solvers, tycho).calibration
    green = calibration.planes[1]
    assert green.fwhm_px == pytest.approx(5.5, rel=0.05)
    assert green.aperture_px == pytest.approx(5.5 / 2.3548 * math.sqrt(2 * math.log(10)), rel=0.06)
    assert green.zero_point is not None
    assert green.zero_point.value == pytest.approx(ZERO_POINT, abs=0.01)


def test_what_is_no_stack_is_refused(tmp_path: Path, tycho: StarCatalogue) -> None:
    fits.PrimaryHDU(np.zeros((100, 100))).writeto(tmp_path / "mono.fits")
    (tmp_path / "text.fits").write_text("no FITS")
    for name in ("mono.fits", "text.fits"):
        with pytest.raises(UnreadableStackError, match=name):
            measure_stack(tmp_path / name, [], tycho)
