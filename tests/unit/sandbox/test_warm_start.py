"""The warm start: it gives what the cold start gives, and its own troubles cost no job anything."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import BadDataError, ComputeError, ShutdownError
from crowdsky.sandbox import warm_start
from crowdsky.sandbox.limits import Limits
from crowdsky.sandbox.run_task import Progress
from crowdsky.sandbox.warm_start import WarmStart, open_warm_start
from crowdsky.synthetic.sky import SEESTAR_S50, demo_nights, write_night
from tests.support.children import BODY, NO_REHEARSAL, NO_SOLVERS, misbehave, wait_for_end
from worker.job import compute as job_compute
from worker.job.compute import ComputeResult, ComputeTask
from worker.job.rehearsal import rehearsal

pytestmark = pytest.mark.slow

INDEX_DIR = Path("/usr/share/astrometry")
RECIPE = replace(NO_SOLVERS, solvers=("astrometry", "triangles"), index_dir=INDEX_DIR)

MOMENTS = {"CHECKSUM", "DATASUM", "PROCDATE", "PLTTIME", "DATE"}
"""Header cards that say when and how fast."""

TELL = "report.progress('pids', os.getpid(), os.getppid())\n"


def compute(
    folder: Path,
    warm: WarmStart | None,
    subs: tuple[Path, ...] = (),
    *,
    on_progress: Callable[[Progress], None] = lambda _: None,
    check: Callable[[], None] = lambda: None,
) -> ComputeResult:
    folder.mkdir(exist_ok=True)
    recipe = replace(RECIPE, cache_dir=folder)
    return job_compute.compute(
        ComputeTask(subs, folder, "native", "test", recipe),
        limits=Limits(4000, 500.0, threads=2),
        on_progress=on_progress,
        check=check,
        warm=warm,
    )


def starter(folder: Path, warm: WarmStart | None) -> int:
    """Who started a child that tells it."""
    with pytest.raises(BadDataError) as told:
        compute(folder, warm)
    return int(str(told.value).split()[-1])


@pytest.fixture
def replace_work(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let children, cold ones and warm ones, do the given statements."""

    def replace_both(body: str) -> None:
        monkeypatch.setenv(BODY, body)
        monkeypatch.setattr(job_compute, "compute_job", misbehave)

    return replace_both


@pytest.fixture
def warm(replace_work: Callable[[str], None]) -> Iterator[WarmStart]:
    """A warm start whose children, like the cold ones, say who started them."""
    replace_work(f"{TELL}raise BadDataError(f'started by {{os.getppid()}}')")
    with closing(WarmStart(NO_REHEARSAL, threads=2)) as opened:
        yield opened


def test_forked_children_give_the_same_pixels(tmp_path: Path) -> None:
    """With two threads, in one child after the other, and with more than the rehearsal had."""
    if not any(INDEX_DIR.glob("index-tycho2-*")):
        pytest.skip("no Tycho-2 index files")
    rng = np.random.default_rng(4)
    night, _ = demo_nights(rng, 5, SEESTAR_S50.resized(700, 900))
    subs = write_night(tmp_path / "subs", night, rng).paths
    compute(tmp_path / "cold", None, subs)
    with closing(WarmStart(rehearsal(RECIPE), threads=2)) as warm:
        for name in ("first", "second"):
            result = compute(tmp_path / name, warm, subs)
            assert result.measured is not None and result.measured.solution is not None
            difference = fits.FITSDiff(
                tmp_path / "cold" / "stack.fits",
                tmp_path / name / "stack.fits",
                ignore_keywords=MOMENTS,
            )
            assert difference.identical, difference.report()
            for beside in ("thumbnail.png", "overlay.png"):
                made = (tmp_path / name / beside).read_bytes()
                assert made == (tmp_path / "cold" / beside).read_bytes()


def test_jobs_are_forked_from_one_process(warm: WarmStart, tmp_path: Path) -> None:
    server = starter(tmp_path, warm)
    assert server != os.getpid()
    assert starter(tmp_path, warm) == server
    assert starter(tmp_path, None) == os.getpid()
    warm.close()
    wait_for_end(server)


