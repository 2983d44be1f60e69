"""Rescans: who may ask for them, who gets them, and how they go on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from demo.services import ServiceError, Site
from tests.contract.jobs.measured import complete, measured_stack
from tests.contract.jobs.rescans import ask, claim_rescan, new_operator, on_disk, stack_row
from tests.contract.jobs.support import Queue, Worker
from tests.support.rows import Rows


def test_a_rescan_is_handed_to_workers_that_know_the_kind(
    worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stack_id, body = measured_stack(worker, queue)

    told = ask(operator, stack_id, solvers=["nova", "triangles"])

    assert (told["ok"], told["skipped"]) == (True, [])
    for kinds in ({}, {"kinds": "stack"}):
        unasked = worker.get("next_job", worker_id="w", claim_id=str(uuid.uuid4()), **kinds)
        assert unasked.status_code == 204
    lease = worker.claim(kinds="rescan")
    stack = stack_row(rows, stack_id)
    expected = {
        "job_id": told["job_ids"][0],
        "kind": "rescan",
        "frame_count": 0,
        "total_bytes": len(body),
        "object_name": stack["object_name"],
        "chunk_key": stack["chunk_key"],
        "max_attempts": 6,
        "stack": {"stack_id": stack_id, "file_size_bytes": len(body), "sha256": stack["sha256"]},
        "options": {"solvers": ["nova", "triangles"]},
    }
    assert {name: lease[name] for name in expected} == expected
    files = worker.get("job_files", {"X-Lease-Token": lease["lease_token"]}, job_id=lease["job_id"])
    assert files.json()["files"] == []


def test_fresh_subs_come_before_rescans(worker: Worker, operator: Worker, queue: Queue) -> None:
    stack_id, _ = measured_stack(worker, queue)
    ask(operator, stack_id)
    fresh = queue.add_job()

    assert worker.claim(kinds="rescan,stack")["job_id"] == fresh


@pytest.mark.parametrize("kinds", ["", "nap", "stack,,rescan"])
def test_unknown_kinds_are_refused(kinds: str, worker: Worker, queue: Queue) -> None:
    queue.add_job()

    answer = worker.get("next_job", kinds=kinds)

    assert answer.status_code == 400
    assert "'kinds'" in answer.json()["error"]


def test_the_stack_is_sent_to_the_holder_of_the_lease_only(
    site: Site, worker: Worker, other_worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stack_id, body = measured_stack(worker, queue)
    ask(operator, stack_id)
    lease = claim_rescan(worker)
    token = {"X-Lease-Token": lease["lease_token"]}

    whole = worker.get("job_stack", token, job_id=lease["job_id"])
    part = worker.get("job_stack", {**token, "Range": "bytes=2880-2889"}, job_id=lease["job_id"])

    assert whole.content == body
    assert whole.headers["ETag"] == f'"{lease["stack"]["sha256"]}"'
    assert (part.status_code, part.content) == (206, body[2880:2890])
    assert other_worker.get("job_stack", token, job_id=lease["job_id"]).status_code == 409
    on_disk(site, stack_row(rows, stack_id))[0].write_bytes(body[:-1])
    damaged = worker.get("job_stack", token, job_id=lease["job_id"])
    assert (damaged.status_code, damaged.json()["code"]) == (422, "not_stored")


def test_a_job_of_frames_has_no_stack_to_send(worker: Worker, queue: Queue) -> None:
    queue.add_job()
    lease = worker.claim()

    token = {"X-Lease-Token": lease["lease_token"]}
    assert worker.get("job_stack", token, job_id=lease["job_id"]).status_code == 404


def test_trouble_is_retried_five_times(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(CROWDSKY_RETRY_BACKOFF_SECONDS="0")
    worker = Worker(site, site.create_worker_key("w"))
    operator = new_operator(site)
    stack_id, _ = measured_stack(worker, Queue(site, site.rows))
    (job,) = ask(operator, stack_id)["job_ids"]

    ends = [
        worker.report("fail_job", claim_rescan(worker), error_message="nova is down").json()
        for _ in range(6)
    ]

    assert [end["status"] for end in ends] == ["retry"] * 5 + ["failed"]
    state = operator.get("rescan", job_id=job).json()
    assert (state["state"], state["reason"], state["attempt"]) == ("failed", "nova is down", 6)


def test_states_as_programs_see_them(worker: Worker, operator: Worker, queue: Queue) -> None:
    stack_id, _ = measured_stack(worker, queue)
    (job,) = ask(operator, stack_id)["job_ids"]

    def state() -> dict[str, Any]:
        told: dict[str, Any] = operator.get("rescan", job_id=job).json()
        return told

    assert state() == {
        "job_id": job,
        "stack_id": stack_id,
        "state": "submitted",
        "stage": None,
        "progress": None,
        "attempt": 0,
        "max_attempts": 6,
        "reason": None,
    }
    lease = claim_rescan(worker)
    worker.report("heartbeat", lease, stage="solve", progress=0.25)
    running = state()
    assert (running["state"], running["stage"]) == ("processing", "solve")
    assert (running["progress"], running["attempt"]) == (0.25, 1)
    complete(worker, lease)
    assert (state()["state"], state()["reason"]) == ("solved", None)
    assert operator.get("rescan", job_id=job + 99).status_code == 404
    assert operator.get("rescan", job_id=queue.add_job()).status_code == 404


def test_a_stack_has_one_rescan_at_a_time(
    worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    first, _ = measured_stack(worker, queue)
    second, _ = measured_stack(worker, queue)
    (job,) = ask(operator, first)["job_ids"]

    again = ask(operator, second, first, first, 999)

    assert len(again["job_ids"]) == 1
    assert [skip["stack_id"] for skip in again["skipped"]] == [first, 999]
    assert f"Rescan {job} " in again["skipped"][0]["reason"]
    with ThreadPoolExecutor(6) as pool:
        rows.execute("DELETE FROM stacking_jobs WHERE kind = 'rescan'")
        answers = list(pool.map(lambda _: operator.post("rescan", stack_ids=[first]), range(6)))
    assert sum(len(answer.json().get("job_ids", [])) for answer in answers) == 1


def test_wishes_that_make_no_sense_are_refused(worker: Worker, operator: Worker) -> None:
    for wish, field in (
        ({}, "stack_ids"),
        ({"stack_ids": []}, "stack_ids"),
        ({"stack_ids": ["1"]}, "stack_ids"),
        ({"stack_ids": list(range(1, 502))}, "stack_ids"),
        ({"stack_ids": [1], "solvers": []}, "solvers"),
        ({"stack_ids": [1], "solvers": ["oracle"]}, "solvers"),
        ({"stack_ids": [1], "solvers": "nova"}, "solvers"),
    ):
        answer = operator.post("rescan", **wish)
        assert answer.status_code == 400, wish
        assert f"'{field}'" in answer.json()["error"]
    refused = worker.post("rescan", stack_ids=[1])
    assert refused.status_code == 403
    assert "worker-key.php create --scope admin makes one" in refused.json()["error"]
    assert worker.get("rescan", job_id=1).status_code == 403


def test_health_says_whether_a_key_is_valid(worker: Worker) -> None:
    assert worker.get("health").json()["valid_key"] is True
    assert worker.get("health", {"Authorization": "Bearer csw_x"}).json()["valid_key"] is False
    assert worker.get("health", {"Authorization": "Basic eDp4"}).json()["valid_key"] is None


def test_a_key_is_made_for_known_scopes_only(site: Site) -> None:
    with pytest.raises(ServiceError, match="'everything' is no scope"):
        site.run_php("worker-key.php", "create", "--name", "x", "--scope", "everything")
