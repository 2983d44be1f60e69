"""Fixtures for tests of workers and their children."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox import run_task
from crowdsky.sandbox.limits import Limits
from crowdsky.sandbox.run_task import Progress
from crowdsky.sandbox.warm_start import WarmStart
from tests.support.children import NO_REHEARSAL, NO_SOLVERS, misbehave
from worker.job import compute
from worker.job.compute import LIMIT_NAMES, ComputeResult, ComputeTask
from worker.job.rehearsal import rehearsal

PATIENCE = 500.0


@pytest.fixture(scope="session", autouse=True)
def ready(kernels: None) -> None:
    """Every test finds the kernels compiled."""


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
            cache_dir=folder / "kernels",
            on_progress=on_progress,
            check=check,
            warm=self.warm_start_in(folder),
        )


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmStart]:
    """A warm start that is ready for real work."""
    folder = tmp_path_factory.mktemp("kernels")
    with closing(WarmStart(rehearsal(NO_SOLVERS), folder, threads=2)) as warm:
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
            return opened.enter_context(
                closing(WarmStart(NO_REHEARSAL, folder / "kernels", threads=2))
            )

        yield Run(warm_start_in)
