"""Stacks with real stars: solved, measured, and solved again."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from PIL import Image

from crowdsky.solving.catalogue import StarCatalogue
from tests.support.fault_proxy import Fault, plain_answer
from tests.support.nova_stand_in import Manners, NovaStandIn
from tests.support.observatory import Observatory
from tests.support.star_fields import INDEX_DIR
from tests.support.worker_process import run_worker

pytestmark = pytest.mark.slow

SOLVING = {"INDEX_DIR": str(INDEX_DIR)}
SAME_STAR_PX = 1.0

HOLD = 200.0
"""Seconds that a proxy holds a call of a worker that is dead long before."""


def stored_stack(observatory: Observatory) -> dict[str, Any]:
    row: dict[str, Any] = observatory.rows.one("SELECT * FROM stacked_frames")
    return row


def share_path(observatory: Observatory, remote: str) -> Path:
    return observatory.share.root / remote[1:]


def catalogue_offsets(product: fits.HDUList, catalogue: StarCatalogue) -> np.ndarray:
    """Pixels between catalogue stars, placed by the header, and the nearest star of the table."""
    header, stars = product[0].header.copy(), product["STAR-TAB"].data
    height, width = product["RED"].shape
    near = catalogue.cone(header["CRVAL1"], header["CRVAL2"], 0.8)
    # The primary has the plate and no picture, about which astropy would complain.
    header["NAXIS"], header["NAXIS1"], header["NAXIS2"] = 2, width, height
    x, y = WCS(header, fix=False).all_world2pix(near.ra, near.dec, 0)
    inside = (x > 20) & (x < width - 20) & (y > 20) & (y < height - 20)
    apart = np.hypot(stars["x"] - x[inside, None], stars["y"] - y[inside, None])
    return np.asarray(apart.min(axis=1))


def add_solved_stack(observatory: Observatory, subs: list[Path]) -> dict[str, Any]:
    observatory.add_job(subs, object_name="M 81")
    worker = observatory.start("attic", "--once", **SOLVING)
    assert worker.exit_code() == 0, worker.log
    return stored_stack(observatory)


def start_rescan(observatory: Observatory, stack: int, *arguments: str) -> dict[str, Any]:
    """Run the command ``rescan`` with a key that may, and return its answer."""
    # No two valid keys have one name.
    keys = observatory.rows.all("SELECT id FROM api_keys")
    create = ("create", "--name", f"desk {len(keys)}", "--scope", "admin")
    key = observatory.site.run_php("worker-key.php", *create).strip()
    settings = {**observatory.settings(), "WORKER_API_KEY": key}
    folder = observatory.share.root.parent
    done = run_worker(folder, settings, "rescan", str(stack), "--json", *arguments)
    answer: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if answer["ok"] else 2), done.stderr
    assert key not in done.stderr
    return answer


def test_a_stack_is_solved_measured_and_described(
    observatory: Observatory, starry: list[Path], star_catalogue: StarCatalogue
) -> None:
    job = observatory.add_job(starry, object_name="M 81")
    worker = observatory.start("attic", "--once", **SOLVING)
    assert worker.exit_code() == 0, worker.log
    assert observatory.rows.job(job)["status"] == "completed"
    assert "solved by astrometry: RA 148.8" in worker.log

    stack = stored_stack(observatory)
    path = share_path(observatory, stack["ucloud_path"])
    with fits.open(io.BytesIO(path.read_bytes())) as product:
        offsets = catalogue_offsets(product, star_catalogue)
        same = offsets[offsets < SAME_STAR_PX]
        assert len(same) >= 10 and len(same) >= 0.8 * len(offsets), "two lie in the galaxy's arms"
        assert np.sqrt(np.mean(same**2)) < 0.3
        assert product[0].header["OBJ001"].startswith("M 81")
        assert stack["n_stars_detected"] == len(product["STAR-TAB"].data)
        assert product[0].header["ZPCAT"] == "VT Tycho-2"

    solution = observatory.rows.one("SELECT * FROM stack_solutions")
    assert solution["solved"]
    assert solution["dec_center_deg"] == pytest.approx(69.07, abs=0.1)
    assert solution["scale_arcsec"] == pytest.approx(2.374, abs=0.002)
    assert json.loads(solution["photometry"])["numbers"]["zero_point_stars_g"] >= 8
    assert solution["object_mismatch"] is None
    objects = observatory.rows.all("SELECT name FROM stack_objects ORDER BY place")
    assert "M 81" in [row["name"] for row in objects]
    overlay = share_path(observatory, stack["overlay_path"])
    assert overlay.read_bytes().startswith(b"\x89PNG")
    for kind, size in (("picture", (720, 1280)), ("full", (720, 1280)), ("preview", None)):
        with Image.open(share_path(observatory, stack[f"{kind}_path"])) as picture:
            assert size in (None, picture.size), kind
    stars = json.loads(share_path(observatory, stack["stars_path"]).read_bytes())
    assert len(stars["stars"]) == stack["n_stars_detected"]
    assert stars["stars"][0]["ra"] is not None
    if shutil.which("fitsverify") is None:
        pytest.skip("fitsverify is not installed; all the rest was checked")
    command = ["fitsverify", "-q", str(path)]
    verified = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout


def test_an_unsolved_stack_is_delivered_with_the_reason(observatory: Observatory) -> None:
    job = observatory.add_job(object_name="M 42")
    small = {"SOLVERS": "astrometry", "SOLVE_TIMEOUT": "5", **SOLVING}
    worker = observatory.start("attic", "--once", **small)
    assert worker.exit_code() == 0, worker.log
    assert observatory.rows.job(job)["status"] == "completed"
    stack = stored_stack(observatory)
    solution = observatory.rows.one("SELECT * FROM stack_solutions")
    assert not solution["solved"]
    assert "not solved" in solution["reason"]
    assert "not solved" in stack["notes"]
    assert stack["overlay_path"] is None
    assert share_path(observatory, stack["stars_path"]).is_file()


def test_missing_index_files_are_said_once(observatory: Observatory) -> None:
    observatory.add_job()
    worker = observatory.start("attic", "--once")
    assert worker.exit_code() == 0, worker.log
    reason = observatory.rows.one("SELECT reason FROM stack_solutions")["reason"]
    assert "no Tycho-2 index files" in reason
    assert json.loads(stored_stack(observatory)["notes"]) == [reason]


def test_overlay_and_star_list_are_not_worth_a_job(
    observatory: Observatory, starry: list[Path]
) -> None:
    for name in ("_overlay.png", "_stars.json"):
        answer = plain_answer("415 Unsupported Media Type")
        fault = Fault("answer", method="PUT", target=name, answer=answer, times=100)
        observatory.to_share.inject(fault)
    stack = add_solved_stack(observatory, starry)
    assert (stack["overlay_path"], stack["stars_path"]) == (None, None)
    assert "no overlay" in stack["notes"] and "no stars" in stack["notes"]
    assert stack["thumbnail_path"] is not None


def test_a_rescan_replaces_the_solution_and_nothing_else(solved: Observatory) -> None:
    first = stored_stack(solved)
    answer = start_rescan(solved, first["id"], "--solver", "triangles")
    assert answer["ok"] and len(answer["job_ids"]) == 1
    twice = start_rescan(solved, first["id"])
    assert not twice["ok"] and twice["skipped"][0]["stack_id"] == first["id"]

    for kind in ("cut_reply", "corrupt_reply"):
        solved.to_site.inject(Fault(kind, target="job_stack", after_bytes=10**6))
    worker = solved.start("attic", "--once", **SOLVING)
    assert worker.exit_code() == 0, worker.log
    assert solved.to_site.count("GET", "job_stack") >= 3, "one cut line, one broken part"
    second = stored_stack(solved)
    assert second["id"] == first["id"]
    assert second["ucloud_path"] != first["ucloud_path"]
    same = ("n_frames_input", "n_frames_aligned", "total_exptime", "date_obs_start", "engine")
    assert [second[name] for name in same] == [first[name] for name in same]
    solution = solved.rows.one("SELECT * FROM stack_solutions")
    assert (solution["solver"], solution["job_id"]) == ("triangles", answer["job_ids"][0])
    assert share_path(solved, first["ucloud_path"]).is_file(), "cleanup deletes it, later"
    paths = [name for name in second if name.endswith("_path")]
    assert len(paths) == 7
    for name in paths:
        assert share_path(solved, second[name]).is_file(), name
    assert list(worker.scratch.glob("run-*")) == []


def test_a_rescan_that_does_not_solve_keeps_the_old_solution(solved: Observatory) -> None:
    first = stored_stack(solved)
    before = solved.rows.one("SELECT * FROM stack_solutions")
    at_once = Manners(polls_queued=0, polls_solving=0)
    with NovaStandIn(solve=lambda _: None, manners=at_once) as nova:
        server = {"NOVA_URL": nova.url, "NOVA_API_KEY": nova.api_key}
        daemon = solved.start("attic", **SOLVING, **server)
        answer = start_rescan(solved, first["id"], "--solver", "nova", "--wait")
        assert daemon.stop() == 0
    assert not answer["ok"]
    [state] = answer["rescans"]
    assert (state["state"], state["attempt"]) == ("failed", 1), "another try would not help"
    assert "the server found no match" in state["reason"]
    assert len(nova.submissions) >= 1
    assert nova.api_key not in daemon.log
    assert solved.rows.one("SELECT * FROM stack_solutions") == before
    assert stored_stack(solved) == first


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({}, "NOVA_URL is not set"),
        ({"NOVA_URL": "http://127.0.0.1:1"}, "could not reach the nova server"),
    ],
    ids=["not configured", "down"],
)
def test_a_rescan_in_passing_trouble_is_tried_again(
    solved: Observatory, server: dict[str, str], words: str
) -> None:
    first = stored_stack(solved)
    answer = start_rescan(solved, first["id"], "--solver", "nova")
    worker = solved.start("attic", "--once", **SOLVING, **server)
    assert worker.exit_code() == 2
    row = solved.rows.job(answer["job_ids"][0])
    assert (row["status"], row["attempts"]) == ("retry", 1)
    assert words in row["error_message"]


def test_a_rescan_of_a_vanished_stack_fails_for_good(solved: Observatory) -> None:
    first = stored_stack(solved)
    answer = start_rescan(solved, first["id"])
    share_path(solved, first["ucloud_path"]).unlink()
    assert solved.start("attic", "--once", **SOLVING).exit_code() == 2
    row = solved.rows.job(answer["job_ids"][0])
    assert row["status"] == "failed"
    assert f"could not download stack {first['id']}" in row["error_message"]


@pytest.mark.parametrize(
    "stage",
    ["solve", *(pytest.param(stage, marks=pytest.mark.every) for stage in ("download", "upload"))],
)
def test_a_killed_rescan_is_done_by_another_worker(solved: Observatory, stage: str) -> None:
    first = stored_stack(solved)
    [job] = start_rescan(solved, first["id"])["job_ids"]
    if stage == "download":
        solved.to_site.inject(Fault("delay", target="job_stack", seconds=HOLD))
        victim = solved.start("victim", **SOLVING)
        victim.wait_for(lambda: solved.to_site.count("GET", "job_stack"), "no download")
    elif stage == "solve":
        victim = solved.start("victim", **SOLVING, **solved.hold())
        victim.wait_for_line("wait done")
    else:
        held = Fault("cut_request", method="PUT", after_bytes=10**6, seconds=HOLD)
        solved.to_share.inject(held)
        victim = solved.start("victim", **SOLVING)
        victim.wait_for(lambda: solved.to_share.count("PUT"), "no upload")
    victim.kill()
    solved.expire(job)
    assert stored_stack(solved) == first, "nothing changes before the new one is proven"

    direct = {"UCLOUD_WEBDAV_URL": solved.share.url}
    other = solved.start("victim", **SOLVING, **direct)
    other.wait_for_line(": done")
    assert other.stop() == 0
    second = stored_stack(solved)
    assert second["ucloud_path"] != first["ucloud_path"]
    assert share_path(solved, second["ucloud_path"]).is_file()
    assert list(other.scratch.glob("run-*")) == []
