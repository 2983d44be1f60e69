"""Takes a job from stage to stage: the lease tells the site, the log how long each stage took."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crowdsky.net.answers import Tick
from worker.job.lease import Lease
from worker.job.stages import PASSING_STAGES, Stage
from worker.job.workbench import Workbench

log = logging.getLogger(__name__)

SLOT_LOOK_SECONDS = 0.25
"""Seconds between two checks of the lease while a job waits for a compute slot."""

NOTICED_SECONDS = 1.0
"""Seconds after which even a stage that does no work is logged: something held the job up."""


@contextmanager
def in_stage(lease: Lease, stage: Stage, about: str = "") -> Iterator[None]:
    """Enter a stage and log how long it took."""
    with in_stages(lease, stage, about):
        yield


@contextmanager
def in_stages(lease: Lease, first: Stage, about: str = "") -> Iterator[Callable[[Stage], None]]:
    """Enter a stage; the function that this yields ends it and enters the next one."""
    present, started = first, time.monotonic()

    def end() -> None:
        seconds = time.monotonic() - started
        is_dull = present in PASSING_STAGES and seconds < NOTICED_SECONDS
        level = logging.DEBUG if is_dull else logging.INFO
        extra = {"stage": present, "seconds": seconds}
        log.log(level, "%s done%s", present, about and f": {about}", extra=extra)

    def enter(stage: Stage) -> None:
        nonlocal present, started
        end()
        lease.enter_stage(stage)
        present, started = stage, time.monotonic()

    lease.enter_stage(first)
    yield enter
    end()


@contextmanager
def compute_slot(bench: Workbench, lease: Lease) -> Iterator[None]:
    """Wait for a free compute slot, but only as long as the job is still ours."""
    with in_stage(lease, Stage.WAIT):
        while not bench.compute_slots.acquire(timeout=SLOT_LOOK_SECONDS):
            lease.check()
    try:
        yield
    finally:
        bench.compute_slots.release()


def progress_tick(lease: Lease, total_bytes: int) -> Tick:
    """A Tick that reports the share of ``total_bytes`` and raises when the job is not ours."""
    moved = 0

    def tick(count: int) -> None:
        nonlocal moved
        moved += count
        lease.check()
        lease.report(moved / max(total_bytes, 1))

    return tick
