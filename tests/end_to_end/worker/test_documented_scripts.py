"""The scripts of docs/worker.md on a real site and a real share, with nothing but a ``.env``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.support.fault_proxy import Fault, plain_answer
from tests.support.observatory import Observatory
from tests.support.scripts import documented_script, run_script

EIGHT_STEPS = documented_script("eight steps")
WHOLE_JOBS = documented_script("whole jobs")


@pytest.fixture
def lease_seconds() -> int:
    """Seconds that a script without heartbeats may take for stacking on a busy machine."""
    return 300


def left_in(folder: Path) -> set[str]:
    """What a script has left in its folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_eight_steps_complete_a_job(observatory: Observatory, tmp_path: Path) -> None:
    job = observatory.add_job(object_name="M 81")
    done = run_script(tmp_path / "script", EIGHT_STEPS, observatory.settings())
    assert done.returncode == 0, done.stderr
    assert "'status': 'completed'" in done.stdout

    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("completed", 1)
    frame = observatory.rows.one("SELECT * FROM stacked_frames")
    assert (frame["n_frames_input"], frame["n_frames_aligned"]) == (3, 3)
    stored = observatory.share.root / frame["ucloud_path"][1:]
    assert stored.name == f"stack_{row['chunk_key']}_{job}.fits"
    assert stored.parent.name == "M_81"
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == frame["sha256"]
    thumbnail = observatory.share.root / frame["thumbnail_path"][1:]
    assert thumbnail.read_bytes().startswith(b"\x89PNG")
    assert left_in(tmp_path / "script") == {".env", "script.py"}
    assert observatory.to_site.count("POST", "heartbeat") == 0


def test_the_eight_steps_fail_a_job_that_cannot_be_stacked(
    observatory: Observatory, cloudy_subs: list[Path], tmp_path: Path
) -> None:
    job = observatory.add_job(cloudy_subs)
    done = run_script(tmp_path / "script", EIGHT_STEPS, observatory.settings())
    assert done.returncode == 1
    assert "NoUsableFramesError" in done.stderr
    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("retry", 1)
    assert "none of the 3 subs could be used" in row["error_message"]
    assert observatory.raws_are_there(job)
    assert observatory.stored() == set()
    assert left_in(tmp_path / "script") == {".env", "script.py"}


def test_the_eight_steps_survive_a_stubborn_network(
    observatory: Observatory, tmp_path: Path
) -> None:
    job = observatory.add_job()
    site, share = observatory.to_site, observatory.to_share
    faults = [
        site.inject(Fault("lose_reply", target="next_job")),
        site.inject(Fault("answer", target="job_files", answer=plain_answer("503 Busy"))),
        site.inject(Fault("answer", target="download_raw", answer=plain_answer("502 Bad Gateway"))),
        site.inject(Fault("corrupt_reply", target="download_raw", after_bytes=5000)),
        share.inject(Fault("lose_reply", method="MKCOL")),
        share.inject(Fault("lose_reply", method="PUT")),
        site.inject(Fault("lose_reply", target="complete_job")),
    ]
    done = run_script(tmp_path / "script", EIGHT_STEPS, observatory.settings())
    assert done.returncode == 0, done.stderr
    assert [fault.kind for fault in faults if fault.times] == []
    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("completed", 1)
    assert len(observatory.rows.all("SELECT id FROM stacked_frames")) == 1


def test_without_work_the_eight_steps_end_at_the_first(
    observatory: Observatory, tmp_path: Path
) -> None:
    done = run_script(tmp_path / "script", EIGHT_STEPS, observatory.settings())
    assert (done.returncode, done.stderr) == (1, "no work\n")


def test_a_wrong_env_is_one_error_with_every_problem(tmp_path: Path) -> None:
    wrong = {"WORKER_API_KEY": "some key", "POLL_INTERVAL": "often"}
    done = run_script(tmp_path / "script", EIGHT_STEPS, wrong)
    assert done.returncode == 1
    for problem in ("API_BASE_URL is not set", "WORKER_API_KEY contains blanks", "POLL_INTERVAL"):
        assert problem in done.stderr
    assert "ConfigurationError" in done.stderr


@pytest.mark.parametrize(
    "direct",
    [
        pytest.param(True, id="by WebDAV"),
        pytest.param(False, id="through the site", marks=pytest.mark.every),
    ],
)
def test_a_loop_over_whole_jobs_is_a_worker(
    observatory: Observatory, cloudy_subs: list[Path], tmp_path: Path, direct: bool
) -> None:
    jobs = [observatory.add_job(), observatory.add_job(cloudy_subs), observatory.add_job()]
    settings = observatory.settings(webdav=direct)
    done = run_script(tmp_path / "script", WHOLE_JOBS, settings)
    assert done.returncode == 0, done.stderr
    rows = [observatory.rows.job(job) for job in jobs]
    assert [row["status"] for row in rows] == ["completed", "failed", "completed"]
    assert "failed: none of the 3 subs could be used" in done.stderr
    assert observatory.to_site.count("POST", "heartbeat") > 0
    assert len(observatory.rows.all("SELECT id FROM stacked_frames")) == 2
    scratch = tmp_path / "script" / "tmp"
    assert [path for path in scratch.rglob("*") if "kernels" not in path.parts] == [
        scratch / "journal"
    ]


def test_the_worker_itself_is_a_function(observatory: Observatory, tmp_path: Path) -> None:
    job = observatory.add_job()
    script = "import json\nfrom worker.main import run_once\nprint(json.dumps(run_once()))\n"
    for expected in (0, 1):
        done = run_script(tmp_path / "script", script, observatory.settings())
        assert json.loads(done.stdout) == expected, done.stderr
    assert observatory.rows.job(job)["status"] == "completed"


def test_a_script_that_is_interrupted_hands_its_job_back(
    observatory: Observatory, tmp_path: Path
) -> None:
    job = observatory.add_job()
    # What Ctrl+C does, at a moment at which the job is under way.
    script = """
import signal, threading, time
from pathlib import Path
from worker.api_client import get_next_job
from worker.job_processor import process_job

def interrupt():
    while not list(Path("tmp").glob("run-*/job-*/raws/*/*")):
        time.sleep(0.01)
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

# A shell starts what runs in the background without it.
signal.signal(signal.SIGINT, signal.default_int_handler)
job = get_next_job()
threading.Thread(target=interrupt).start()
process_job(job)
"""
    done = run_script(tmp_path / "script", script, observatory.settings())
    assert done.returncode != 0
    assert "KeyboardInterrupt" in done.stderr
    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("pending", 0)


def test_a_scratch_folder_that_cannot_be_used_costs_the_job_no_attempt(
    observatory: Observatory, tmp_path: Path
) -> None:
    job = observatory.add_job()
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    settings = {**observatory.settings(), "WORK_DIR": str(blocked)}
    done = run_script(tmp_path / "script", WHOLE_JOBS, settings)
    assert done.returncode == 1
    assert "could not use the scratch folder" in done.stderr
    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("pending", 0)
