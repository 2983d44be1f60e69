"""Scratch folders: removed at the end, swept after a kill, never shared, never overfull."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crowdsky.base.errors import (
    BadDataError,
    ComputeError,
    ConfigurationError,
    CrowdSkyError,
    DiskFullError,
    ScratchUnusableError,
)
from crowdsky.base.python_path import python_path
from tests.support.jobs import JOB
from worker.disk.workspace import Workspace, disk_errors, raw_path, sweep
from worker.site.records import Job, RawFile

SITE = "http://site.example/api"
HOLD = """
import sys
from pathlib import Path
from worker.disk.workspace import Workspace
space = Workspace(Path(sys.argv[1]), "http://site")
print("ready", flush=True)
sys.stdin.read()
"""


def job(total_bytes: int = 1000) -> Job:
    return replace(JOB, total_bytes=total_bytes)


@pytest.fixture
def neighbour(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another worker process with a workspace in the same folder."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **python_path()},
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


def broken(code: int, filename: str | None = None) -> OSError:
    return OSError(code, os.strerror(code), filename)


@pytest.mark.parametrize("code", [errno.EROFS, errno.EIO, errno.ESTALE])
def test_a_broken_disk_hands_the_job_back(tmp_path: Path, code: int) -> None:
    for named in (None, str(tmp_path / "raws" / "a.fit")):
        with (
            pytest.raises(ScratchUnusableError, match=os.strerror(code)) as raised,
            disk_errors(tmp_path),
        ):
            raise broken(code, named)
        assert str(tmp_path) in str(raised.value)
        assert "WORK_DIR" in str(raised.value)


@pytest.mark.parametrize("code", [errno.EROFS, errno.EIO, errno.ENOENT, errno.EACCES, errno.EPERM])
def test_a_file_elsewhere_is_not_the_scratch_folders_fault(tmp_path: Path, code: int) -> None:
    with pytest.raises(OSError, match="elsewhere") as raised, disk_errors(tmp_path):
        raise broken(code, "/elsewhere/index-4107.fits")
    assert raised.value.errno == code


def test_a_missing_file_in_a_sound_folder_is_not_the_folders_fault(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), disk_errors(tmp_path):
        (tmp_path / "a.fit").read_bytes()


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.ENOENT])
def test_a_folder_that_takes_nothing_hands_the_job_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(**where: Path) -> None:
        raise broken(code, str(where["dir"]))

    with (
        pytest.raises(ScratchUnusableError, match=os.strerror(code)),
        disk_errors(tmp_path),
    ):
        monkeypatch.setattr("worker.disk.workspace.tempfile.TemporaryFile", refuse)
        raise broken(code, str(tmp_path / "a.fit"))


@pytest.mark.parametrize("kind", [ComputeError, BadDataError])
def test_what_a_child_says_of_a_folder_that_is_gone_is_not_believed(
    tmp_path: Path, kind: type[CrowdSkyError]
) -> None:
    with pytest.raises(kind), disk_errors(tmp_path):
        raise kind("no frame could be used")
    with pytest.raises(ScratchUnusableError, match="No such file"), disk_errors(tmp_path / "gone"):
        raise kind("no frame could be used")


def test_a_scratch_folder_that_is_gone_hands_the_job_back(tmp_path: Path) -> None:
    space = Workspace(tmp_path / "scratch", SITE)
    with pytest.raises(ScratchUnusableError, match="No such file"), space.job_folder(job()) as old:
        shutil.rmtree(tmp_path / "scratch")
        (old / "a.fit").write_bytes(b"x")
    with pytest.raises(ScratchUnusableError, match="No such file"), space.job_folder(job()):
        pytest.fail("the job was begun")
    space.close()


def test_room_that_cannot_be_asked_for_hands_the_job_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise broken(errno.EIO)

    space = Workspace(tmp_path, SITE)
    monkeypatch.setattr("worker.disk.workspace.shutil.disk_usage", refuse)
    with pytest.raises(ScratchUnusableError, match="Input/output"), space.job_folder(job()):
        pytest.fail("the job was begun")
    space.close()


def test_a_folder_that_was_tidied_away_is_made_again(tmp_path: Path) -> None:
    space = Workspace(tmp_path, SITE)
    [run] = [path for path in tmp_path.iterdir() if path.is_dir()]
    shutil.rmtree(run)
    with space.job_folder(job()) as folder:
        (folder / "a.fit").write_bytes(b"x")
    space.close()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_read_only_does_not_hinder_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = []

    def refuse(path: Path, missing_ok: bool = False) -> None:
        refused.append(path)
        raise broken(errno.EROFS, str(path))

    space = Workspace(tmp_path, SITE)
    monkeypatch.setattr(Path, "unlink", refuse)
    space.close()
    assert refused
    monkeypatch.undo()
    Workspace(tmp_path, SITE).close()  # the lock was given up all the same
