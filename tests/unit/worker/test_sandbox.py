"""The child process: whatever it does, the parent gets one answer and lives on.

Everything is held to it twice: for children that start cold, and for those of the warm start. The
misbehaving ones run the real programs with their work replaced.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.children import NO_SOLVERS, is_running, program, wait_for_end
from worker import sandbox, warm_start
from worker.compute import ComputeResult, ComputeTask
from worker.demo.services import REPOSITORY
from worker.demo.sky import SEESTAR_S50, demo_nights, write_night
from worker.errors import BadDataError, ComputeError, DiskFullError, ShutdownError
from worker.recipe import Recipe
from worker.sandbox import Limits, Progress
from worker.stacking_adapter import ENGINES
from worker.warm_start import SERVER as REAL_SERVER
from worker.warm_start import WarmStart

Misbehave = Callable[[str], None]

PATIENCE = 500.0
HANG = "send.progress('hangs', 0, 1)\ntime.sleep(600)"
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
    monkeypatch.setattr(sandbox, "time", clock)

    def on_progress(progress: Progress) -> None:
        if progress.step == "hangs":
            clock.ahead = 2 * PATIENCE

    return on_progress


@pytest.fixture
def misbehave(monkeypatch: pytest.MonkeyPatch) -> Misbehave:
    """Replace the child's work by the given statements."""

    def replace_work(body: str) -> None:
        monkeypatch.setattr(sandbox, "CHILD", program(body, "compute"))
        monkeypatch.setattr(warm_start, "SERVER", program(body, "fork_server"))

    return replace_work


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmStart]:
    """A warm start that is ready for real work."""
    folder = tmp_path_factory.mktemp("kernels")
    with closing(WarmStart(NO_SOLVERS, folder, threads=2)) as warm:
        yield warm


@dataclass
class Run:
    """Computes in a child process; what is not given is harmless."""

    warm_start_in: Callable[[Path], WarmStart | None]

    def __call__(
        self,
        folder: Path,
        frames: list[Path] | None = None,
        *,
        engine: str = "native",
        recipe: Recipe = NO_SOLVERS,
        again: bool = False,
        memory_mb: int = 4000,
        on_progress: Callable[[Progress], None] = lambda _: None,
        check: Callable[[], None] = lambda: None,
    ) -> ComputeResult:
        subs = None if again else tuple(frames or [])
        return sandbox.compute(
            ComputeTask(subs, folder, engine, "test", recipe),
            limits=Limits(memory_mb, PATIENCE, threads=2),
            cache_dir=folder / "kernels",
            on_progress=on_progress,
            check=check,
            warm=self.warm_start_in(folder),
        )


@pytest.fixture(params=["cold", "warm"])
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Computes in a cold child and in a warm one; the warm start lives as long as the test."""
    if request.param == "cold":
        yield Run(lambda folder: None)
        return
    monkeypatch.delattr(sandbox, "ColdChild")  # no falling back unseen
    with ExitStack() as opened:

        def warm_start_in(folder: Path) -> WarmStart:
            if warm_start.SERVER == REAL_SERVER:
                rehearsed: WarmStart = request.getfixturevalue("rehearsed")
                return rehearsed
            return opened.enter_context(
                closing(WarmStart(NO_SOLVERS, folder / "kernels", threads=2))
            )

        yield Run(warm_start_in)


@pytest.fixture(scope="module")
def subs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    rng = np.random.default_rng(1)
    night, _ = demo_nights(rng, 3, SEESTAR_S50.resized(600, 800))
    night = replace(night, satellites=())
    return list(write_night(tmp_path_factory.mktemp("subs"), night, rng).paths)


@pytest.mark.parametrize("engine", ENGINES)
def test_real_subs_give_a_stack_and_a_thumbnail(
    run: Run, tmp_path: Path, subs: list[Path], engine: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also shows that the limits leave numba and BLAS their threads."""
    seen: list[Progress] = []
    result = run(tmp_path, subs, engine=engine, memory_mb=1200, on_progress=seen.append)
    assert engine in result.stack.engine
    assert result.stack.n_frames_aligned == 3
    assert result.stack.output_path.read_bytes().startswith(b"SIMPLE")
    assert result.thumbnail is not None
    assert result.thumbnail.read_bytes().startswith(b"\x89PNG")
    assert result.measured is not None
    assert result.measured.unsolved_reason is not None, "it was told of no solvers"
    assert result.measured.stars is not None
    stars = json.loads(result.measured.stars.read_bytes())["stars"]
    assert len(stars) == result.measured.n_stars > 0
    assert result.measured.overlay is None
    steps = list(dict.fromkeys(progress.step for progress in seen))
    assert steps[-4:] == ["thumbnail", "solve", "measure", "overlay"]
    assert all(0.0 <= progress.part <= 1.0 for progress in seen)
    assert capfd.readouterr() == ("", "")


