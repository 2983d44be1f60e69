"""Background jobs over a folder, with small real extractor programs."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from crowdsky.extract import astro_jobs
from crowdsky.extract.jobs import JobStore, UnknownJobError, is_alive

REPOSITORY = Path(__file__).parents[3]
PATIENCE_SECONDS = 200

GOOD = "import json, sys; print(json.dumps({'ok': True, 'args': sys.argv[1:]}))"
BAD = 'import sys; print(\'{"ok": false, "error": "clouds"}\'); sys.exit(2)'
SILENT = "import sys; print('oops', file=sys.stderr); sys.exit(7)"
SLOW = "import time, pathlib, sys; pathlib.Path(sys.argv[2] + '.began').touch(); time.sleep(600)"
BRIEF = """
import json, os, pathlib, sys, time
folder = pathlib.Path(os.environ["SEEN"])
mark = folder / str(os.getpid())
mark.touch()
met, end = folder.with_name("met"), time.monotonic() + 60
while (together := len(list(folder.iterdir()))) < 2 and not met.exists() and time.monotonic() < end:
    time.sleep(0.01)
met.touch()
time.sleep(0.3)
together = max(together, len(list(folder.iterdir())))
mark.unlink()
print(json.dumps({"ok": True, "together": together}))
"""

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, as a back end would from its shell."""
    monkeypatch.chdir(tmp_path)

    scripts = itertools.count()

    def command(
        *arguments: str, extractor: str = GOOD, **settings: str
    ) -> tuple[int, dict[str, Any]]:
        script = tmp_path / f"extractor{next(scripts)}.py"
        script.write_text(extractor)
        environment = {
            **os.environ, "JOBS_DIR": str(tmp_path / "jobs"), "ASTRO_EXTRACT_BIN": str(script),
            **settings,
        }  # fmt: skip
        code = astro_jobs.main(arguments, environment)
        return code, json.loads(capsys.readouterr().out)

    return command


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a night.jpg"
    path.write_bytes(b"pixels")
    return path


