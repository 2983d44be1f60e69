"""next_job: order, leases, idempotent claims, and who may ask."""

from __future__ import annotations

import re
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from demo.services import Site
from tests.contract.jobs.support import Queue, Worker, job_columns
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest


def test_answers_204_without_a_body_when_there_is_no_work(worker: Worker) -> None:
    answer = worker.get("next_job", worker_id="w", claim_id=str(uuid.uuid4()))

    assert answer.status_code == 204
    assert answer.content == b""


def test_lease_carries_everything_a_worker_needs(worker: Worker, queue: Queue) -> None:
    job = queue.add_job(frames=2)

    lease = worker.claim(version="1.2")

    assert len(lease.pop("lease_token")) == 64
    assert lease.pop("oldest_archive_id") == lease["archive_id"]
    assert re.fullmatch("[0-9a-f]{16}", lease.pop("archive_id"))
    facts = lease.pop("archive_facts")
    row = queue.rows.job(job)
    known = {"job_id": job, "worker_name": "tester", "stack": None}
    assert facts == {name: row[name] for name in facts if name not in known} | known
    assert facts["group_key"] and facts["time_block"] == "20260101.00"
    tag = lease.pop("attempt_tag")
    assert tag.startswith("a1-")
    assert len(tag) == 11
    assert lease == {
        "job_id": job,
        "kind": "stack",
        "user_id": queue.user_id,
        "upload_session_id": queue.rows.job(job)["upload_session_id"],
        "chunk_key": "20260101.00_192.7_+41.1",
        "chunk_key_hp": "20260101.00_HP032427",
        "object_name": "M 94",
        "frame_count": 2,
        "total_bytes": 6000,
        "session_ucloud_path": None,
        "lease_seconds": 300,
        "heartbeat_seconds": 100,
        "attempt": 1,
        "max_attempts": 3,
        "stack": None,
        "options": None,
        "hips": None,
        "calibrate": None,
        "series": None,
        "hats": None,
        "may_tell_position": False,
    }


def test_higher_priority_comes_first_and_then_the_older_job(worker: Worker, queue: Queue) -> None:
    young = queue.add_job(created_at="2026-01-03 00:00:00")
    old = queue.add_job(created_at="2026-01-01 00:00:00")
    retried = queue.add_job(created_at="2026-01-02 00:00:00", status="retry", attempts=1)
    urgent = queue.add_job(created_at="2026-01-04 00:00:00", priority=5)

    assert [worker.claim()["job_id"] for _ in range(4)] == [urgent, old, retried, young]


def test_a_priority_without_a_claimable_job_hides_none_below_it(
    worker: Worker, queue: Queue
) -> None:
    queue.add_job(priority=9, status="retry", not_before=2**45)
    queue.add_job(priority=7, kind="rescan")
    low = queue.add_job(priority=-1)

    assert worker.claim()["job_id"] == low


def test_a_claim_id_used_again_after_a_release_gives_another_token(
    worker: Worker, queue: Queue
) -> None:
    job = queue.add_job()
    claim_id = str(uuid.uuid4())
    first = worker.claim(claim_id=claim_id)
    worker.post("release_job", job_id=job, lease_token=first["lease_token"], reason="shutdown")
    time.sleep(1.0)  # a lease is told from the next one by the second it began

    again = worker.claim(claim_id=claim_id)

    assert again["job_id"] == job
    assert again["attempt"] == first["attempt"]
    assert again["lease_token"] != first["lease_token"]


def test_a_retry_waits_until_its_time(worker: Worker, queue: Queue) -> None:
    queue.add_job(status="retry", attempts=1, not_before=2**52)

    assert worker.get("next_job").status_code == 204


def test_jobs_of_another_kind_are_not_given_to_stacking_workers(
    worker: Worker, queue: Queue
) -> None:
    queue.add_job(kind="measure")

    assert worker.get("next_job").status_code == 204


def test_same_claim_id_gives_the_same_lease(worker: Worker, queue: Queue) -> None:
    queue.add_job()
    queue.add_job()
    claim_id = str(uuid.uuid4())

    first = worker.claim(claim_id)

    assert worker.claim(claim_id) == first
    assert worker.claim()["job_id"] != first["job_id"]


def test_claim_id_of_another_key_gives_no_access(
    worker: Worker, other_worker: Worker, queue: Queue
) -> None:
    queue.add_job()
    claim_id = str(uuid.uuid4())
    worker.claim(claim_id)

    answer = other_worker.get("next_job", claim_id=claim_id)

    assert answer.status_code == 204


@pytest.mark.parametrize("jobs", [1, 5])
def test_twenty_equal_claims_at_once_give_one_lease(
    jobs: int, worker: Worker, queue: Queue, rows: Rows
) -> None:
    for _ in range(jobs):
        queue.add_job()
    claim_id = str(uuid.uuid4())

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: worker.get("next_job", claim_id=claim_id), range(20)))

    assert {answer.status_code for answer in answers} <= {200, 503}
    assert len({answer.json()["lease_token"] for answer in answers if answer.ok}) == 1
    assert len(rows.all("SELECT id FROM stacking_jobs WHERE status = 'processing'")) == 1


