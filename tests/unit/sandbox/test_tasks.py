"""Stacking, measuring and solving as tasks: real work in a child, and a file that is a trap."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import BadDataError, ComputeError
from crowdsky.extract.options import SolveOptions
from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox.run_task import Failed
from crowdsky.sandbox.task import Task
from crowdsky.tasks.measure_task import MeasureTask, measure_stack
from crowdsky.tasks.solve_task import SolveTask, solve_picture
from crowdsky.tasks.stack_task import StackTask, stack_subs
from tests.support.children import NO_SOLVERS
from tests.support.star_fields import INDEX_DIR
from tests.unit.sandbox.conftest import Start

M81 = (148.89, 69.07)
BOMB_SIDE, BOMB_PLANES = 7000, 6
"""Pixels and pictures: 196 MB each, none too large to be solved, all together 1.2 GB."""


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    if not any(INDEX_DIR.glob("index-tycho2-*")):
        pytest.skip("no Tycho-2 index files")
    return replace(NO_SOLVERS, solvers=("triangles",), index_dir=INDEX_DIR, cache_dir=tmp_path)


@pytest.fixture
def bomb(tmp_path: Path) -> Path:
    """A FITS file that takes no room on the disk and too much in memory."""
    path = tmp_path / "bomb.fits"
    picture = fits.ImageHDU(np.zeros((16, 16), np.float32)).header
    picture["NAXIS1"] = picture["NAXIS2"] = BOMB_SIDE
    with path.open("wb") as file:
        file.write(fits.PrimaryHDU().header.tostring().encode("ascii"))
        for _ in range(BOMB_PLANES):
            file.write(picture.tostring().encode("ascii"))
            file.seek(-(-4 * BOMB_SIDE**2 // 2880) * 2880, os.SEEK_CUR)
        file.truncate()
    return path


def test_subs_are_stacked_measured_and_solved(
    start: Start, tmp_path: Path, subs: list[Path], recipe: Recipe
) -> None:
    stack = tmp_path / "deep.fits"
    stacked = start(Task(stack_subs, StackTask(tuple(subs), stack, "native")), tmp_path).get()
    assert stacked.n_frames_aligned == 3
    assert stacked.output_path == stack

    measured = start(Task(measure_stack, MeasureTask(stack, tmp_path, recipe)), tmp_path).get()
    assert measured.solution is not None
    assert measured.overlay is not None and measured.overlay.exists()
    assert measured.stars is not None and measured.stars.exists()
    assert [found["messier"] for found in measured.objects] == ["M 81"]

    asked = SolveTask(stack, recipe, SolveOptions(timeout=200.0))
    solved = start(Task(solve_picture, asked), tmp_path).get()
    assert solved.exit_code == 0
    plate = solved.answer["astrometry"]
    assert (plate["ra_center"], plate["dec_center"]) == pytest.approx(M81, abs=0.3)
    assert plate["ra_center"] == pytest.approx(measured.solution["ra_deg"], abs=0.001)


def test_no_picture_is_an_answer(start: Start, tmp_path: Path) -> None:
    asked = SolveTask(tmp_path / "nothing.fits", NO_SOLVERS, SolveOptions())
    solved = start(Task(solve_picture, asked), tmp_path).get()
    assert solved.exit_code == 1
    assert "no such image" in solved.answer["error"]


def test_what_is_no_stack_is_bad_data(start: Start, tmp_path: Path) -> None:
    page = tmp_path / "page.fits"
    page.write_text("<html>", "utf-8")
    ended = start(Task(measure_stack, MeasureTask(page, tmp_path, NO_SOLVERS)), tmp_path)
    with pytest.raises(BadDataError, match=r"page\.fits"):
        ended.get()


def test_a_fits_bomb_is_refused_for_its_memory(
    start: Start, tmp_path: Path, bomb: Path, recipe: Recipe
) -> None:
    asked = SolveTask(bomb, recipe, SolveOptions())
    ended = start(Task(solve_picture, asked), tmp_path, memory_mb=700)
    assert isinstance(ended, Failed)
    words = "solving ran out of memory: a job may take 700 MB; raise the memory limit"
    with pytest.raises(ComputeError, match=words):
        ended.get()
