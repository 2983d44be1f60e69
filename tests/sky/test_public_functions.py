"""What a script can do with ``import crowdsky`` alone: stack, solve and measure a night."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import crowdsky
from crowdsky.base.settings_reader import SettingsReader, settings_of
from crowdsky.solving.catalogue import CatalogueUnavailableError
from crowdsky.solving.tan import separation
from crowdsky.solving.tycho2 import open_tycho2
from crowdsky.synthetic.sky import SEESTAR_S50, Night, Truth, star_field, write_night
from tests.support.star_fields import INDEX_DIR

pytestmark = pytest.mark.slow

PLACE = (307.9, 39.9)  # in Cygnus: bright stars enough even for a small field


@dataclass(frozen=True)
class Stacked:
    """A night and its stack."""

    truth: Truth
    path: Path
    recipe: crowdsky.Recipe


@pytest.fixture(scope="module")
def stacked(tmp_path_factory: pytest.TempPathFactory) -> Stacked:
    try:
        open_tycho2(INDEX_DIR)
    except CatalogueUnavailableError as error:
        pytest.skip(f"{error}")
    folder = tmp_path_factory.mktemp("night")
    rng = np.random.default_rng(17)
    field = star_field("Cygnus", *PLACE, rng, index_dir=INDEX_DIR)
    night = Night(field, SEESTAR_S50.resized(900, 1200), n_subs=3)
    truth = write_night(folder / "subs", night, rng)
    result = crowdsky.stack_files(truth.paths, folder / "stack.fits")
    assert isinstance(result, crowdsky.StackResult)
    recipe = crowdsky.Recipe(index_dir=INDEX_DIR, cache_dir=folder / "cache")
    return Stacked(truth, result.output_path, recipe)


def off_arcsec(solution: crowdsky.Solution, index: int, truth: Truth) -> float:
    """Return how far the solved middle of a sub is from the truth."""
    sub = truth.subs[index]
    return float(separation(*solution.center, sub.ra_deg, sub.dec_deg)) * 3600.0


@pytest.fixture
def misleading_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that a worker would read, and that no function of the package may."""
    monkeypatch.setenv("SOLVERS", "nova")
    monkeypatch.setenv("INDEX_DIR", "/nowhere")
    monkeypatch.setenv("SOLVE_TIMEOUT", "no number")


@pytest.mark.usefixtures("misleading_settings")
def test_a_sub_is_solved_by_its_path(stacked: Stacked) -> None:
    solution = crowdsky.solve(str(stacked.truth.paths[1]), recipe=stacked.recipe)
    assert isinstance(solution, crowdsky.Solution)
    assert off_arcsec(solution, 1, stacked.truth) < 2.0
    assert solution.scale_arcsec == pytest.approx(2.374, rel=1e-3)
    assert (solution.width, solution.height) == (900, 1200)
    assert solution.verdict == "good"


@pytest.mark.parametrize("with_header", [True, False])
def test_an_array_gives_the_plate_of_its_file(stacked: Stacked, with_header: bool) -> None:
    pixels, header = fits.getdata(stacked.truth.paths[0], header=True)
    before = pixels.copy()
    cards = dict(header) if with_header else None
    solution = crowdsky.solve(pixels, header=cards, recipe=stacked.recipe)
    assert off_arcsec(solution, 0, stacked.truth) < 2.0
    np.testing.assert_array_equal(pixels, before)
    if with_header:
        assert solution.wcs == crowdsky.solve(stacked.truth.paths[0], recipe=stacked.recipe).wcs


def test_a_float_array_is_not_changed_either(stacked: Stacked) -> None:
    pixels = fits.getdata(stacked.truth.paths[0]).astype(np.float32)
    pixels[5, 5] = np.nan
    crowdsky.solve(pixels, recipe=stacked.recipe)
    assert np.isnan(pixels[5, 5])