def test_claim_id_can_be_used_again_after_its_lease_ended(worker: Worker, queue: Queue) -> None:
    queue.add_job()
    claim_id = str(uuid.uuid4())
    lease = worker.claim(claim_id)
    assert worker.report("fail_job", lease, error_message="x", retryable=False).ok
    second = queue.add_job()

    assert worker.claim(claim_id)["job_id"] == second


@pytest.mark.parametrize("waiting", [200, pytest.param(2000, marks=pytest.mark.every)])
def test_twenty_claimers_empty_a_long_queue_without_a_double(
    waiting: int, make_site: Callable[..., SiteUnderTest]
) -> None:
    site = make_site(CROWDSKY_MAX_LEASES_PER_KEY="0")
    rows = site.rows
    queue = Queue(site, rows)
    session = queue.add_session()
    jobs = [job_columns(queue.user_id, session) for _ in range(waiting)]
    rows.run([{"insert": "stacking_jobs", "values": job} for job in jobs])
    key = site.create_worker_key("crowd")

    with ThreadPoolExecutor(20) as pool:
        taken = [
            job
            for claimed in pool.map(lambda n: claim_all(site, key, n), range(20))
            for job in claimed
        ]

    assert [job for job, times in Counter(taken).items() if times > 1] == []
    assert len(taken) == waiting
    statuses = rows.all("SELECT status, attempts, COUNT(*) AS n FROM stacking_jobs GROUP BY 1, 2")
    assert statuses == [{"status": "processing", "attempts": 1, "n": waiting}]
    assert rows.one("SELECT COUNT(*) AS n FROM job_events WHERE event = 'claimed'")["n"] == waiting


def claim_all(site: Site, key: str, number: int) -> list[int]:
    """Claim until the queue is empty; the only error allowed is a 503 that says when to return."""
    worker = Worker(site, key, name=f"crowd-{number}")
    claimed: list[int] = []
    claim_id = str(uuid.uuid4())
    while True:
        answer = worker.get("next_job", worker_id=worker.name, claim_id=claim_id)
        if answer.status_code == 204:
            return claimed
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0
            continue
        assert answer.status_code == 200, answer.text
        claimed.append(answer.json()["job_id"])
        claim_id = str(uuid.uuid4())


def test_a_claim_leaves_its_trace(worker: Worker, queue: Queue, rows: Rows) -> None:
    job = queue.add_job()

    worker.claim(version="0.1.0")

    row = rows.job(job)
    assert (row["status"], row["worker_name"], row["attempts"]) == ("processing", "tester", 1)
    assert rows.events(job) == ["claimed"]
    seen = rows.one("SELECT worker_name, version FROM workers")
    assert seen == {"worker_name": "tester", "version": "0.1.0"}


def test_lease_token_is_not_stored(site: Site, worker: Worker, queue: Queue, rows: Rows) -> None:
    job = queue.add_job()

    token = worker.claim()["lease_token"]

    assert token not in str(rows.job(job))
    assert token not in str(rows.all("SELECT * FROM job_events"))


def test_asking_for_headers_only_takes_no_job(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job()

    answer = requests.head(f"{site.api_url}/next_job.php", headers=worker.headers, timeout=30)

    assert answer.status_code == 405
    assert rows.job(job)["status"] == "pending"


@pytest.mark.parametrize("claim_id", ["short", "a" * 65, "has blank in it", "../../../../etc"])
def test_odd_claim_ids_are_refused(worker: Worker, claim_id: str) -> None:
    answer = worker.get("next_job", claim_id=claim_id)

    assert answer.status_code == 400
    assert "claim_id" in answer.json()["error"]


@pytest.mark.parametrize(
    "header",
    [None, "Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer csw_" + "0" * 64],
)
def test_calls_without_a_valid_key_are_refused(site: Site, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}

    answer = requests.get(f"{site.api_url}/next_job.php", headers=headers, timeout=30)

    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthorized"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_key_in_the_address_opens_nothing(site: Site) -> None:
    key = site.create_worker_key("w")

    answer = requests.get(f"{site.api_url}/next_job.php", params={"key": key}, timeout=30)

    assert answer.status_code == 401


def test_scheme_name_may_be_written_in_any_case(site: Site) -> None:
    key = site.create_worker_key("w")

    for scheme in ("bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} {key}"}
        answer = requests.get(f"{site.api_url}/next_job.php", headers=headers, timeout=30)
        assert answer.status_code == 204


def test_revoked_key_is_refused_at_once(site: Site, worker: Worker) -> None:
    assert worker.get("next_job").status_code == 204
    site.run_php("worker-key.php", "revoke", "1")

    assert worker.get("next_job").status_code == 401
    assert "revoked" in site.run_php("worker-key.php", "list")


def test_keys_are_stored_as_hashes(site: Site, rows: Rows) -> None:
    key = Site.create_worker_key(site, "w")

    assert key.startswith("csw_")
    assert key not in str(rows.all("SELECT * FROM api_keys"))


def test_worker_of_the_older_contract_is_served_by_its_key(worker: Worker, queue: Queue) -> None:
    job = queue.add_job()

    answer = worker.get("next_job", worker_id="worker-01")

    assert answer.json()["job_id"] == job
    files = worker.get("job_files", job_id=job).json()["files"]
    assert worker.get("download_raw", file_id=files[0]["id"]).ok
    assert worker.post("fail_job", job_id=job, error_message="x").json() == {
        "ok": True,
        "status": "retry",
    }
