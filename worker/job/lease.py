"""Keeps one job's lease alive: a thread that sends heartbeats from claim to completion.

What the site answers (go on, cancelled, lost) is kept until the job looks, between stages and
every time it waits or moves bytes. While the site cannot be reached the job goes on for 80 % of
the lease, counted by this machine's own clock; then another worker may get it, so it stops.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType

from crowdsky.base.errors import (
    CrowdSkyError,
    JobCancelledError,
    JobGoneError,
    LeaseLostError,
)
from crowdsky.base.logs import about_job
from crowdsky.base.metrics import STAGE_SECONDS
from crowdsky.net.retry import HEARTBEAT, Waits, call_with_retry
from worker.site.records import Heartbeat, Job

log = logging.getLogger(__name__)

LONGEST_BEAT_SECONDS = 100.0
LOOK_SECONDS = 0.25
"""How often a waiting job looks whether it is still ours."""

JOIN_SECONDS = 2.0
"""A heartbeat that still hangs at the end may; the site refuses it once the job has moved on."""

SAFE_PART = 0.8
"""Part of the lease after which an unconfirmed one counts as lost."""

COMPLETE = "complete"
"""The stage in which only the site's answer to the completion counts."""

SendHeartbeat = Callable[[str, float, str], Heartbeat]
"""Sends stage, progress within 0..1 and a message."""


def steady_seconds() -> float:
    """Seconds that go on while the machine sleeps, where the system offers that (Linux)."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Lease:
    """The lease of one job; a context manager that runs the heartbeat thread.

    Args:
        job: the job as claimed.
        claimed_at: ``now()`` just before the claim was sent.
        send: one heartbeat to the site.
        now: a clock that never goes back.
        interrupted: returns the error that ends the job from inside this worker, if any
            (shutdown); asked with the name of the present stage.
    """

    def __init__(
        self,
        job: Job,
        claimed_at: float,
        send: SendHeartbeat,
        *,
        now: Callable[[], float] = steady_seconds,
        interrupted: Callable[[str], CrowdSkyError | None] = lambda stage: None,
    ) -> None:
        self._job = job
        self._send = send
        self._now = now
        self._interrupted = interrupted
        self._claimed_at = claimed_at
        self._ends_at = claimed_at + job.lease_seconds
        self._good_until = claimed_at + SAFE_PART * job.lease_seconds
        self._ended_by: CrowdSkyError | None = None
        self._stage = "claimed"
        self._stage_began = now()
        self._progress = 0.0
        self._message = ""
        self._beat_now = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"lease-{job.job_id}", daemon=True)

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._beat_now.set()
        self._count_stage()
        self._thread.join(JOIN_SECONDS)

    @property
    def stage(self) -> str:
        """The present stage of the job."""
        return self._stage

    @property
    def age(self) -> float:
        """Seconds since the job was claimed."""
        return self._now() - self._claimed_at

    @property
    def left(self) -> float:
        """Seconds until the lease ends unless it is renewed; negative when it has."""
        return self._ends_at - self._now()

    def enter_stage(self, stage: str) -> None:
        """Begin a stage: stop here if the job is no longer ours, tell the site soon otherwise."""
        self._count_stage()
        self._stage = stage
        self._progress = 0.0
        self._message = ""
        if stage == COMPLETE:
            self._check_answers()
            self.check_interrupted()
        else:
            self.check()
        self._beat_now.set()

    def _count_stage(self) -> None:
        now = self._now()
        STAGE_SECONDS.labels(self._stage).observe(now - self._stage_began)
        self._stage_began = now

    def is_over(self) -> bool:
        """Whether the work of the present stage must end: what waits on a line need not go on."""
        try:
            self.check_interrupted() if self._stage == COMPLETE else self.check()
        except CrowdSkyError:
            return True
        return False

    def report(self, progress: float, message: str = "") -> None:
        """Note how far the stage is (0..1); the next heartbeat carries it."""
        self._progress = min(1.0, max(0.0, progress))
        self._message = message

    def check(self) -> None:
        """Return if the job is still ours and the worker goes on.

        Raises:
            JobGoneError: the site said so, or the lease was not confirmed in time.
            ReleaseJobError: this worker is stopping.
        """
        self._check_answers()
        self.check_interrupted()
        if self._now() > self._good_until:
            raise LeaseLostError(
                f"gave up job {self._job.job_id}",
                why="the site could not be reached until the lease was nearly over",
            )

    def _check_answers(self) -> None:
        if self._ended_by is not None:
            raise self._ended_by

    def check_interrupted(self) -> None:
        """Return if the worker goes on; whose the job is does not matter here.

        While a completion is repeated only the site's answer to it counts: if an earlier one
        arrived, the job is finished, and a heartbeat is told that its lease is over.

        Raises:
            ReleaseJobError: this worker is stopping.
        """
        if (stopping := self._interrupted(self._stage)) is not None:
            raise stopping

    def sleep(self, seconds: float) -> None:
        """Wait, but end early with the error of ``check`` when the job is no longer ours."""
        self._sleep(seconds, self.check)

    def sleep_while_completing(self, seconds: float) -> None:
        """Wait, but end early with the error of ``check_interrupted``."""
        self._sleep(seconds, self.check_interrupted)

    def _sleep(self, seconds: float, check: Callable[[], None]) -> None:
        end = self._now() + seconds
        while True:
            check()
            left = end - self._now()
            if left <= 0:
                return
            self._stopping.wait(min(left, LOOK_SECONDS))

    def _run(self) -> None:
        with about_job(self._job.job_id):
            self._beat_until_over()

    def _beat_until_over(self) -> None:
        beat = min(self._job.heartbeat_seconds, self._job.lease_seconds / 3, LONGEST_BEAT_SECONDS)
        while not self._stopping.is_set():
            self._beat_now.wait(beat)
            self._beat_now.clear()
            if self._stopping.is_set() or not self._beat():
                return

    def _beat(self) -> bool:
        """Send one heartbeat and keep what the site says; False when the job is over."""
        asked_at = self._now()
        waits = Waits(sleep=self._rest, monotonic=self._now)
        try:
            answer = call_with_retry(HEARTBEAT, self._send_present, waits)
        except JobGoneError as error:
            self._ended_by = error
            return False
        except CrowdSkyError as error:
            # The clock decides: a refused key or a broken host may be well again in a minute.
            log.warning("heartbeat: %s", error)
            return True
        if answer.cancelled:
            self._ended_by = JobCancelledError(
                f"stopped job {self._job.job_id}", why="it was cancelled on the site"
            )
            return False
        self._ends_at = asked_at + answer.lease_seconds
        self._good_until = asked_at + SAFE_PART * answer.lease_seconds
        return True

    def _send_present(self) -> Heartbeat:
        return self._send(self._stage, self._progress, self._message)

    def _rest(self, seconds: float) -> None:
        self._stopping.wait(seconds)
