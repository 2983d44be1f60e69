"""Each step of measuring fails in turn: the others keep their results, and the stack says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import BadDataError
from crowdsky.photometry import calibrate, colours, measurement, stack_file
from crowdsky.photometry.measurement import Measurement, measure_stack, write_measurement
from crowdsky.photometry.stack_file import NOTE
from crowdsky.solving import chain
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import TimedSolver
from crowdsky.solving.solver import SolveOutcome, SolveRequest
from crowdsky.sources import apertures
from tests.unit.photometry.conftest import Truth

pytestmark = pytest.mark.slow

PLATE = ("PLTSOLVD", "CRVAL1", "CD1_1", "PIXSCALE")
ZERO_POINTS = ("ZPR", "ZPG", "ZPB", "ZPCAT", "LIMMAGR", "LIMMAGG", "LIMMAGB")
SEEING = ("FWHMR", "FWHMG", "FWHMB", "APRADG")
SKY = ("SKYLVLR", "SKYLVLG", "SKYLVLB", "SKYRMSG")
TIMES = ("DATE-AVG", "MJD-AVG")
EVERYTHING = (
    *PLATE, *ZERO_POINTS, *SEEING, *SKY, *TIMES, "BJD_TDB", "BGPOLY0", "SQMPHOT", "NOBJ", "OBJ001",
)  # fmt: skip
COLOURS = ("flux_r", "flux_g", "flux_b")


@dataclass(frozen=True)
class Step:
    """A step that fails, what is missing then in header and star table, and what the note says.

    ``on_call`` is the call that fails, from 1; 0 stands for all of them.
    """

    module: object
    name: str
    note: str
    cards: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    on_call: int = 0

    def __str__(self) -> str:
        return f"{self.name}{self.on_call or ''}"


GREEN = ("ZPG", "LIMMAGG", "FWHMG", "APRADG", "SKYLVLG", "SKYRMSG", "ZPCAT", "SQMPHOT", "BGPOLY0")
NO_SCALE = (*PLATE, *ZERO_POINTS, "SQMPHOT", "BJD_TDB", "NOBJ", "OBJ001", *SEEING[:3])
NO_PLANE = (*ZERO_POINTS, *SEEING, *SKY, "BGPOLY0", "SQMPHOT")

STEPS = (
    Step(calibrate, "barycentric_time", "barycentric time: ", ("BJD_TDB",)),
    Step(calibrate, "leap_seconds_known_until", "check of its leap seconds"),
    Step(calibrate, "sky_brightness", "sky brightness", ("SQMPHOT",)),
    Step(calibrate, "fit_sky_shape", "shape of the sky", ("BGPOLY0",)),
    Step(calibrate, "fit_zero_point", "zero point in red", ("ZPR", "LIMMAGR"), on_call=1),
    Step(
        calibrate, "fit_zero_point", "zero point in green",
        ("ZPG", "LIMMAGG", "ZPCAT", "SQMPHOT"), on_call=2,
    ),
    Step(calibrate, "fit_zero_point", "zero point in blue", ("ZPB", "LIMMAGB"), on_call=3),
    Step(measurement, "objects_in_field", "objects", ("NOBJ", "OBJ001")),
    Step(measurement, "name_mismatch", "comparison with OBJECT"),
    Step(measurement, "observation_times", "times", (*TIMES, "BJD_TDB")),
    Step(stack_file, "utc_time", "times", (*TIMES, "BJD_TDB")),
    Step(measurement, "windowed_places", "windowed centres"),
    Step(measurement, "position_hint", "hint of the position"),
    Step(measurement, "scale_hint", "hint of the scale"),
    Step(measurement, "parity_hint", "hint of the handedness"),
    Step(measurement, "solve_plate", "plate", NO_SCALE),
    Step(measurement, "build_star_table", "columns of the star", columns=(*COLOURS, "snr", "fwhm")),
    Step(measurement, "subtract_sky", "sky of the picture", NO_PLANE, (*COLOURS, "snr", "fwhm")),
    Step(colours, "saturated_sources", "aperture for the stars", NO_PLANE,
         (*COLOURS, "snr", "fwhm")),
    Step(colours, "find_blends", "shapes and flags of the stars", (*ZERO_POINTS, "SQMPHOT"),
         ("snr", "fwhm")),
    Step(apertures, "measure_plane", "photometry in red",
         ("ZPR", "LIMMAGR", "FWHMR", "SKYLVLR"), ("flux_r",), on_call=1),
    Step(apertures, "measure_plane", "photometry in green", GREEN, ("flux_g",), on_call=2),
    Step(apertures, "measure_plane", "photometry in blue",
         ("ZPB", "LIMMAGB", "FWHMB", "SKYLVLB"), ("flux_b",), on_call=3),
    Step(apertures, "measure_plane", "shapes and flags", (*ZERO_POINTS, "SQMPHOT"),
         ("snr", "fwhm"), on_call=4),
)  # fmt: skip

TWINS = [step for step in STEPS if step.note.endswith((" in green", " in blue"))]
"""Steps that the first tier sees fail in red."""


def breaking(original: Callable[..., object], on_call: int) -> Callable[..., object]:
    """Wrap a function so that it fails with an unexpected error."""
    calls = 0

    def broken(*arguments: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if on_call in (0, calls):
            raise RuntimeError("broken\nfor this test")
        return original(*arguments, **options)

    return broken


@pytest.fixture(scope="module")
def whole(truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> fits.Header:
    """The header of a stack that was measured without errors."""
    path = tmp_path_factory.mktemp("whole") / "stack.fits"
    shutil.copy(truth.path, path)
    write_measurement(path, truth.measured)
    header = fits.getheader(path)
    assert [key for key in EVERYTHING if key not in header] == []
    assert not any(line.startswith(NOTE) for line in header.get("HISTORY", ()))
    return header


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(step, id=str(step), marks=pytest.mark.every if step in TWINS else ())
        for step in STEPS
    ],
)
def test_a_step_that_fails_costs_only_what_it_gives(
    step: Step,
    whole: fits.Header,
    truth: Truth,
    tycho: StarCatalogue,
    solvers: list[TimedSolver],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = getattr(step.module, step.name)
    monkeypatch.setattr(step.module, step.name, breaking(original, step.on_call))
    path = tmp_path / "stack.fits"
    shutil.copy(truth.path, path)

    measured = measure_stack(path, solvers, tycho)
    write_measurement(path, measured)

    (note,) = measured.notes
    assert step.note in note
    assert "RuntimeError" in note
    header = fits.getheader(path)
    assert set(EVERYTHING) - set(header) == set(step.cards)
    kept = set(EVERYTHING) - set(step.cards) - {"DATE-AVG", "ZPCAT", "OBJ001", "PLTSOLVD"}
    for key in kept:
        # Isophotal centres, or no hint, move the plate by a fraction of a pixel.
        assert header[key] == pytest.approx(whole[key], rel=2e-3, abs=0.05), key
    assert NOTE + note.split(":")[0] in " ".join(header["HISTORY"])
    check_stars(path, truth.measured, step.columns)


def check_stars(path: Path, whole: Measurement, missing: tuple[str, ...]) -> None:
    """The star table has all stars, and all columns but the missing ones are filled."""
    stars = fits.getdata(path, "STAR-TAB")
    assert len(stars) == len(whole.stars)
    np.testing.assert_array_equal(stars["x"], whole.stars["x"])
    for column in (*COLOURS, "snr", "fwhm"):
        there = column in stars.names and bool(np.isfinite(stars[column]).mean() > 0.9)
        assert there == (column not in missing), column
    if "snr" in missing and "snr" in stars.names:
        assert stars["saturated"].all() and stars["blended"].all(), "nobody knows, so none is clean"


def test_a_note_goes_with_the_measurement_that_left_it(
    truth: Truth,
    tycho: StarCatalogue,
    solvers: list[TimedSolver],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "stack.fits"
    shutil.copy(truth.path, path)
    fits.setval(path, "HISTORY", value="measured by hand")
    with monkeypatch.context() as patch:
        patch.setattr(calibrate, "sky_brightness", breaking(calibrate.sky_brightness, 0))
        for _ in range(2):
            write_measurement(path, measure_stack(path, solvers, tycho))
    lines = list(fits.getheader(path)["HISTORY"])
    assert lines[0] == "measured by hand"
    assert [line[: len(NOTE) + 2] for line in lines[1:]] == [NOTE + "no"]

    write_measurement(path, measure_stack(path, solvers, tycho))
    assert list(fits.getheader(path)["HISTORY"]) == ["measured by hand"]


def test_a_failing_solver_leaves_the_others_their_turn(
    truth: Truth, tycho: StarCatalogue, solvers: list[TimedSolver]
) -> None:
    class Broken:
        name, uses_position = "broken", False

        def solve(self, request: SolveRequest, time_limit: float) -> SolveOutcome:
            raise AssertionError

    measured = measure_stack(truth.path, [TimedSolver(Broken()), *solvers], tycho)
    assert measured.solution is not None
    assert measured.solution.solver == solvers[0].solver.name
    alone = measure_stack(truth.path, [TimedSolver(Broken())], tycho)
    assert "broken: it failed: AssertionError" in alone.notes[0]


def test_a_plate_that_cannot_be_checked_is_not_believed(
    truth: Truth,
    tycho: StarCatalogue,
    solvers: list[TimedSolver],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chain, "refine", breaking(chain.refine, 0))
    measured = measure_stack(truth.path, solvers, tycho)
    assert measured.solution is None
    assert "RuntimeError: broken for this test" in measured.notes[0]


@pytest.mark.parametrize("place", [(95.0, 16.4), (48.2, 5000.0)])
def test_a_site_that_is_none_is_said_without_telling_it(
    place: tuple[float, float],
    truth: Truth,
    tycho: StarCatalogue,
    solvers: list[TimedSolver],
    tmp_path: Path,
) -> None:
    path = tmp_path / "stack.fits"
    shutil.copy(truth.path, path)
    fits.setval(path, "SITELAT", value=place[0])
    fits.setval(path, "SITELONG", value=place[1])
    measured = measure_stack(path, solvers, tycho)
    assert measured.notes == (
        "no barycentric time: SITELAT and SITELONG of the stack are no place on Earth",
    )


def test_an_unexpected_error_around_the_site_is_named_only(
    truth: Truth,
    tycho: StarCatalogue,
    solvers: list[TimedSolver],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def leak(*_: object) -> float:
        raise ValueError("no such latitude: 48.20849")

    monkeypatch.setattr(calibrate, "barycentric_time", leak)
    measured = measure_stack(truth.path, solvers, tycho)
    assert measured.notes == ("no barycentric time: ValueError",)
    assert "48.2" not in caplog.text


def test_times_after_the_known_leap_seconds_are_noted(
    truth: Truth, tycho: StarCatalogue, solvers: list[TimedSolver], tmp_path: Path
) -> None:
    path = tmp_path / "stack.fits"
    with fits.open(truth.path) as hdus:
        frames = hdus["FRAMES"].data
        frames["DATE_OBS"] = [text.replace("2025", "2095") for text in frames["DATE_OBS"]]
        hdus.writeto(path)
    measured = measure_stack(path, solvers, tycho)
    (note,) = measured.notes
    assert "counts no leap second after 20" in note
    assert measured.calibration.bjd_tdb is not None
    assert measured.calibration.times is not None and measured.calibration.times.year > 2095


def test_a_time_that_is_none_is_quoted(
    truth: Truth, tycho: StarCatalogue, solvers: list[TimedSolver], tmp_path: Path
) -> None:
    path = tmp_path / "stack.fits"
    with fits.open(truth.path) as hdus:
        hdus["FRAMES"].data["DATE_OBS"][2] = "2025-03-27 at night"
        hdus.writeto(path)
    measured = measure_stack(path, solvers, tycho)
    assert measured.solution is not None
    (note,) = measured.notes
    assert "'2025-03-27 at night' is no date and time" in note


def test_without_planes_or_stars_there_is_nothing_to_measure(
    truth: Truth, tycho: StarCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise BadDataError("too much structure")

    monkeypatch.setattr(measurement, "find_stars", full)
    with pytest.raises(BadDataError, match="structure"):
        measure_stack(truth.path, [], tycho)
