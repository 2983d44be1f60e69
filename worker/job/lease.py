"""Keeps one job's lease alive: a thread that sends heartbeats from claim to completion.

The site's answer (go on, cancelled, lost) is kept until the job checks it: between stages, and
whenever it waits or moves bytes. While the site cannot be reached, the job goes on for 80 % of the
lease by this machine's own clock. After that another worker may get the job, so this one stops.
"""

from __future__ import annotations

import logging
import math
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
from worker.job.stages import Stage
from worker.site.records import Heartbeat, Job

log = logging.getLogger(__name__)

LONGEST_BEAT_SECONDS = 100.0
"""Longest pause between two heartbeats."""

PROGRESS_BEAT_SECONDS = 5.0
"""Seconds after an answered heartbeat from which progress is worth one of its own: the lease alone
would need so few that a page about the job would show nothing but the beginning of each stage."""

PROGRESS_STEP = 0.02
"""Least progress of a stage that is worth a heartbeat of its own."""

LOOK_SECONDS = 0.25
"""Seconds after which a waiting job checks again whether it may go on."""

JOIN_SECONDS = 2.0
"""Seconds to wait at the end for a heartbeat that is still in flight. After that it may go on by
itself: the site refuses it once the job has moved on."""

SAFE_PART = 0.8
"""Fraction of the lease after which an unconfirmed one counts as lost."""

SendHeartbeat = Callable[[Stage, float, str], Heartbeat]
"""Sends stage, progress within 0..1 and a message."""


def steady_seconds() -> float:
    """A clock in seconds that also runs while the machine sleeps, where there is one (Linux)."""
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
        interrupted: returns the error that ends a job in the given stage from inside this worker
            (shutdown), or None.
    """

    def __init__(
        self,
        job: Job,
        claimed_at: float,
        send: SendHeartbeat,
        *,
        now: Callable[[], float] = steady_seconds,
        interrupted: Callable[[Stage], CrowdSkyError | None] = lambda stage: None,
    ) -> None:
        self._job = job
        self._send = send
        self._now = now
        self._interrupted = interrupted
        self._claimed_at = claimed_at
        self._ends_at = claimed_at + job.lease_seconds
        self._good_until = claimed_at + SAFE_PART * job.lease_seconds
        self._ended_by: CrowdSkyError | None = None
        self._stage = Stage.CLAIMED
        self._stage_began = now()
        self._progress = 0.0
        self._message = ""
        self._sent_progress = 0.0
        self._progress_from = math.inf
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
    def stage(self) -> Stage:
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

    def enter_stage(self, stage: Stage) -> None:
        """Begin a stage and report it with a heartbeat at once, unless the job has to stop.

        Raises:
            JobGoneError: the job is no longer ours; before COMPLETE only the site decides that.
            ReleaseJobError: this worker is stopping.
        """
        self._count_stage()
        self._stage = stage
        self._progress = 0.0
        self._message = ""
        if self._ended_by is not None:
            raise self._ended_by
        self.check()
        self._beat_now.set()

    def _count_stage(self) -> None:
        now = self._now()
        STAGE_SECONDS.labels(self._stage).observe(now - self._stage_began)
        self._stage_began = now

    def report(self, progress: float, message: str = "") -> None:
        """Note how far the stage is (0..1); a heartbeat carries it after a few seconds at most,
        unless the last one was not answered."""
        self._progress = min(1.0, max(0.0, progress))
        self._message = message
        moved = abs(self._progress - self._sent_progress)
        if moved >= PROGRESS_STEP and self._now() >= self._progress_from:
            self._progress_from = math.inf
            self._beat_now.set()

    def reason_to_stop(self) -> CrowdSkyError | None:
        """The error that ends the work of the present stage, or None if it may go on.

        A job goes on while it is ours and this worker is not stopping. While a completion is
        repeated, it does not matter whose the job is: only the site's answer to the completion
        counts. If an earlier one arrived, the job is finished, and heartbeats are refused.
        """
        if self._stage is Stage.COMPLETE:
            return self._interrupted(self._stage)
        return self._ended_by or self._interrupted(self._stage) or self._lost_in_silence()

    def is_over(self) -> bool:
        """Whether the work of the present stage must end, connections that hang included."""
        return self.reason_to_stop() is not None

    def check(self) -> None:
        """Return if the work of the present stage may go on.

        Raises:
            JobGoneError: the site answered so, or the lease was not confirmed in time.
            ReleaseJobError: this worker is stopping.
        """
        if (reason := self.reason_to_stop()) is not None:
            raise reason

    def sleep(self, seconds: float) -> None:
        """Wait, but end early with the error of ``check`` when there is one."""
        end = self._now() + seconds
        while True:
            self.check()
            left = end - self._now()
            if left <= 0:
                return
            self._stopping.wait(min(left, LOOK_SECONDS))

    def _lost_in_silence(self) -> LeaseLostError | None:
        """The lease counts as lost when no heartbeat has been answered for most of it."""
        if self._now() <= self._good_until:
            return None
        return LeaseLostError(
            f"gave up job {self._job.job_id}",
            why="the site could not be reached until the lease was nearly over",
        )

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
        """Send one heartbeat and keep the site's answer; False when the job is over."""
        asked_at = self._now()
        self._progress_from = math.inf
        waits = Waits(sleep=self._rest, monotonic=self._now)
        try:
            answer = call_with_retry(HEARTBEAT, self._send_present, waits)
        except JobGoneError as error:
            self._ended_by = error
            return False
        except CrowdSkyError as error:
            # The clock decides: a refused key or a broken host may work again in a minute.
            log.warning("heartbeat: %s", error)
            return True
        if answer.cancelled:
            self._ended_by = JobCancelledError(
                f"stopped job {self._job.job_id}", why="it was cancelled on the site"
            )
            return False
        self._ends_at = asked_at + answer.lease_seconds
        self._good_until = asked_at + SAFE_PART * answer.lease_seconds
        self._progress_from = asked_at + PROGRESS_BEAT_SECONDS
        return True

    def _send_present(self) -> Heartbeat:
        self._sent_progress = self._progress
        return self._send(self._stage, self._sent_progress, self._message)

    def _rest(self, seconds: float) -> None:
        self._stopping.wait(seconds)
