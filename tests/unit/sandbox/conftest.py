"""Fixtures for tests of workers and their children."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox import run_task
from crowdsky.sandbox.limits import Limits
from crowdsky.sandbox.run_task import Ended, Progress
from crowdsky.sandbox.task import Arguments, Result, Task
from crowdsky.sandbox.warm_start import WarmStart
from crowdsky.synthetic.sky import SEESTAR_S50, demo_nights, write_night
from tests.support.children import NO_REHEARSAL, NO_SOLVERS, misbehave
from worker.job import compute
from worker.job.compute import LIMIT_NAMES, ComputeResult, ComputeTask
from worker.job.rehearsal import rehearsal

PATIENCE = 500.0


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
        return compute.compute(
            ComputeTask(subs, folder, engine, "test", recipe),
            limits=Limits(memory_mb, PATIENCE, threads=2, names=LIMIT_NAMES),
            on_progress=on_progress,
            check=check,
            warm=self.warm_start_in(folder),
        )


@dataclass
class Start:
    """Runs any task in a child process."""

    warm: WarmStart | None

    def __call__(
        self,
        task: Task[Arguments, Result],
        folder: Path,
        *,
        seconds: float = PATIENCE,
        memory_mb: int = 4000,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> Ended[Result]:
        return run_task.run_task(
            task,
            folder=folder,
            limits=Limits(memory_mb, seconds, threads=2),
            on_progress=on_progress,
            check=lambda: None,
            warm=self.warm,
        )


@pytest.fixture(scope="module")
def rehearsed() -> Iterator[WarmStart]:
    """A warm start that is ready for real work."""
    with closing(WarmStart(rehearsal(NO_SOLVERS), threads=2)) as warm:
        yield warm


@pytest.fixture(params=["cold", "warm"])
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Computes in a cold child and in a warm one; the warm start lives as long as the test."""
    if request.param == "cold":
        yield Run(lambda folder: None)
        return
    monkeypatch.delattr(run_task, "ColdChild")  # no falling back unseen
    with ExitStack() as opened:

        def warm_start_in(folder: Path) -> WarmStart:
            if compute.compute_job is not misbehave:
                rehearsed: WarmStart = request.getfixturevalue("rehearsed")
                return rehearsed
            return opened.enter_context(closing(WarmStart(NO_REHEARSAL, threads=2)))

        yield Run(warm_start_in)


@pytest.fixture(params=["cold", "warm"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Runs tasks in cold children and in those of a fork server that rehearsed a job."""
    if request.param == "cold":
        return Start(None)
    monkeypatch.delattr(run_task, "ColdChild")  # no falling back unseen
    return Start(request.getfixturevalue("rehearsed"))


@pytest.fixture(scope="session")
def subs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three small subs of real stars around M 81."""
    rng = np.random.default_rng(1)
    night, _ = demo_nights(rng, 3, SEESTAR_S50.resized(600, 800))
    night = replace(night, satellites=())
    return list(write_night(tmp_path_factory.mktemp("subs"), night, rng).paths)
