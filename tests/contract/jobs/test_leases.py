"""heartbeat, fail_job, release_job, expiry and cancelling: how a job changes hands."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from demo.services import Site
from tests.contract.jobs.support import Queue, Worker
from tests.support.rows import Rows

pytestmark = pytest.mark.calendar

A_LEASE = 301
"""Seconds, one more than a lease lasts by default."""


@pytest.fixture
def hasty(make_site: Callable[..., Site]) -> tuple[Site, Rows, Queue]:
    """A site whose retries come at once."""
    site = make_site(CROWDSKY_RETRY_BACKOFF_SECONDS="0")
    rows = site.rows
    return site, rows, Queue(site, rows)


def run_down(rows: Rows, seconds: float) -> None:
    """Let all leases be as if so much of them had passed; waiting would be slow and by chance."""
    rows.execute(
        "UPDATE stacking_jobs SET lease_expires_at = lease_expires_at - ?"
        " WHERE lease_expires_at IS NOT NULL",
        int(1000 * seconds),
    )


def test_heartbeat_prolongs_the_lease_and_shows_the_progress(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job()
    lease = worker.claim()
    rows.execute("UPDATE stacking_jobs SET lease_expires_at = lease_expires_at - 200000")
    before = rows.job(job)["lease_expires_at"]

    answer = worker.report(
        "heartbeat", lease, stage="stack", progress=0.5, message="frame 20 of 40"
    )

    assert answer.json() == {"ok": True, "action": "continue", "lease_seconds": 300}
    row = rows.job(job)
    assert row["lease_expires_at"] > before + 190_000
    assert (row["stage"], row["progress"]) == ("stack", 0.5)
    assert row["progress_message"] == "frame 20 of 40"


def test_two_equal_heartbeats_in_one_second_are_both_answered(worker: Worker, queue: Queue) -> None:
    queue.add_job()
    lease = worker.claim()

    answers = [worker.report("heartbeat", lease, stage="solve", progress=0.25) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200] * 4


def test_heartbeats_carry_a_job_beyond_its_first_lease(make_site: Callable[..., Site]) -> None:
    site = make_site(CROWDSKY_LEASE_SECONDS="300")
    rows = site.rows
    queue = Queue(site, rows)
    worker = Worker(site, site.create_worker_key("w"))
    queue.add_job()
    lease = worker.claim()

    for _ in range(4):
        run_down(rows, 100)
        assert worker.report("heartbeat", lease, stage="stack").status_code == 200
    assert worker.get("next_job").status_code == 204


def test_expired_lease_goes_to_the_next_worker_and_counts_as_a_run(
    hasty: tuple[Site, Rows, Queue],
) -> None:
    site, rows, queue = hasty
    first = Worker(site, site.create_worker_key("first"))
    second = Worker(site, site.create_worker_key("second"))
    job = queue.add_job()
    stale = first.claim()
    run_down(rows, A_LEASE)

    fresh = second.claim()

    assert (fresh["job_id"], fresh["attempt"]) == (job, 2)
    assert fresh["attempt_tag"] != stale["attempt_tag"]
    assert rows.events(job) == ["claimed", "expired, will retry", "claimed"]
    for endpoint in ("heartbeat", "fail_job", "release_job"):
        answer = first.report(endpoint, stale)
        assert (answer.status_code, answer.json()["code"]) == (409, "lease_lost")
    assert rows.job(job)["status"] == "processing"


def test_lease_is_over_when_its_time_is_over_even_if_nobody_took_it(
    hasty: tuple[Site, Rows, Queue],
) -> None:
    site, rows, queue = hasty
    worker = Worker(site, site.create_worker_key("w"))
    job = queue.add_job()
    lease = worker.claim()
    run_down(rows, A_LEASE)

    answer = worker.report("heartbeat", lease)
    files = worker.get("job_files", job_id=job)

    assert (answer.status_code, answer.json()["code"]) == (409, "lease_lost")
    assert files.status_code == 409


def test_a_job_that_silences_three_workers_is_given_up(
    hasty: tuple[Site, Rows, Queue],
) -> None:
    site, rows, queue = hasty
    worker = Worker(site, site.create_worker_key("w"))
    job = queue.add_job()
    for _ in range(3):
        worker.claim()
        run_down(rows, A_LEASE)

    assert worker.get("next_job").status_code == 204
    row = rows.job(job)
    assert (row["status"], row["attempts"]) == ("failed", 3)
    assert "fell silent" in row["error_message"]
    assert all(path.exists() for path in queue.raw_paths(job))


def test_asking_for_the_files_keeps_an_older_worker_alive(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(CROWDSKY_LEASE_SECONDS="300")
    rows = site.rows
    queue = Queue(site, rows)
    worker = Worker(site, site.create_worker_key("w"))
    job = queue.add_job()
    worker.claim()

    for _ in range(4):
        run_down(rows, 100)
        files = worker.get("job_files", job_id=job)
        assert files.status_code == 200


def test_third_failure_ends_in_failed_with_raws_kept(
    hasty: tuple[Site, Rows, Queue],
) -> None:
    site, rows, queue = hasty
    worker = Worker(site, site.create_worker_key("w"))
    job = queue.add_job(frames=2)

    statuses = []
    for _ in range(3):
        lease = worker.claim()
        answer = worker.report("fail_job", lease, error_message="no stars", stage="stack")
        statuses.append(answer.json()["status"])

    assert statuses == ["retry", "retry", "failed"]
    row = rows.job(job)
    assert (row["status"], row["error_message"], row["stage"]) == ("failed", "no stars", "stack")
    assert row["completed_at"] is not None
    assert worker.get("next_job").status_code == 204
    site.cleanup()
    assert all(path.exists() for path in queue.raw_paths(job))


def test_failure_that_no_retry_can_mend_is_final_at_once(worker: Worker, queue: Queue) -> None:
    queue.add_job()
    lease = worker.claim()

    answer = worker.report("fail_job", lease, error_message="bad frames", retryable=False)

    assert answer.json() == {"ok": True, "status": "failed"}


def test_retry_is_delayed_with_jitter(worker: Worker, queue: Queue, rows: Rows) -> None:
    job = queue.add_job()
    lease = worker.claim()

    worker.report("fail_job", lease, error_message="x")

    delay = rows.job(job)["not_before"] / 1000 - time.time()
    assert 25 < delay < 91
    assert worker.get("next_job").status_code == 204


def test_repeated_failure_is_counted_once(worker: Worker, queue: Queue, rows: Rows) -> None:
    job = queue.add_job()
    lease = worker.claim()

    answers = [worker.report("fail_job", lease, error_message="x").json() for _ in range(3)]

    assert answers == [{"ok": True, "status": "retry"}] * 3
    assert rows.job(job)["attempts"] == 1
    assert len(rows.events(job)) == 2
    assert rows.one("SELECT jobs_failed FROM workers")["jobs_failed"] == 1


def test_release_gives_the_run_back(
    worker: Worker, other_worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job()
    lease = worker.claim()

    answers = [worker.report("release_job", lease, reason="shutdown").json() for _ in range(2)]

    assert answers == [{"ok": True, "status": "pending"}] * 2
    assert rows.job(job)["attempts"] == 0
    again = other_worker.claim()
    assert (again["job_id"], again["attempt"]) == (job, 1)
    assert again["lease_token"] != lease["lease_token"]
    late = worker.report("release_job", lease, reason="shutdown")
    assert (late.status_code, late.json()["code"]) == (409, "lease_lost")
    assert rows.job(job)["status"] == "processing"


def test_cancelled_job_is_announced_at_the_heartbeat(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job()
    lease = worker.claim()
    rows.execute("UPDATE stacking_jobs SET status = 'cancelled' WHERE id = ?", job)

    answer = worker.report("heartbeat", lease)

    assert answer.status_code == 200
    assert answer.json()["action"] == "cancel"
    for endpoint in ("fail_job", "release_job"):
        assert worker.report(endpoint, lease).status_code == 409
    assert rows.job(job)["status"] == "cancelled"


@pytest.mark.parametrize("endpoint", ["heartbeat", "fail_job", "release_job", "complete_job"])
def test_neither_a_wrong_token_nor_another_key_moves_a_job(
    endpoint: str, worker: Worker, other_worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job()
    lease = worker.claim()
    fields = {"ucloud_path": "/x", "n_frames_aligned": 1}
    wrong: list[Any] = [
        worker.report(endpoint, {**lease, "lease_token": "0" * 64}, **fields),
        worker.report(endpoint, {**lease, "lease_token": ""}, **fields),
        other_worker.report(endpoint, lease, **fields),
        other_worker.post(endpoint, job_id=job, **fields),
    ]

    assert [answer.status_code for answer in wrong] == [409] * 4
    assert {answer.json()["code"] for answer in wrong} == {"lease_lost"}
    row = rows.job(job)
    assert (row["status"], row["attempts"]) == ("processing", 1)
    assert rows.events(job) == ["claimed"]


@pytest.mark.parametrize("endpoint", ["heartbeat", "fail_job", "release_job", "complete_job"])
def test_unknown_jobs_are_404(endpoint: str, worker: Worker) -> None:
    answer = worker.post(endpoint, job_id=999, ucloud_path="/x", n_frames_aligned=1)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_lease_token_is_taken_from_the_header_too(site: Site, worker: Worker, queue: Queue) -> None:
    job = queue.add_job()
    lease = worker.claim()
    with_token = Worker(site, "unused")
    with_token.headers = {**worker.headers, "X-Lease-Token": lease["lease_token"]}
    with_wrong = Worker(site, "unused")
    with_wrong.headers = {**worker.headers, "X-Lease-Token": "f" * 64}

    assert with_token.post("heartbeat", job_id=job).status_code == 200
    assert with_wrong.post("heartbeat", job_id=job).status_code == 409


@pytest.mark.parametrize("after", ["silence", "expiry", "the last expiry"])
def test_a_stack_that_comes_after_the_lease_is_welcome_while_nobody_else_has_the_job(
    hasty: tuple[Site, Rows, Queue], after: str
) -> None:
    site, rows, queue = hasty
    worker = Worker(site, site.create_worker_key("w"))
    job = queue.add_job(max_attempts=1 if after == "the last expiry" else 3)
    lease = worker.claim()
    report = worker.archive(lease)
    run_down(rows, A_LEASE)
    if after != "silence":
        site.cleanup()

    answer = worker.report("complete_job", lease, **report)

    assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    assert rows.job(job)["status"] == "completed"
