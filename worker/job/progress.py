"""Takes a job from stage to stage: the lease tells the site, the log how long each stage took."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crowdsky.net.answers import Tick
from crowdsky.sandbox.run_task import Progress
from worker.job.lease import Lease
from worker.job.stages import PASSING_STAGES, Stage
from worker.job.workbench import Workbench

log = logging.getLogger(__name__)

SLOT_LOOK_SECONDS = 0.25
"""Seconds between two checks of the lease while a job waits for a compute slot."""

NOTICED_SECONDS = 1.0
"""Seconds after which even a stage that does no work is logged: something held the job up."""

STEP_SPANS = {
    "check": (0.0, 0.07),
    "defects": (0.07, 0.17),
    "detect": (0.17, 0.31),
    "align": (0.31, 0.4),
    "warp": (0.4, 0.7),
    "integrate": (0.4, 0.82),
    "combine": (0.7, 0.82),
    "write": (0.82, 0.92),
    "thumbnail": (0.92, 1.0),
}
"""Begin and end of a step of the child as a share of its stage, measured with a dozen subs on two
cores; a step that is not listed is all of its stage."""


class StageShare:
    """How far a stage of a child is; it never goes back, though the child counts in each step."""

    def __init__(self) -> None:
        self._furthest = 0.0

    def after(self, progress: Progress) -> float:
        """Return the share of the stage that is done, within 0..1, after a report of the child."""
        begin, end = STEP_SPANS.get(progress.step, (0.0, 1.0))
        self._furthest = max(self._furthest, begin + (end - begin) * progress.part)
        return self._furthest


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
