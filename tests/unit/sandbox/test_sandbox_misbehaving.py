"""The child process: whatever it does, the parent gets one answer and lives on.

Everything is held to it twice: for children that start cold, and for those of the warm start. The
misbehaving ones run a task of the tests instead of the job's.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crowdsky.base.errors import BadDataError, ComputeError, DiskFullError, ShutdownError
from crowdsky.base.python_path import python_path
from crowdsky.sandbox import run_task
from crowdsky.sandbox.run_task import Progress
from tests.support import children
from tests.support.children import BODY, is_running, wait_for_end
from tests.unit.sandbox.conftest import PATIENCE, Run
from worker.job import compute

pytestmark = pytest.mark.slow

Misbehave = Callable[[str], None]

HANG = "report.progress('hangs', 0, 1)\ntime.sleep(600)"
"""A child tells that it hangs; then its time may be over at once, however slow its start was."""


class Clock:
    """A stand-in for the module ``time`` that goes on as it is told."""

    ahead = 0.0

    def monotonic(self) -> float:
        """Seconds, some of which did not pass."""
        return time.monotonic() + self.ahead


@pytest.fixture
def end_of_hanging(monkeypatch: pytest.MonkeyPatch) -> Callable[[Progress], None]:
    """Let all the patience pass when a child tells that it hangs."""
    clock = Clock()
    monkeypatch.setattr(run_task, "time", clock)

    def on_progress(progress: Progress) -> None:
        if progress.step == "hangs":
            clock.ahead = 2 * PATIENCE

    return on_progress


@pytest.fixture
def misbehave(monkeypatch: pytest.MonkeyPatch) -> Misbehave:
    """Replace the child's work by the given statements."""

    def replace_work(body: str) -> None:
        monkeypatch.setenv(BODY, body)
        monkeypatch.setattr(compute, "compute_job", children.misbehave)

    return replace_work


ANNOUNCE = """
stack = dict(output_path="stack.fits", n_frames_input=1, n_frames_aligned=1, total_exptime=10.0,
    date_obs_start="2025-03-27T01:20:30", date_obs_end="2025-03-27T01:20:40", width=10, height=10,
    engine="test", method="mean", frames=[], notes=[])
report.send({"so_far": {"stack": stack, "thumbnail": None, "notes": ["a note"]}})
report.begin("measuring")
"""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("ctypes.string_at(0)", "measuring crashed: SIGSEGV"),
        ("os.kill(os.getpid(), 9)", "measuring was killed by the system"),
        ("raise KeyError('surprise')", "measuring failed: KeyError: 'surprise'"),
        ("raise MemoryError", "measuring ran out of memory"),
        ("raise BadDataError('too many stars')", "too many stars"),
        ("raise OSError(errno.ENOSPC, 'No space left')", "No space left"),
        (HANG, "longer than JOB_TIMEOUT"),
        (
            "report.send({'result': {'stack': stack, 'notes': [], 'measured': {'objects': 7}}})",
            "measuring gave no valid result",
        ),
        ("report.send({'result': {'stack': 7}})", "measuring gave no valid result"),
        ("report.send({'so_far': None})", "measuring gave no valid result"),
        ("report.send({'guess': 7})", "its messages make no sense"),
        ("report.send([])", "its messages make no sense"),
        ("report._channel.write(b'{\\n')", "its messages are not JSON"),
        ("os._exit(0)", "measuring failed: it ended with code 0"),
    ],
)
def test_a_stack_outlives_the_crash_of_its_measuring(
    run: Run,
    tmp_path: Path,
    misbehave: Misbehave,
    end_of_hanging: Callable[[Progress], None],
    body: str,
    words: str,
) -> None:
    misbehave(ANNOUNCE + body)
    result = run(tmp_path, on_progress=end_of_hanging)
    assert result.stack.engine == "test"
    assert result.notes == ("a note",)
    assert result.measured is None
    assert words in str(result.trouble)


def test_limits_leave_room_for_threads_of_blas(
    run: Run, tmp_path: Path, misbehave: Misbehave
) -> None:
    misbehave(
        "a = np.ones((1500, 1500))\n"
        "assert (a @ a)[0, 0] == 1500\n"
        "limit = resource.getrlimit(resource.RLIMIT_DATA)[0]\n"
        "raise BadDataError(f'limit {limit >> 20} MB, threads {os.environ[\"OMP_NUM_THREADS\"]}')"
    )
    with pytest.raises(BadDataError, match="limit 700 MB, threads 2"):
        run(tmp_path, memory_mb=700)


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
    run: Run, tmp_path: Path, misbehave: Misbehave, body: str, error: type[Exception], words: str
) -> None:
    misbehave(body)
    with pytest.raises(error, match=words):
        run(tmp_path, memory_mb=500)


def test_a_hanging_child_is_stopped(
    run: Run, tmp_path: Path, misbehave: Misbehave, end_of_hanging: Callable[[Progress], None]
) -> None:
    misbehave(HANG)
    with pytest.raises(ComputeError, match="longer than JOB_TIMEOUT"):
        run(tmp_path, on_progress=end_of_hanging)


def test_a_lost_job_ends_the_child_and_all_it_started(
    run: Run, tmp_path: Path, misbehave: Misbehave
) -> None:
    misbehave(
        "other = subprocess.Popen(['sleep', '600'])\n"
        "report.progress('pids', os.getpid(), other.pid)\n"
        "time.sleep(600)"
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
    run: Run, tmp_path: Path, misbehave: Misbehave, capfd: pytest.CaptureFixture[str]
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
    run: Run, tmp_path: Path, misbehave: Misbehave, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKER_API_KEY", "s3cret-key")
    monkeypatch.setenv("UCLOUD_SHARE_TOKEN", "s3cret-token")
    monkeypatch.setenv("NOVA_API_KEY", "s3cret-nova-key")
    misbehave("raise BadDataError(' '.join([*os.environ.values(), *sys.argv, repr(task)]))")
    with pytest.raises(BadDataError) as told:
        run(tmp_path)
    assert "s3cret" not in str(told.value)
    assert str(tmp_path) in str(told.value), "temporary files belong in the job's folder"


@pytest.fixture(params=["cold", "warm"])
def parent(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker-like process whose child tells its process id and its parent's, and sleeps."""
    sleep = "report.progress('pids', os.getpid(), os.getppid())\ntime.sleep(600)"
    source = f"""
from pathlib import Path
from crowdsky.sandbox.limits import Limits
from crowdsky.sandbox.warm_start import WarmStart
from tests.support.children import NO_REHEARSAL, NO_SOLVERS, misbehave
from worker.job import compute

compute.compute_job = misbehave
folder = Path({str(tmp_path)!r})
warm = WarmStart(NO_REHEARSAL, 1) if {request.param!r} == "warm" else None
compute.compute(compute.ComputeTask((), folder, "", "", NO_SOLVERS), limits=Limits(4000, 600.0, 1),
    on_progress=lambda step: print(step.done, step.total, flush=True),
    check=lambda: None, warm=warm)
"""
    with subprocess.Popen(
        [sys.executable, "-c", source],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **python_path(), BODY: sleep},
    ) as process:
        yield process
        process.kill()


def test_nothing_outlives_a_killed_parent(parent: subprocess.Popen[str]) -> None:
    assert parent.stdout is not None
    child, starter = map(int, parent.stdout.readline().split())
    assert is_running(child)
    assert is_running(starter)
    parent.send_signal(signal.SIGKILL)
    wait_for_end(child)
    wait_for_end(starter)
