"""Scratch folders: removed at the end, swept after a kill, never shared, never overfull."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.demo.services import REPOSITORY
from worker.errors import ConfigurationError, DiskFullError
from worker.models import Job, RawFile
from worker.workspace import Workspace, disk_errors, raw_path, sweep

SITE = "http://site.example/api"
HOLD = """
import sys
from pathlib import Path
from worker.workspace import Workspace
space = Workspace(Path(sys.argv[1]), "http://site")
print("ready", flush=True)
sys.stdin.read()
"""


def job(total_bytes: int = 1000) -> Job:
    return Job(
        job_id=12,
        user_id=3,
        chunk_key="k",
        object_name=None,
        frame_count=1,
        total_bytes=total_bytes,
        lease_token="t",
        lease_seconds=300.0,
        heartbeat_seconds=100.0,
        attempt=2,
        max_attempts=3,
        attempt_tag="a2-0",
    )


@pytest.fixture
def neighbour(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another worker process with a workspace in the same folder."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def test_a_jobs_folder_goes_away_whatever_happens(tmp_path: Path) -> None:
    space = Workspace(tmp_path, SITE)
    with pytest.raises(KeyError), space.job_folder(job()) as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "file.part").write_bytes(b"x")
        raise KeyError
    assert not folder.exists()
    space.close()
    assert list(tmp_path.iterdir()) == []


def test_a_living_neighbour_is_left_alone(tmp_path: Path, neighbour: subprocess.Popen[str]) -> None:
    before = set(tmp_path.iterdir())
    Workspace(tmp_path, SITE).close()
    assert set(tmp_path.iterdir()) == before


def test_what_a_killed_process_left_is_swept(
    tmp_path: Path, neighbour: subprocess.Popen[str]
) -> None:
    [folder] = [path for path in tmp_path.iterdir() if path.is_dir()]
    (folder / "job-1-1").mkdir()
    neighbour.send_signal(signal.SIGKILL)
    neighbour.wait()
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_foreign_files_are_not_swept(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    (tmp_path / "run-abc").mkdir()
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "run-abc"}


def test_a_job_that_does_not_fit_is_not_begun(tmp_path: Path) -> None:
    space = Workspace(tmp_path, SITE)
    with (
        pytest.raises(DiskFullError, match=r"MB are needed and \d+ MB are free"),
        space.job_folder(job(total_bytes=10**18)),
    ):
        pytest.fail("the job was begun")
    space.close()


def test_an_unusable_folder_is_a_configuration_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="WORK_DIR"):
        Workspace(tmp_path / "file", SITE)


def test_files_of_the_same_name_do_not_meet(tmp_path: Path) -> None:
    first = raw_path(tmp_path, RawFile(1, "a.fit", 1, "0" * 64))
    second = raw_path(tmp_path, RawFile(2, "a.fit", 1, "0" * 64))
    assert first != second
    assert first.name == second.name == "a.fit"


def test_a_name_that_leads_outside_is_never_used(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leads out"):
        raw_path(tmp_path, RawFile(1, "../../../x.fit", 1, "0" * 64))


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError, match="No space left"), disk_errors(tmp_path):
        Path("/dev/full").write_bytes(b"x" * 100_000)
    with pytest.raises(PermissionError), disk_errors(tmp_path):
        raise PermissionError(errno.EACCES, "no")
