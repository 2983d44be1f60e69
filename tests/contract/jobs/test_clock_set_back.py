"""The site's clock is corrected backwards: nothing waits for as long as it was wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.services import Site
from tests.contract.jobs.support import Queue, Worker
from tests.contract.site.support import PASSWORD, Browser
from tests.support.rows import Rows
from tests.support.set_clock import SetClock, missing_libraries

pytestmark = pytest.mark.calendar

HOUR = 3600
LEASE_SECONDS = 300
BACKOFF_SECONDS = 60


@pytest.fixture
def clock(tmp_path: Path) -> SetClock:
    """The site's clock, right until it is set."""
    if missing := missing_libraries():
        pytest.skip(f"{', '.join(missing)} is not installed; ./dev test installs it")
    return SetClock(tmp_path / "clock")


@pytest.fixture
def site(make_site: Callable[..., Site], clock: SetClock) -> Site:
    """A site that lives by the clock."""
    return make_site(**clock.for_php)


def seconds_left(rows: Rows, job: int, column: str) -> float:
    """How long a moment of the job is away by the true clock."""
    left: float = rows.job(job)[column] / 1000 - time.time()
    return left


def test_a_dead_workers_job_comes_back_after_one_lease(
    clock: SetClock, rows: Rows, queue: Queue, worker: Worker, other_worker: Worker
) -> None:
    clock.set(5 * HOUR)
    job = queue.add_job()
    worker.claim()
    clock.set(0)
    assert seconds_left(rows, job, "lease_expires_at") > 4 * HOUR

    assert other_worker.try_claim() is None, "the lease has not run out by any clock"
    assert 0 < seconds_left(rows, job, "lease_expires_at") <= LEASE_SECONDS

    clock.set(LEASE_SECONDS + 1)
    assert other_worker.try_claim() is None, "a run that ended in silence has its pause"
    assert rows.job(job)["status"] == "retry"
    clock.set(LEASE_SECONDS + 1 + 2 * BACKOFF_SECONDS)
    lease = other_worker.claim()
    assert (lease["job_id"], lease["attempt"]) == (job, 2)


def test_cleanup_shortens_such_leases_too(
    site: Site, clock: SetClock, rows: Rows, queue: Queue, worker: Worker
) -> None:
    clock.set(HOUR)
    job = queue.add_job()
    worker.claim()
    clock.set(0)

    site.cleanup()

    assert 0 < seconds_left(rows, job, "lease_expires_at") <= LEASE_SECONDS


def test_a_living_worker_keeps_its_job(
    clock: SetClock, queue: Queue, worker: Worker, other_worker: Worker
) -> None:
    clock.set(HOUR)
    queue.add_job()
    lease = worker.claim()
    clock.set(0)

    for now in range(0, 4 * LEASE_SECONDS, LEASE_SECONDS // 3):
        clock.set(now)
        assert other_worker.try_claim() is None
        assert worker.report("heartbeat", lease, stage="stack").status_code == 200
    assert worker.report("complete_job", lease, **worker.archive(lease)).status_code == 200


def test_a_second_back_is_noticed_by_nobody(
    site: Site, clock: SetClock, rows: Rows, queue: Queue, worker: Worker, other_worker: Worker
) -> None:
    """As hosts do in a leap second, or when their clock is corrected."""
    site.create_user("owner", PASSWORD)
    owner = Browser(site)
    assert owner.log_in("owner").status_code == 302
    job = queue.add_job()
    lease = worker.claim()
    before = rows.job(job)
    clock.set(-1)

    assert owner.get("upload.php").status_code == 200
    assert other_worker.try_claim() is None
    assert rows.job(job) == before, "a second is no reason to correct a lease"
    assert worker.report("heartbeat", lease, stage="stack").status_code == 200
    report = worker.archive(lease)
    assert worker.report("complete_job", lease, **report).status_code == 200
    site.cleanup()
    assert rows.job(job)["status"] == "completed"
    assert [row["job_id"] for row in rows.all("SELECT job_id FROM stacked_frames")] == [job]


def test_a_lease_that_is_not_late_is_left_alone(
    clock: SetClock, rows: Rows, queue: Queue, worker: Worker, other_worker: Worker
) -> None:
    job = queue.add_job()
    worker.claim()
    before = rows.job(job)
    # The clock of a second host, or a small correction: not worth a write by every idle worker.
    clock.set(-30)

    assert other_worker.try_claim() is None

    assert rows.job(job) == before


def test_a_lease_of_a_longer_setting_is_its_workers(
    site: Site, rows: Rows, queue: Queue, worker: Worker, other_worker: Worker
) -> None:
    """An operator who lowers lease_seconds takes no job away from those who were promised more."""
    job = queue.add_job()
    worker.claim()
    rows.execute("UPDATE stacking_jobs SET lease_expires_at = lease_expires_at + 3600000")

    assert other_worker.try_claim() is None

    assert seconds_left(rows, job, "lease_expires_at") > HOUR


def test_a_failed_run_is_tried_again_after_its_own_pause(
    clock: SetClock, rows: Rows, queue: Queue, worker: Worker
) -> None:
    clock.set(5 * HOUR)
    job = queue.add_job()
    worker.report("fail_job", worker.claim(), error_message="no stars")
    clock.set(0)

    assert worker.try_claim() is None
    pause = seconds_left(rows, job, "not_before")
    assert 0 < pause <= 1.5 * BACKOFF_SECONDS
    assert worker.try_claim() is None
    assert seconds_left(rows, job, "not_before") <= pause, "the pause began anew"

    clock.set(2 * BACKOFF_SECONDS)
    assert worker.claim()["job_id"] == job


def test_a_pause_that_is_right_is_left_alone(rows: Rows, queue: Queue, worker: Worker) -> None:
    job = queue.add_job()
    worker.report("fail_job", worker.claim(), error_message="no stars")
    before = rows.job(job)

    assert worker.try_claim() is None

    assert rows.job(job) == before
