"""The task that calibrates a field: which catalogue it takes, and what it says of epochs."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from crowdsky.measuring.recipe import Recipe
from crowdsky.photometry.ensemble.table_files import read_calibration, write_observations
from crowdsky.photometry.ensemble.tables import FieldObservations
from crowdsky.sandbox.report import Report
from crowdsky.tasks.calibrate_task import Calibrated, CalibrateTask, calibrate
from tests.support.ensemble_fields import FieldPlan, observed_field

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PLAN = FieldPlan(n_epochs=8, n_stars=40, colour_terms=False)


def run(field: FieldObservations, folder: Path, recipe: Recipe) -> Calibrated:
    """Do the task of a field, as the child does it."""
    path = folder / "observations.fits"
    write_observations(path, field, NOW)
    task = CalibrateTask(path, folder / "calibration.fits", recipe, NOW)
    return calibrate(CalibrateTask.from_json(task.to_json()), Report(io.BytesIO()))


def bare(folder: Path, **more: Path) -> Recipe:
    """Return a recipe without index files, with a key that no child needs."""
    return replace(Recipe(index_dir=folder, cache_dir=folder, nova_key="k3y-0f-nova"), **more)


def test_the_first_catalogue_that_has_the_stars_gives_the_scale(tmp_path: Path) -> None:
    drawn = observed_field(PLAN, 5)
    stars = drawn.observations.stars
    for name, first, count in (("few", 0, 4), ("all", 0, 40)):
        lines = [
            f"{stars.ra[row]:.7f},{stars.dec[row]:.7f},{drawn.mag[row, 1]:.4f}"
            for row in range(first, count)
        ]
        (tmp_path / f"{name}.csv").write_text("\n".join(["ra,dec,v_mag", *lines, ""]))
    scales = {}
    for name in ("few", "all"):
        recipe = bare(tmp_path, catalogue_file=tmp_path / f"{name}.csv")
        found = run(drawn.observations, tmp_path, recipe)
        assert (found.epochs, found.left_out, found.stars) == (8, 0, 40)
        scales[name] = found.catalogue
        assert read_calibration(tmp_path / "calibration.fits").catalogue == found.catalogue
    assert scales == {"few": "", "all": "V Gaia"}


def test_a_catalogue_that_cannot_be_read_is_a_remark(tmp_path: Path) -> None:
    field = observed_field(PLAN, 5).observations
    found = run(field, tmp_path, bare(tmp_path, catalogue_file=tmp_path / "absent.csv"))
    assert found.catalogue == ""
    assert any("stars of your own" in remark for remark in found.remarks)
    assert any("Tycho-2" in remark for remark in found.remarks)


def test_epochs_without_a_zero_point_are_named(tmp_path: Path) -> None:
    field = observed_field(PLAN, 5).observations
    rows = field.observations
    kept = (rows.epoch != 3) | (rows.star == 0)
    names = rows.__dataclass_fields__
    few = replace(rows, **{name: getattr(rows, name)[kept] for name in names})
    found = run(replace(field, observations=few), tmp_path, bare(tmp_path))
    assert (found.epochs, found.left_out) == (7, 1)
    model = read_calibration(tmp_path / "calibration.fits").model
    assert model["left_out"] == [int(field.epochs.epoch_id[3])]
    assert np.isfinite(read_calibration(tmp_path / "calibration.fits").zero_points.zero_point).all()


def test_variable_stars_are_in_the_file_with_a_row_for_each_that_was_asked_for(
    tmp_path: Path,
) -> None:
    plan = FieldPlan(n_epochs=40, n_stars=40, colour_terms=False)
    field = observed_field(plan, 5).observations
    rows, varying, asked = field.observations, 7, 9
    wave = 1.0 + 0.3 * np.sin(2.0 * np.pi * field.epochs.bjd[rows.epoch] / 0.731)
    light = np.where(rows.star == varying, wave, 1.0)[:, None]
    changed = replace(rows, flux=(rows.flux * light).astype(np.float32))
    search = np.arange(len(field.stars)) == asked
    stars = replace(field.stars, search=search)
    found = run(replace(field, observations=changed, stars=stars), tmp_path, bare(tmp_path))
    table = read_calibration(tmp_path / "calibration.fits").variables
    ids = field.stars.star_id[[varying, asked]].tolist()
    assert sorted(table.star_id.tolist()) == sorted(ids)
    kinds = dict(zip(table.star_id.tolist(), table.kind.tolist(), strict=True))
    assert kinds[ids[0]] in ("irregular", "periodic")
    assert kinds[ids[1]] == "constant"
    assert found.variables == 1


def test_no_secret_goes_to_the_child(tmp_path: Path) -> None:
    task = CalibrateTask(tmp_path, tmp_path, bare(tmp_path), NOW)
    assert "k3y-0f-nova" not in str(task.to_json())