def test_a_stack_is_measured_again_without_its_subs(
    run: Run, tmp_path: Path, subs: list[Path]
) -> None:
    first = run(tmp_path, subs)
    for path in tmp_path.glob("*.png"):
        path.unlink()
    index = Path("/usr/share/astrometry")
    if not any(index.glob("index-tycho2-*")):
        pytest.skip("no Tycho-2 index files")
    recipe = replace(NO_SOLVERS, solvers=("triangles",), index_dir=index, cache_dir=tmp_path)
    again = run(tmp_path, recipe=recipe, again=True)
    assert again.thumbnail is not None and again.thumbnail.exists()
    assert again.measured is not None and again.measured.solution is not None
    assert again.measured.solution["solver"] == "triangles"
    assert again.measured.overlay is not None and again.measured.overlay.exists()
    assert [found["messier"] for found in again.measured.objects] == ["M 81"]
    same = ("n_frames_input", "n_frames_aligned", "total_exptime", "date_obs_start",
            "date_obs_end", "width", "height", "engine", "method", "sigma_clip")  # fmt: skip
    for name in same:
        assert getattr(again.stack, name) == getattr(first.stack, name), name
    for new, old in zip(again.stack.frames, first.stack.frames, strict=True):
        assert (new.filename, new.sha256, new.used) == (old.filename, old.sha256, old.used)
        assert new.transform == old.transform
        assert new.fwhm_px == pytest.approx(old.fwhm_px, rel=1e-6)


def test_a_rescan_without_any_solver_says_what_is_missing(
    run: Run, tmp_path: Path, subs: list[Path]
) -> None:
    run(tmp_path, subs)
    result = run(tmp_path, again=True, recipe=replace(NO_SOLVERS, solvers=("astrometry",)))
    assert result.measured is None
    assert isinstance(result.trouble, ComputeError), "another worker may have them"
    assert "none of the chosen solvers" in str(result.trouble)
    assert "no Tycho-2 index files" in str(result.trouble)


@pytest.mark.parametrize("content", [b"", b"<html>", b"SIMPLE  =                    T"])
def test_a_broken_stack_is_bad_data(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "stack.fits").write_bytes(content)
    with pytest.raises(BadDataError, match=r"could not read the stack \(stack.fits\)"):
        run(tmp_path, again=True)


ANNOUNCE = """
stack = dict(output_path="stack.fits", n_frames_input=1, n_frames_aligned=1, total_exptime=10.0,
    date_obs_start="2025-03-27T01:20:30", date_obs_end="2025-03-27T01:20:40", width=10, height=10,
    engine="test", method="mean", frames=[], notes=[])
send.send({"stacked": {"stack": stack, "thumbnail": None, "notes": ["a note"]}})
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
        ("send.send({'measured': {'objects': 7}})", "measuring gave no valid result"),
        ("pass", "measuring failed: it ended with code 0"),
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


def test_unusable_subs_are_bad_data(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.fit"
    page.write_text("<html>", "utf-8")
    with pytest.raises(BadDataError, match="the sub cannot be used"):
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
        "send.progress('pids', os.getpid(), other.pid)\n"
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
    sleep = "send.progress('pids', os.getpid(), os.getppid())\ntime.sleep(600)"
    source = f"""
from pathlib import Path
from worker import sandbox, warm_start
from worker.compute import ComputeTask
from worker.recipe import Recipe
sandbox.CHILD = {program(sleep, "compute")!r}
warm_start.SERVER = {program(sleep, "fork_server")!r}
folder = Path({str(tmp_path)!r})
recipe = Recipe((), folder, 1.0, None, folder, "", "")
warm = warm_start.WarmStart(recipe, folder, 1) if {request.param!r} == "warm" else None
sandbox.compute(ComputeTask((), folder, "", "", recipe), limits=sandbox.Limits(4000, 600.0, 1),
    cache_dir=folder, on_progress=lambda step: print(step.done, step.total, flush=True),
    check=lambda: None, warm=warm)
"""
    with subprocess.Popen(
        [sys.executable, "-c", source],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
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