def wait_for(run: Run, job_id: str, *states: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        _, status = run("status", "--job-id", job_id)
        if status["state"] in states:
            return status
        time.sleep(0.05)
    raise AssertionError(f"still {status}")


def test_a_job_from_submission_to_result(run: Run, picture: Path, tmp_path: Path) -> None:
    code, answer = run("submit", "--image", str(picture), "--scale-low", "0.5", "--scale-high", "2",
                       "--downsample", "2", "--timeout", "60")  # fmt: skip
    assert code == 0
    job_id = answer["job_id"]
    status = wait_for(run, job_id, "done", "error")
    assert status["state"] == "done"
    assert status["params"] == {
        "scale_low": 0.5, "scale_high": 2.0, "downsample": 2, "timeout": 60.0,
    }  # fmt: skip
    code, result = run("result", "--job-id", job_id)
    assert code == 0
    folder = tmp_path / "jobs" / job_id
    assert result["args"] == [
        "--image", str(folder / "input" / "a night.jpg"), "--scale-low", "0.5",
        "--scale-high", "2", "--downsample", "2", "--timeout", "60",
    ]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == [
        "input", "job.lock", "output", "pid", "status.json", "task.log",
    ]  # fmt: skip
    assert run("list")[1]["jobs"][0]["job_id"] == job_id


@pytest.mark.parametrize(
    ("extractor", "reason"), [(BAD, "clouds"), (SILENT, "no JSON and ended with code 7")]
)
def test_failures_are_errors_with_a_reason(
    run: Run, picture: Path, tmp_path: Path, extractor: str, reason: str
) -> None:
    job_id = run("submit", "--image", str(picture), extractor=extractor)[1]["job_id"]
    assert reason in wait_for(run, job_id, "done", "error")["message"]
    assert run("status", "--job-id", job_id, extractor=extractor)[1]["state"] == "error"
    if extractor is SILENT:
        assert "oops" in (tmp_path / "jobs" / job_id / "task.log").read_text()


def test_a_running_job_is_cancelled_with_all_it_started(
    run: Run, picture: Path, tmp_path: Path
) -> None:
    job_id = run("submit", "--image", str(picture), extractor=SLOW)[1]["job_id"]
    began = tmp_path / "jobs" / job_id / "input" / "a night.jpg.began"
    while not began.exists():
        time.sleep(0.02)
    code, early = run("result", "--job-id", job_id)
    assert code == 1
    assert "processing" in early["error"]
    code, answer = run("cancel", "--job-id", job_id)
    assert (code, answer["state"], answer["message"]) == (0, "error", "cancelled")
    job = JobStore(tmp_path / "jobs", time.time).open(job_id)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while is_alive(job) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(job)
    found = subprocess.run(["pgrep", "-f", str(began.with_suffix(""))], check=False)
    assert found.returncode == 1


def test_a_killed_process_is_noticed(run: Run, picture: Path, tmp_path: Path) -> None:
    job_id = run("submit", "--image", str(picture), extractor=SLOW)[1]["job_id"]
    wait_for(run, job_id, "processing")
    os.killpg(int((tmp_path / "jobs" / job_id / "pid").read_text()), signal.SIGKILL)
    assert "ended without a result" in wait_for(run, job_id, "error")["message"]


def test_no_more_run_together_than_allowed(run: Run, picture: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    seen.mkdir()
    jobs = [
        run("submit", "--image", str(picture), extractor=BRIEF, SEEN=str(seen),
            ASTRO_JOBS_PARALLEL="2")[1]["job_id"]
        for _ in range(5)
    ]  # fmt: skip
    for job_id in jobs:
        wait_for(run, job_id, "done")
    together = [run("result", "--job-id", job_id)[1]["together"] for job_id in jobs]
    assert max(together) == 2


@pytest.mark.parametrize("job_id", ["../etc", "a/b", "..", ".", "", "x" * 65, "absent", ".slots"])
def test_ids_with_paths_and_unknown_ones_are_refused(run: Run, job_id: str) -> None:
    for command in ("status", "result", "cancel"):
        code, answer = run(command, "--job-id", job_id)
        assert (code, answer["ok"]) == (1, False)
        assert "no job" in answer["error"]


def test_pruning_leaves_young_and_running_jobs(run: Run, picture: Path, tmp_path: Path) -> None:
    done = run("submit", "--image", str(picture))[1]["job_id"]
    wait_for(run, done, "done")
    slow = run("submit", "--image", str(picture), extractor=SLOW)[1]["job_id"]
    wait_for(run, slow, "processing")
    assert run("prune", "--days", "1")[1]["removed"] == []
    later = JobStore(tmp_path / "jobs", lambda: time.time() + 3 * 86400)
    assert later.prune(86400.0) == [done]
    with pytest.raises(UnknownJobError):
        later.open(done)
    assert later.status(slow)["state"] == "processing"
    run("cancel", "--job-id", slow)


def test_wrong_input_is_told_at_once(run: Run, picture: Path, tmp_path: Path) -> None:
    assert run("submit", "--image", str(tmp_path / "absent.jpg"))[0] == 1
    code, answer = run("submit", "--image", str(picture), ASTRO_JOBS_PARALLEL="many")
    assert code == 2
    assert "many" in answer["error"]
    assert run("list")[1]["jobs"] == []


def test_readers_never_see_half_a_status(run: Run, picture: Path, tmp_path: Path) -> None:
    job_id = run("submit", "--image", str(picture))[1]["job_id"]
    wait_for(run, job_id, "done")
    job = JobStore(tmp_path / "jobs", time.time).open(job_id)
    with _writing(job.root):
        for _ in range(500):
            assert job.status()["job_id"] == job_id


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Another process that changes a job's status as fast as it can."""
    code = (
        "import sys, pathlib, itertools; from crowdsky.extract.jobs import JobFolder\n"
        "job = JobFolder(pathlib.Path(sys.argv[1]))\n"
        "for n in itertools.count(): job.write_status(n, message='x' * (n % 5000))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=REPOSITORY)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_help_tells_what_options_do(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for command in ("submit", "prune"):
        with pytest.raises(SystemExit):
            astro_jobs.main([command, "--help"])
        shown[command] = " ".join(capsys.readouterr().out.split())
    assert "days since a job ended (default 14)" in shown["prune"]
    assert "seconds for solving (default 300)" in shown["submit"]
