"""Stopping on purpose: what the first and the second signal do."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from types import FrameType
from typing import Any

from crowdsky.base.errors import CrowdSkyError, ShutdownError

REPORT = "report"
"""Not a stage of a job, but telling the site how it ended."""

REPORT_SECONDS = 10.0
"""After a stop signal a word to the site may take so long."""

CLAIM = "claim"
CLAIM_SECONDS = 5.0
"""A question for work that is under way: its answer, if it comes, is a job to hand back."""

Interrupted = Callable[[str], CrowdSkyError | None]
"""Tells work in the given stage that the worker stops: the error to end with, or None."""

LATE_STAGES = frozenset({"upload", "complete"})
"""Stages that get the grace period after a stop signal; what comes before is handed back."""


LOOK_SECONDS = 0.5
"""How often the main thread looks up, whatever it waits for."""


def wait_awake(running: Collection[Future[Any]]) -> None:
    """Wait for work in other threads to end, and look up in between.

    Python runs a signal's handler between two steps of the main thread. A signal that comes just
    as this thread falls asleep is noticed when it wakes: after the job, had it joined the pool.
    """
    while wait(running, LOOK_SECONDS).not_done:
        pass


class Stop:
    """Whether the worker was told to stop, and since when."""

    def __init__(self, grace_seconds: float) -> None:
        self._grace = grace_seconds
        self._requested_at: float | None = None

    @property
    def requested(self) -> bool:
        """True after the first signal."""
        return self._requested_at is not None

    def is_requested(self) -> bool:
        """``requested`` for those who ask again and again."""
        return self.requested

    def request(self) -> None:
        """Stop soon."""
        self._requested_at = time.monotonic()

    def interrupt(self, stage: str) -> CrowdSkyError | None:
        """The error that ends a job in ``stage``, or None if it may go on."""
        if self._requested_at is None:
            return None
        if time.monotonic() < self._requested_at + self._patience(stage):
            return None
        return ShutdownError("the worker was told to stop")

    def _patience(self, stage: str) -> float:
        """Seconds that work in ``stage`` is given after the signal."""
        if stage in LATE_STAGES:
            return self._grace
        return {REPORT: REPORT_SECONDS, CLAIM: CLAIM_SECONDS}.get(stage, 0.0)

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """React to SIGTERM and Ctrl+C: the first one stops, the second one ends at once."""

        def handle(number: int, _: FrameType | None) -> None:
            if self.requested:
                # Children end by themselves when this process is gone; the leases run out.
                os._exit(128 + number)
            self.request()

        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        for number in before:
            signal.signal(number, handle)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
