"""The heartbeat thread: what the site says reaches the job, and silence has an end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from crowdsky.base.errors import (
    AccessDeniedError,
    CrowdSkyError,
    JobCancelledError,
    LeaseLostError,
    ServiceUnreachableError,
    ShutdownError,
)
from tests.support.jobs import JOB
from worker.job.lease import Lease
from worker.job.stages import Stage
from worker.site.records import Heartbeat, Job

pytestmark = pytest.mark.calendar

Beat = tuple[Stage, float, str]


def job(lease_seconds: float = 300.0, heartbeat_seconds: float = 0.02) -> Job:
    return replace(JOB, lease_seconds=lease_seconds, heartbeat_seconds=heartbeat_seconds)


class Site:
    """Answers heartbeats with what a test gives it."""

    def __init__(self, answer: Heartbeat | CrowdSkyError | None = None) -> None:
        self.answer = answer or Heartbeat(cancelled=False, lease_seconds=300.0)
        self.beats: list[Beat] = []
        self.heard = threading.Event()

    def __call__(self, stage: Stage, progress: float, message: str) -> Heartbeat:
        self.beats.append((stage, progress, message))
        self.heard.set()
        if isinstance(self.answer, CrowdSkyError):
            raise self.answer
        return self.answer


def wait_until(condition: Callable[[], bool], seconds: float = 100.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def beating() -> bool:
    """Whether the thread of heartbeats is running."""
    return any(thread.name == "lease-12" for thread in threading.enumerate())


def test_stage_and_progress_travel_with_the_heartbeat() -> None:
    site = Site()
    with Lease(job(), 0.0, site, now=lambda: 0.0) as lease:
        lease.enter_stage(Stage.DOWNLOAD)
        lease.report(0.5, "3 of 6")
        wait_until(lambda: (Stage.DOWNLOAD, 0.5, "3 of 6") in site.beats)
        lease.report(7.0)
        wait_until(lambda: (Stage.DOWNLOAD, 1.0, "") in site.beats)


def test_a_new_stage_is_reported_at_once() -> None:
    site = Site()
    with Lease(job(heartbeat_seconds=100.0), 0.0, site, now=lambda: 0.0) as lease:
        lease.enter_stage(Stage.STACK)
        assert site.heard.wait(100.0)
    assert site.beats[0][0] is Stage.STACK


def test_progress_is_reported_long_before_the_lease_needs_it() -> None:
    now = 1000.0
    site = Site()
    with Lease(job(heartbeat_seconds=100.0), now, site, now=lambda: now) as lease:
        lease.enter_stage(Stage.DOWNLOAD)
        wait_until(lambda: len(site.beats) == 1)
        lease.report(0.3)
        now = 1005.0
        wait_until(lambda: lease.report(0.31) or len(site.beats) == 2)
        lease.report(0.9)
        assert [progress for _, progress, _ in site.beats] == [0.0, 0.31]
        now = 1009.9
        lease.report(0.95)
        now = 1010.1
        wait_until(lambda: lease.report(0.96) or len(site.beats) == 3)
    assert site.beats[-1] == (Stage.DOWNLOAD, 0.96, "")


def test_progress_asks_no_site_that_does_not_answer() -> None:
    now = 1000.0
    site = Site(AccessDeniedError("key refused"))
    with Lease(job(heartbeat_seconds=100.0), now, site, now=lambda: now) as lease:
        lease.enter_stage(Stage.DOWNLOAD)
        wait_until(lambda: len(site.beats) >= 1)
        now = 1050.0
        lease.report(0.5)
        assert not lease._beat_now.is_set()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Heartbeat(cancelled=True, lease_seconds=0.0), JobCancelledError),
        (LeaseLostError("gone"), LeaseLostError),
    ],
)
def test_the_end_of_a_job_reaches_it(
    answer: Heartbeat | CrowdSkyError, error: type[CrowdSkyError]
) -> None:
    site = Site(answer)
    with Lease(job(), 0.0, site, now=lambda: 0.0) as lease:
        wait_until(lease.is_over)
        with pytest.raises(error):
            lease.check()
        with pytest.raises(error):
            lease.sleep(60.0)
        with pytest.raises(error):
            lease.enter_stage(Stage.UPLOAD)
    assert len(site.beats) == 1, "the site was asked again about a job that is over"


@pytest.mark.parametrize(
    "trouble", [ServiceUnreachableError("no connection"), AccessDeniedError("key refused")]
)
def test_trouble_is_tolerated_for_four_fifths_of_the_lease(trouble: CrowdSkyError) -> None:
    now = 1000.0
    site = Site(trouble)
    with Lease(job(lease_seconds=300.0), now, site, now=lambda: now) as lease:
        assert site.heard.wait(100.0)
        now = 1000.0 + 239.0
        lease.check()
        now = 1000.0 + 241.0
        with pytest.raises(LeaseLostError, match="could not be reached"):
            lease.check()
        site.answer = Heartbeat(cancelled=False, lease_seconds=300.0)
        wait_until(lambda: not lease.is_over())


def test_a_lease_counts_from_before_the_question() -> None:
    """A slow answer must not make the lease look longer than it is on the site."""
    now = 1000.0

    def slow_site(stage: Stage, progress: float, message: str) -> Heartbeat:
        nonlocal now
        now += 100.0
        return Heartbeat(cancelled=False, lease_seconds=300.0)

    with Lease(job(heartbeat_seconds=100.0), now, slow_site, now=lambda: now) as lease:
        lease.enter_stage(Stage.LIST)
        wait_until(lambda: now == 1100.0)
        time.sleep(0.05)
        now = 1000.0 + 239.0
        lease.check()
        now = 1000.0 + 241.0
        assert lease.is_over()


def test_a_completion_outlasts_the_end_of_its_lease() -> None:
    """After a completion whose answer was lost, heartbeats hear that the job is over."""
    site = Site()
    with Lease(job(), 0.0, site, now=time.monotonic) as lease:
        lease.enter_stage(Stage.COMPLETE)
        site.answer = LeaseLostError("the job is completed")
        wait_until(lambda: not beating())
        lease.check()
        lease.sleep(0.3)


def test_a_completion_is_sent_though_the_lease_may_be_over() -> None:
    """By our own clock it is; what the site thinks of it only the site knows."""
    now = 1000.0
    site = Site(ServiceUnreachableError("no connection"))
    with Lease(job(lease_seconds=300.0), now, site, now=lambda: now) as lease:
        now = 1000.0 + 290.0
        assert lease.is_over()
        with pytest.raises(LeaseLostError):
            lease.enter_stage(Stage.UPLOAD)
        lease.enter_stage(Stage.COMPLETE)
        assert not lease.is_over()
        assert (lease.age, lease.left) == (290.0, 10.0)
        # But when the site has said so itself, there is nothing to complete.
        site.answer = LeaseLostError("gone")
        wait_until(lambda: not beating())
        with pytest.raises(LeaseLostError, match="gone"):
            lease.enter_stage(Stage.COMPLETE)


def test_a_stopping_worker_ends_a_completion_too() -> None:
    stopping = ShutdownError("stop")
    reasons: list[CrowdSkyError | None] = [None]
    with Lease(job(), 0.0, Site(), now=lambda: 0.0, interrupted=lambda _: reasons[-1]) as lease:
        lease.enter_stage(Stage.COMPLETE)
        reasons.append(stopping)
        assert lease.reason_to_stop() is stopping
        assert lease.is_over()
        with pytest.raises(ShutdownError):
            lease.sleep(60.0)


def test_a_shutdown_is_seen_with_the_stage() -> None:
    asked: list[Stage] = []

    def interrupted(stage: Stage) -> CrowdSkyError | None:
        asked.append(stage)
        return ShutdownError("stop") if stage is Stage.STACK else None

    with Lease(job(), 0.0, Site(), now=lambda: 0.0, interrupted=interrupted) as lease:
        lease.enter_stage(Stage.DOWNLOAD)
        with pytest.raises(ShutdownError):
            lease.enter_stage(Stage.STACK)
    assert asked == [Stage.DOWNLOAD, Stage.STACK]


def test_the_thread_ends_with_the_job() -> None:
    with Lease(job(), 0.0, Site(), now=lambda: 0.0):
        assert beating()
    wait_until(lambda: not beating())
