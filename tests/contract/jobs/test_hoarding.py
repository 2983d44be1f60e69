"""A key that takes more of the queue than it can do, or holds its jobs without an end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.jobs.support import Queue, Worker
from tests.contract.jobs.test_monitoring import log_in, scrape
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

LIMIT = 2
LEVELS = {
    "standard": ("CROWDSKY_MAX_LEASES_PER_KEY", ()),
    "trusted": ("CROWDSKY_MAX_LEASES_PER_KEY", ("trusted",)),
    "volunteer": ("CROWDSKY_VOLUNTEER_MAX_LEASES", ("volunteer",)),
}


def started_before(rows: Rows, hours: float) -> None:
    """Let all runs be as if they had begun so long ago, and their workers still reported."""
    started = datetime.now(UTC) - timedelta(hours=hours)
    rows.execute(
        "UPDATE stacking_jobs SET started_at = ? WHERE status = 'processing'",
        f"{started:%Y-%m-%d %H:%M:%S}",
    )


@pytest.fixture(params=LEVELS)
def limited(
    request: pytest.FixtureRequest, make_site: Callable[..., SiteUnderTest]
) -> tuple[SiteUnderTest, str]:
    """A site with a low limit for a level of trust, and a key of that level."""
    setting, scopes = LEVELS[request.param]
    site = make_site(**{setting: str(LIMIT), "CROWDSKY_VOLUNTEER_KNOWN_ANSWER_EVERY": "0"})
    return site, site.rows.add_key("hoarder", scopes)


def test_a_key_holds_no_more_jobs_than_it_may(limited: tuple[SiteUnderTest, str]) -> None:
    site, key = limited
    queue = Queue(site, site.rows)
    for _ in range(4):
        queue.add_job()
    workers = [Worker(site, key, name=f"machine-{number}") for number in range(3)]
    first = workers[0].claim("claim-of-the-first")
    workers[1].claim()

    assert workers[2].try_claim() is None
    assert workers[0].claim("claim-of-the-first")["job_id"] == first["job_id"]
    assert Worker(site, site.rows.add_key("another", ["trusted"])).try_claim() is not None

    assert workers[0].report("release_job", first, reason="enough").status_code == 200
    assert workers[2].try_claim() is not None
    assert workers[0].try_claim() is None


def test_claims_at_the_same_time_do_not_pass_the_limit(limited: tuple[SiteUnderTest, str]) -> None:
    site, key = limited
    queue = Queue(site, site.rows)
    for _ in range(12):
        queue.add_job()
    worker = Worker(site, key)

    with ThreadPoolExecutor(8) as pool:
        leases = list(pool.map(lambda _: worker.try_claim(), range(8)))

    assert sum(lease is not None for lease in leases) == LIMIT


def test_a_lease_that_ran_out_makes_room(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site(CROWDSKY_MAX_LEASES_PER_KEY="1")
    queue = Queue(site, site.rows)
    queue.add_job()
    queue.add_job()
    worker = Worker(site, site.create_worker_key("w"))
    held = worker.claim()
    assert worker.try_claim() is None

    site.rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1 WHERE status = 'processing'")

    assert worker.claim()["job_id"] != held["job_id"]


def test_heartbeats_do_not_carry_a_job_beyond_its_longest_run(
    site: SiteUnderTest, rows: Rows, queue: Queue, worker: Worker
) -> None:
    job = queue.add_job()
    lease = worker.claim()
    started_before(rows, 6 - 100 / 3600)
    assert worker.report("heartbeat", lease, stage="stack").status_code == 200
    left = rows.job(job)["lease_expires_at"] / 1000 - datetime.now(UTC).timestamp()
    assert 60 < left <= 101

    started_before(rows, 6)
    refused = worker.report("heartbeat", lease, stage="stack")
    assert (refused.status_code, refused.json()["code"]) == (409, "lease_lost")
    assert "longer than 6 hours" in refused.json()["error"]

    rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1")
    assert Worker(site, site.create_worker_key("other")).try_claim() is None
    row = rows.job(job)
    assert (row["status"], row["attempts"]) == ("retry", 1)
    assert "took longer than the 6 hours that a run may take during: stack" in row["error_message"]


def test_a_result_that_comes_late_counts_while_nobody_else_has_the_job(
    rows: Rows, queue: Queue, worker: Worker
) -> None:
    job = queue.add_job(frames=2)
    lease = worker.claim()
    result = worker.archive(lease)
    started_before(rows, 7)

    assert worker.report("complete_job", lease, **result).status_code == 200
    assert rows.job(job)["status"] == "completed"


def test_the_longest_run_is_a_setting(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site(CROWDSKY_MAX_RUN_HOURS="48")
    Queue(site, site.rows).add_job()
    worker = Worker(site, site.create_worker_key("w"))
    lease = worker.claim()
    started_before(site.rows, 47)
    assert worker.report("heartbeat", lease).status_code == 200

    started_before(site.rows, 48)
    assert worker.report("heartbeat", lease).status_code == 409


def test_a_queue_that_one_key_took_raises_the_alarm(
    site: SiteUnderTest, rows: Rows, queue: Queue, worker: Worker
) -> None:
    admin = log_in(site, "operator", admin=True)
    queue.add_job()
    worker.claim()
    assert scrape(site)["crowdsky_long_runs"] == scrape(site)["crowdsky_stalled"] == 0

    started_before(rows, 4)

    assert scrape(site)["crowdsky_long_runs"] == scrape(site)["crowdsky_stalled"] == 1
    assert "1 job has been running for more than half" in " ".join(
        admin.get("admin.php").text.split()
    )
