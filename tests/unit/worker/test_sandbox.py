"""The child process: whatever it does, the parent gets one answer and lives on.

The misbehaving children run the real child program with its work replaced.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from worker import sandbox
from worker.compute import ComputeResult
from worker.demo.services import REPOSITORY
from worker.demo.sky import SEESTAR_S50, demo_nights, write_night
from worker.errors import BadDataError, ComputeError, DiskFullError, ShutdownError
from worker.sandbox import Limits, Progress

MISBEHAVE = """
import ctypes, errno, os, resource, subprocess, sys, time
from pathlib import Path
import numpy as np
import worker.compute as compute
from worker.errors import BadDataError

def run_task(task, send):
{body}

compute.run_task = run_task
sys.exit(compute.main())
"""

Misbehave = Callable[[str], None]


@pytest.fixture
def misbehave(monkeypatch: pytest.MonkeyPatch) -> Misbehave:
    """Replace the child's work by the given statements."""

    def replace_work(body: str) -> None:
        indented = "\n".join(f"    {line}" for line in body.splitlines())
        script = MISBEHAVE.format(body=indented)
        monkeypatch.setattr(sandbox, "CHILD", ("-c", script))

    return replace_work


def run(
    folder: Path,
    frames: list[Path] | None = None,
    *,
    memory_mb: int = 4000,
    seconds: float = 60.0,
    on_progress: Callable[[Progress], None] = lambda _: None,
    check: Callable[[], None] = lambda: None,
) -> ComputeResult:
    return sandbox.compute(
        frames or [],
        folder,
        engine="seestarpy",
        job_label="test",
        limits=Limits(memory_mb, seconds, threads=2),
        cache_dir=folder / "kernels",
        on_progress=on_progress,
        check=check,
    )


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for_end(pid: int) -> None:
    end = time.monotonic() + 10.0
    while is_running(pid):
        assert time.monotonic() < end, f"process {pid} is still running"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def subs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    rng = np.random.default_rng(1)
    night, _ = demo_nights(rng, 3, SEESTAR_S50.resized(480, 640))
    night = replace(night, satellites=())
    return list(write_night(tmp_path_factory.mktemp("subs"), night, rng).paths)


def test_real_subs_give_a_stack_and_a_thumbnail(
    tmp_path: Path, subs: list[Path], capfd: pytest.CaptureFixture[str]
) -> None:
    """Also shows that the limits leave numba and BLAS their threads."""
    seen: list[Progress] = []
    result = run(tmp_path, subs, memory_mb=1500, on_progress=seen.append)
    assert result.stack.n_frames_aligned == 3
    assert result.stack.output_path.read_bytes().startswith(b"SIMPLE")
    assert result.thumbnail is not None
    assert result.thumbnail.read_bytes().startswith(b"\x89PNG")
    assert {"align", "thumbnail"} <= {progress.step for progress in seen}
    assert all(0.0 <= progress.part <= 1.0 for progress in seen)
    assert capfd.readouterr() == ("", "")


def test_limits_leave_room_for_threads_of_blas(tmp_path: Path, misbehave: Misbehave) -> None:
    misbehave(
        "a = np.ones((1500, 1500))\n"
        "assert (a @ a)[0, 0] == 1500\n"
        "limit = resource.getrlimit(resource.RLIMIT_DATA)[0]\n"
        "raise BadDataError(f'limit {limit >> 20} MB, threads {os.environ[\"OMP_NUM_THREADS\"]}')"
    )
    with pytest.raises(BadDataError, match="limit 700 MB, threads 2"):
        run(tmp_path, memory_mb=700)


def test_unusable_subs_are_bad_data(tmp_path: Path) -> None:
    page = tmp_path / "page.fit"
    page.write_text("<html>", "utf-8")
    with pytest.raises(BadDataError, match="none of the 1 subs could be used"):
        run(tmp_path, [page])


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ("np.zeros(10**9)", ComputeError, "ran out of memory: a job may take 500 MB"),
        ("raise MemoryError", ComputeError, "ran out of memory"),
        ("ctypes.string_at(0)", ComputeError, "crashed: SIGSEGV"),
        ("os.abort()", ComputeError, "crashed: SIGABRT"),
        ("os.kill(os.getpid(), 9)", ComputeError, "most likely the machine's memory ran out"),
        ("os._exit(0)", ComputeError, "ended with code 0"),
        ("raise KeyError('surprise')", ComputeError, "stacking failed: KeyError: 'surprise'"),
        ("raise BadDataError('all clouds')", BadDataError, "all clouds"),
        ("raise OSError(errno.ENOSPC, 'No space left')", DiskFullError, "No space left"),
        (
            "resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass",
            ComputeError,
            "too much processor time",
        ),
    ],
)
def test_every_end_has_a_reason(
    tmp_path: Path, misbehave: Misbehave, body: str, error: type[Exception], words: str
) -> None:
    misbehave(body)
    with pytest.raises(error, match=words):
        run(tmp_path, memory_mb=500)


def test_a_hanging_child_is_stopped(tmp_path: Path, misbehave: Misbehave) -> None:
    misbehave("time.sleep(60)")
    with pytest.raises(ComputeError, match="longer than JOB_TIMEOUT"):
        run(tmp_path, seconds=1.0)


def test_a_lost_job_ends_the_child_and_all_it_started(tmp_path: Path, misbehave: Misbehave) -> None:
    misbehave(
        "other = subprocess.Popen(['sleep', '60'])\n"
        "send.progress('pids', os.getpid(), other.pid)\n"
        "time.sleep(60)"
    )
    pids: list[int] = []

    def check() -> None:
        if pids:
            raise ShutdownError("stop")

    with pytest.raises(ShutdownError):
        run(tmp_path, on_progress=lambda step: pids.extend((step.done, step.total)), check=check)
    for pid in pids:
        wait_for_end(pid)


def test_what_libraries_print_disturbs_nobody(
    tmp_path: Path, misbehave: Misbehave, capfd: pytest.CaptureFixture[str]
) -> None:
    misbehave(
        "print('Making Directory')\n"
        "os.write(1, b'native noise')\n"
        "raise BadDataError('and then the answer')"
    )
    with pytest.raises(BadDataError, match="and then the answer"):
        run(tmp_path)
    assert capfd.readouterr() == ("", "")
    assert "native noise" in (tmp_path / "compute.log").read_text("utf-8")


def test_the_child_knows_no_secrets(
    tmp_path: Path, misbehave: Misbehave, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKER_API_KEY", "s3cret-key")
    monkeypatch.setenv("UCLOUD_SHARE_TOKEN", "s3cret-token")
    misbehave("raise BadDataError(' '.join(os.environ.values()))")
    with pytest.raises(BadDataError) as told:
        run(tmp_path)
    assert "s3cret" not in str(told.value)
    assert str(tmp_path) in str(told.value), "temporary files belong in the job's folder"


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker-like process whose child tells its process id and sleeps."""
    child = MISBEHAVE.format(body="    send.progress('pid', os.getpid(), 1)\n    time.sleep(60)")
    program = f"""
from pathlib import Path
from worker import sandbox
sandbox.CHILD = ("-c", {child!r})
folder = Path({str(tmp_path)!r})
sandbox.compute([], folder, engine="", job_label="", limits=sandbox.Limits(4000, 60.0, 1),
    cache_dir=folder, on_progress=lambda step: print(step.done, flush=True), check=lambda: None)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    ) as process:
        yield process
        process.kill()


def test_the_child_does_not_outlive_a_killed_parent(parent: subprocess.Popen[str]) -> None:
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.send_signal(signal.SIGKILL)
    wait_for_end(child)