def test_jobs_run_side_by_side(replace_work: Callable[[str], None], tmp_path: Path) -> None:
    """Each waits for a file that the other one makes."""
    replace_work(
        "own, other = Path.cwd(), Path.cwd().with_name('ab'.replace(Path.cwd().name, ''))\n"
        "(own / 'here').touch()\n"
        "while not (other / 'here').exists(): time.sleep(0.01)\n"
        "raise BadDataError(f'{own.name} has met {other.name}')"
    )

    def job(name: str) -> str:
        with pytest.raises(BadDataError) as told:
            compute(tmp_path / name, warm)
        return str(told.value)

    with (
        closing(WarmStart(NO_REHEARSAL, threads=2)) as warm,
        ThreadPoolExecutor() as pool,
    ):
        assert list(pool.map(job, "ab")) == ["a has met b", "b has met a"]


def test_a_job_outlives_the_process_that_forked_it(
    replace_work: Callable[[str], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    replace_work(
        "starter = os.getppid()\n"
        + TELL
        + "while os.getppid() == starter: time.sleep(0.01)\n"
        + "raise BadDataError('done all the same')"
    )

    def kill_server(step: Progress) -> None:
        os.kill(step.total, signal.SIGKILL)

    with (
        closing(WarmStart(NO_REHEARSAL, threads=2)) as warm,
        pytest.raises(BadDataError, match="done all the same"),
    ):
        compute(tmp_path, warm, on_progress=kill_server)
    assert not caplog.records


def test_a_silent_end_without_its_starter_has_a_reason(
    replace_work: Callable[[str], None], tmp_path: Path
) -> None:
    replace_work("os.kill(os.getppid(), 9)\nos._exit(0)")
    with (
        closing(WarmStart(NO_REHEARSAL, threads=2)) as warm,
        pytest.raises(ComputeError, match="and so did the process that started it"),
    ):
        compute(tmp_path, warm)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_a_lost_or_hanging_server_costs_one_job_its_warm_start(
    warm: WarmStart,
    tmp_path: Path,
    sign: signal.Signals,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(warm_start, "ANSWER_SECONDS", 0.5)
    first = starter(tmp_path, warm)
    os.kill(first, sign)
    assert starter(tmp_path, warm) == os.getpid(), "cold"
    assert "this job starts cold, and the next one warm again" in caplog.text
    wait_for_end(first)
    monkeypatch.setattr(warm_start, "ANSWER_SECONDS", 120.0)
    assert starter(tmp_path, warm) not in (first, os.getpid())


def test_a_job_is_ended_without_the_help_of_a_hanging_server(
    replace_work: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_start, "ENDING_SECONDS", 0.5)
    # ctypes.PyDLL keeps the interpreter's lock: this child cannot see that its parent has gone.
    replace_work(f"{TELL}ctypes.PyDLL(None).sleep(600)")
    pids: list[int] = []

    def stop_server(step: Progress) -> None:
        pids.append(step.done)
        os.kill(step.total, signal.SIGSTOP)

    def check() -> None:
        if pids:
            raise ShutdownError("stop")

    with closing(WarmStart(NO_REHEARSAL, threads=2)) as warm:
        with pytest.raises(ShutdownError):
            compute(tmp_path, warm, on_progress=stop_server, check=check)
        wait_for_end(*pids)


def test_a_server_that_cannot_begin_is_not_tried_again(
    warm: WarmStart,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = "import sys; print('for the log'); sys.exit('no module named sky')"
    monkeypatch.setattr(warm_start, "SERVER", ("-c", script))
    with closing(WarmStart(NO_REHEARSAL, threads=2)) as broken:
        assert starter(tmp_path, broken) == os.getpid()
        assert starter(tmp_path, broken) == os.getpid()
    words = "the warm start has ended: no module named sky; this job starts cold, as all jobs will"
    assert [record.getMessage() for record in caplog.records] == [words]


def test_a_server_that_cannot_be_started_costs_no_job(
    warm: WarmStart,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = starter(tmp_path, warm)
    os.kill(first, signal.SIGKILL)
    assert starter(tmp_path, warm) == os.getpid()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    assert starter(tmp_path, warm) == os.getpid()
    assert "the warm start cannot begin" in caplog.text
    assert open_warm_start(NO_REHEARSAL, threads=2) is None
    assert "all jobs start cold" in caplog.text


def test_a_job_may_be_ended_while_the_server_gets_ready(
    warm: WarmStart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_start, "SERVER", ("-c", "import time; time.sleep(600)"))
    began = time.monotonic()

    def check() -> None:
        if time.monotonic() > began + 0.3:
            raise ShutdownError("stop")

    with (
        closing(WarmStart(NO_REHEARSAL, threads=2)) as slow,
        pytest.raises(ShutdownError),
    ):
        compute(tmp_path, slow, check=check)
    assert time.monotonic() < began + 300.0
