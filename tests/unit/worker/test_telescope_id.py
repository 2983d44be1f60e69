"""Two owners of telescopes without a unit do not share one telescope."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

from crowdsky.frames.public_header import clean_header
from crowdsky.frames.telescopes import names_unit, telescope_id, unit_of_owner
from crowdsky.sandbox.report import Report
from demo.services import REPOSITORY
from tests.support.children import NO_SOLVERS
from tests.support.jobs import JOB
from tests.support.worker_process import small_subs
from worker import job_processor
from worker.job.compute import ComputeTask, compute_job

ARCHIVE = "0123456789abcdef"
TELESCOPES = ["S50_8a95aa90", "S30 Pro_0a0a", "Seestar S50", "DWARF 3", "Newton_200", "C8 "]


def stacked(folder: Path, telescope: str, unit: str) -> Path:
    """Stack subs of that telescope as a job does, and return the stack."""
    subs = small_subs(folder)
    for path in subs:
        fits.setval(path, "TELESCOP", value=telescope)
    task = ComputeTask(
        tuple(subs), folder, "native", "test", NO_SOLVERS, ARCHIVE, unit, weights="surface"
    )
    result = compute_job(ComputeTask.from_json(task.to_json()), Report(io.BytesIO()))
    return result.stack.output_path


def test_owners_and_archives_have_units_of_their_own() -> None:
    units = {unit_of_owner(*owner) for owner in ((ARCHIVE, 7), (ARCHIVE, 8), ("fedc", 7))}
    assert len(units) == 3
    assert unit_of_owner(ARCHIVE, 7) == unit_of_owner(ARCHIVE, 7)
    made = telescope_id("Seestar S50", unit_of_owner(ARCHIVE, 7))
    assert made.startswith("Seestar S50_u"), "readers take the model and what follows the _"
    assert names_unit(made)
    assert telescope_id(made, "uffffffff") == made
    assert [names_unit(name) for name in TELESCOPES] == [True, True, False, False, False, False]


def test_a_job_names_the_telescope_of_older_firmware_by_its_owner(tmp_path: Path) -> None:
    unit = unit_of_owner(ARCHIVE, 7)
    path = stacked(tmp_path, "Seestar S50", unit)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with fits.open(path, checksum=True) as hdus:
            assert hdus[0].header["TELE-SUB"] == "Seestar S50"
            assert hdus[0].header["ARCHID"] == ARCHIVE
            assert hdus[0].header["WEIGHTS"] == "surface"
            for name in (0, "RED", "GREEN", "BLUE"):
                assert hdus[name].header["TELESCOP"] == f"Seestar S50_{unit}"
            assert "TELE-SUB" not in hdus["RED"].header


def test_strangers_see_the_id_and_not_the_owner() -> None:
    header = fits.Header(
        [("TELESCOP", telescope_id("Seestar S50", unit_of_owner(ARCHIVE, 7))),
         ("TELE-SUB", "Seestar S50"), ("TELESCOP", "Seestar S50_of Somebody")]
    )  # fmt: skip
    cards = header.tostring(padding=False, endcard=False).encode()
    public = fits.Header.fromstring(clean_header(cards))
    assert public.count("TELESCOP") == 1
    assert names_unit(public["TELESCOP"])
    assert public["TELE-SUB"] == "Seestar S50"


def test_a_telescope_that_names_its_unit_keeps_it(tmp_path: Path) -> None:
    header = fits.getheader(stacked(tmp_path, "S50_8a95aa90", unit_of_owner(ARCHIVE, 7)))
    assert header["TELESCOP"] == "S50_8a95aa90"
    assert "TELE-SUB" not in header


@pytest.mark.parametrize("step", ["stack", "rescan"])
def test_every_job_tells_the_child_whose_telescope_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str
) -> None:
    seen: list[ComputeTask] = []

    class StopHereError(Exception):
        pass

    def catch(task: ComputeTask, *_: object) -> None:
        seen.append(task)
        raise StopHereError

    class Bench:
        engine, weights, recipe = "native", "equal", NO_SOLVERS

    monkeypatch.setattr(job_processor, "_in_child", catch)
    job, nothing = replace(JOB, archive_id="f" * 16, oldest_archive_id=ARCHIVE, user_id=7), None
    bench: Any = Bench()
    with pytest.raises(StopHereError):
        if step == "stack":
            job_processor._compute(job, (), (), tmp_path, bench, nothing)  # type: ignore[arg-type]
        else:
            job_processor._rescan(job, tmp_path, bench, nothing)  # type: ignore[arg-type]
    assert seen[0].unit == unit_of_owner(ARCHIVE, 7)
    assert seen[0].weights == ("equal" if step == "stack" else "")


@pytest.mark.skipif(shutil.which("php") is None, reason="php is not installed")
def test_the_site_shows_the_same_id() -> None:
    script = (
        f"require '{REPOSITORY}/php_api/src/Fits/TelescopeId.php';"
        "foreach (json_decode(stream_get_contents(STDIN)) as $name)"
        f"$ids[] = CrowdSky\\Fits\\TelescopeId::of($name, '{ARCHIVE}', 7);"
        "echo json_encode($ids);"
    )
    given = json.dumps([*TELESCOPES, None]).encode()
    done = subprocess.run(["php", "-r", script], input=given, capture_output=True, check=True)
    unit = unit_of_owner(ARCHIVE, 7)
    assert json.loads(done.stdout) == [*(telescope_id(name, unit) for name in TELESCOPES), None]
