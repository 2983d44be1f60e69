"""The stages of a job as the site and the log see them, and what a job is worked on with."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crowdsky.measuring.recipe import Recipe
from crowdsky.net.answers import Tick
from crowdsky.net.connection import Api
from crowdsky.sandbox import run as sandbox
from crowdsky.sandbox.warm_start import WarmStart
from worker.disk.workspace import Workspace
from worker.job.archive import Store
from worker.job.lease import Lease

log = logging.getLogger(__name__)

SLOT_LOOK_SECONDS = 0.25
PASSING_STAGES = ("list", "wait")
NOTICED_SECONDS = 1.0
"""From here on a stage that does no work itself is worth a line: something else held the job up."""


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a job is worked on with.

    Attributes:
        compute_slots: as many as jobs may compute at once; others download meanwhile.
        recipe: with what stacks are solved and measured.
        kernel_dir: where compiled kernels are kept between jobs.
        warm: starts the child process of a job at once; None where each starts cold.
    """

    api: Api
    store: Store
    workspace: Workspace
    compute_slots: threading.Semaphore
    engine: str
    limits: sandbox.Limits
    recipe: Recipe
    kernel_dir: Path
    warm: WarmStart | None


@contextmanager
def in_stage(lease: Lease, name: str, about: str = "") -> Iterator[None]:
    """Enter a stage and log how long it took."""
    with in_stages(lease, name, about):
        yield


@contextmanager
def in_stages(lease: Lease, first: str, about: str = "") -> Iterator[Callable[[str], None]]:
    """Enter a stage; what it yields ends it and enters the next one."""
    present, started = first, time.monotonic()

    def end() -> None:
        seconds = time.monotonic() - started
        is_dull = present in PASSING_STAGES and seconds < NOTICED_SECONDS
        level = logging.DEBUG if is_dull else logging.INFO
        extra = {"stage": present, "seconds": seconds}
        log.log(level, "%s done%s", present, about and f": {about}", extra=extra)

    def enter(name: str) -> None:
        nonlocal present, started
        end()
        lease.enter_stage(name)
        present, started = name, time.monotonic()

    lease.enter_stage(first)
    yield enter
    end()


@contextmanager
def compute_slot(bench: Workbench, lease: Lease) -> Iterator[None]:
    """Wait for a free slot, looking whether the job is still ours."""
    with in_stage(lease, "wait"):
        while not bench.compute_slots.acquire(timeout=SLOT_LOOK_SECONDS):
            lease.check()
    try:
        yield
    finally:
        bench.compute_slots.release()


def progress_tick(lease: Lease, total_bytes: int) -> Tick:
    """A Tick that reports the share of ``total_bytes`` and stops when the job is not ours."""
    moved = 0

    def tick(count: int) -> None:
        nonlocal moved
        moved += count
        lease.check()
        lease.report(moved / max(total_bytes, 1))

    return tick
