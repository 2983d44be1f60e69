"""Stopping on purpose: what the first and the second signal do."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import contextmanager
from enum import StrEnum
from types import FrameType
from typing import Any

from crowdsky.base.errors import CrowdSkyError, ShutdownError
from worker.job.stages import LATE_STAGES, Stage


class Errand(StrEnum):
    """A call to the site that belongs to no stage of a job."""

    CLAIM = "claim"
    """Asking for work."""
    REPORT = "report"
    """Telling the site that a job failed or was released."""


ERRAND_SECONDS: Mapping[Stage | Errand, float] = {Errand.REPORT: 10.0, Errand.CLAIM: 5.0}
"""Seconds that a call may still take after a stop signal. The answer to a claim that is under way
would be a job to hand back."""

Interrupted = Callable[[Stage | Errand], CrowdSkyError | None]
"""Returns the error that ends this activity because the worker is stopping, or None."""

LOOK_SECONDS = 0.5
"""Longest time in seconds that the main thread sleeps, whatever it waits for."""


def wait_awake(running: Collection[Future[Any]]) -> None:
    """Wait for work in other threads to end, and wake up in between.

    Python runs a signal handler between two steps of the main thread. If a signal arrives just as
    this thread falls asleep, its handler runs when the thread wakes. If the thread simply joined
    the pool, that would be after the job.
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
        """``requested`` as a function, for callers that ask again and again."""
        return self.requested

    def request(self) -> None:
        """Stop soon."""
        self._requested_at = time.monotonic()

    def interrupt(self, activity: Stage | Errand) -> CrowdSkyError | None:
        """The error that ends ``activity``, or None if it may go on."""
        if self._requested_at is None:
            return None
        if time.monotonic() < self._requested_at + self._patience(activity):
            return None
        return ShutdownError("the worker was told to stop")

    def _patience(self, activity: Stage | Errand) -> float:
        """Seconds that ``activity`` may still take after the signal."""
        return self._grace if activity in LATE_STAGES else ERRAND_SECONDS.get(activity, 0.0)

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """React to SIGTERM and Ctrl+C: the first one stops, the second one ends at once."""

        def handle(number: int, _: FrameType | None) -> None:
            if self.requested:
                # Children end by themselves once this process is gone; the leases run out.
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
