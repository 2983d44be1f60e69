"""A machine without space does not claim, logs that once, and checks again."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from worker.config import Machine, load_settings
from worker.disk.journal import LIMIT, Journal
from worker.loop.preflight import Fitness, Preflight

PLENTY = "MemTotal:  8000000 kB\nMemFree:  1000 kB\nMemAvailable:  6000000 kB\n"
LITTLE = "MemTotal:  8000000 kB\nMemFree:  1000 kB\nMemAvailable:  100000 kB\n"


def preflight(folder: Path, *, free_mb: float = 1.0, meminfo: str = PLENTY) -> Preflight:
    file = folder / "meminfo"
    file.write_text(meminfo)
    return Preflight(folder, free_mb, 500.0, Journal(folder, "https://sky.example/api"), file)


def test_a_machine_with_space_may_claim(tmp_path: Path) -> None:
    assert preflight(tmp_path).obstacle(idle=True) == ""


def test_a_full_disk_is_named_with_what_to_do(tmp_path: Path) -> None:
    obstacle = preflight(tmp_path, free_mb=1e12).obstacle(idle=True)
    for part in (str(tmp_path), "MIN_FREE_MB", "WORK_DIR"):
        assert part in obstacle


@pytest.mark.parametrize("code", [errno.EROFS, errno.EIO, errno.EACCES, errno.ENOSPC])
def test_a_disk_that_takes_nothing_is_named_once_and_checked_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    code: int,
) -> None:
    def refuse(**_: Path) -> None:
        raise OSError(code, os.strerror(code))

    caplog.set_level("INFO", logger="worker")
    fitness = Fitness(preflight(tmp_path))
    with monkeypatch.context() as patched:
        patched.setattr("worker.disk.workspace.tempfile.TemporaryFile", refuse)
        assert [fitness.allows_claim() for _ in range(3)] == [False, False, False]
    assert caplog.text.count("no job is claimed") == 1
    for part in (str(tmp_path), os.strerror(code), "WORK_DIR"):
        assert part in caplog.text
    assert fitness.allows_claim()
    assert "jobs are claimed again" in caplog.text


def test_a_scratch_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    looks = preflight(tmp_path)
    gone = tmp_path / "gone"
    obstacle = Preflight(gone, 1.0, 500.0, looks.journal, looks.meminfo).obstacle(idle=True)
    for part in (str(gone), "No such file", "WORK_DIR"):
        assert part in obstacle


def test_checking_leaves_nothing_behind(tmp_path: Path) -> None:
    looks = preflight(tmp_path)
    before = set(tmp_path.iterdir())
    assert looks.obstacle(idle=True) == ""
    assert set(tmp_path.iterdir()) == before


def test_little_memory_counts_only_while_no_job_of_ours_takes_it(tmp_path: Path) -> None:
    tight = preflight(tmp_path, meminfo=LITTLE)
    assert "98 MB of memory" in tight.obstacle(idle=True)
    assert tight.obstacle(idle=False) == ""


def test_where_the_memory_is_not_reported_it_is_not_checked(tmp_path: Path) -> None:
    assert preflight(tmp_path, meminfo="MemTotal: 5 kB\n").obstacle(idle=True) == ""
    (tmp_path / "meminfo").unlink()
    looks = Preflight(tmp_path, 1.0, 500.0, Journal(tmp_path, "x"), tmp_path / "meminfo")
    assert looks.obstacle(idle=True) == ""


def test_results_that_the_site_does_not_accept_are_not_heaped_up(tmp_path: Path) -> None:
    looks = preflight(tmp_path)
    (tmp_path / "journal").mkdir()
    for number in range(LIMIT):
        assert looks.obstacle(idle=True) == ""
        (tmp_path / "journal" / f"job-{number}-a1-0.json").touch()
    assert f"{LIMIT} results" in looks.obstacle(idle=True)


def test_it_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="worker")
    fitness = Fitness(preflight(tmp_path, meminfo=LITTLE))
    assert [fitness.allows_claim() for _ in range(3)] == [False, False, False]
    assert caplog.text.count("no job is claimed") == 1
    (tmp_path / "meminfo").write_text(PLENTY)
    assert fitness.allows_claim()
    assert fitness.allows_claim()
    assert caplog.text.count("jobs are claimed again") == 1


def test_the_need_follows_the_settings(tmp_path: Path) -> None:
    given = {"API_BASE_URL": "https://sky.example/api", "WORKER_API_KEY": "k", "MIN_FREE_MB": "77"}
    journal = Journal(tmp_path, "https://sky.example/api")
    for memory_mb, need in ((16_000, 768.0), (1_000, 400.0)):
        settings = load_settings(given, None, Machine(cores=1, memory_mb=memory_mb))
        looks = Preflight.of(settings, journal)
        assert (looks.free_mb, looks.memory_mb) == (77.0, need)