@pytest.mark.parametrize("shape", [(8, 400), (400,), (2, 3, 400, 400)])
def test_an_array_of_another_shape_is_refused(stacked: Stacked, shape: tuple[int, ...]) -> None:
    with pytest.raises(crowdsky.errors.BadDataError, match=r"the array.*shape"):
        crowdsky.solve(np.zeros(shape), recipe=stacked.recipe)


def test_why_a_picture_is_not_solved(stacked: Stacked) -> None:
    noise = np.random.default_rng(1).normal(1000.0, 30.0, (400, 400))
    with pytest.raises(crowdsky.errors.NotSolvedError, match="4 are needed"):
        crowdsky.solve(noise, recipe=stacked.recipe)
    with pytest.raises(FileNotFoundError):
        crowdsky.solve("nothing.fits", recipe=stacked.recipe)
    with pytest.raises(crowdsky.errors.ConfigurationError, match="'guess' is not a solver"):
        crowdsky.solve(noise, recipe=replace(stacked.recipe, solvers=("guess",)))


def test_a_machine_without_index_files_says_so(stacked: Stacked, tmp_path: Path) -> None:
    bare = crowdsky.Recipe(index_dir=tmp_path, cache_dir=tmp_path)
    with pytest.raises(crowdsky.errors.NoSolverError, match="no Tycho-2 index files"):
        crowdsky.solve(stacked.path, recipe=bare)
    measurement = crowdsky.measure(stacked.path, recipe=bare)
    assert measurement.solution is None
    assert any("no Tycho-2 index files" in note for note in measurement.notes)


def test_a_server_that_cannot_be_asked_is_no_fault_of_the_picture(stacked: Stacked) -> None:
    lost = replace(stacked.recipe, solvers=("nova",), nova_url="http://127.0.0.1:9")
    with pytest.raises(crowdsky.errors.TransientError, match="could not be asked"):
        crowdsky.solve(stacked.path, recipe=lost)


@pytest.mark.usefixtures("misleading_settings")
def test_a_stack_is_measured_and_only_read(stacked: Stacked) -> None:
    before = stacked.path.read_bytes()
    stages: list[str] = []
    measurement = crowdsky.measure(
        str(stacked.path),
        recipe=stacked.recipe,
        progress=lambda stage, done, total: stages.append(stage),
    )
    assert isinstance(measurement, crowdsky.Measurement)
    assert measurement.solution is not None
    assert separation(*measurement.solution.center, *PLACE) < 0.02
    assert len(measurement.stars) > 50
    assert np.isfinite(measurement.stars["ra"]).all()
    assert measurement.calibration.planes[1].zero_point is not None
    assert measurement.notes == ()
    assert list(dict.fromkeys(stages)) == ["solve", "measure"]
    assert stages == sorted(stages, key=["solve", "measure"].index)
    assert stacked.path.read_bytes() == before


def test_a_measurement_is_written_on_request(stacked: Stacked, tmp_path: Path) -> None:
    path = tmp_path / "stack.fits"
    shutil.copy(stacked.path, path)
    measurement = crowdsky.measure(path, recipe=stacked.recipe, write=True)
    assert measurement.solution is not None
    with fits.open(path) as hdus:
        assert hdus[0].header["PLTSOLVD"] is True
        assert hdus[0].header["CRVAL1"] == pytest.approx(measurement.solution.wcs.ra0)
        assert len(hdus["STAR-TAB"].data) == len(measurement.stars)
        assert "gaia_id" in hdus["STAR-TAB"].data.names


def test_what_is_no_stack_is_not_measured(stacked: Stacked) -> None:
    with pytest.raises(crowdsky.errors.BadDataError, match="three colour planes"):
        crowdsky.measure(stacked.truth.paths[0], recipe=stacked.recipe)


def test_the_default_recipe_is_that_of_a_worker_without_settings() -> None:
    read = crowdsky.Recipe.read(SettingsReader(settings_of(crowdsky.Recipe).values(), {}, None))
    own = crowdsky.Recipe()
    folders = {"index_dir": own.index_dir.resolve(), "cache_dir": own.cache_dir.resolve()}
    assert replace(own, **folders) == read
