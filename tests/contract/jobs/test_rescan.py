"""Rescans: a stack is solved again, and keeps what it has until something better is proven."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.contract.jobs.measured import (
    OBJECTS,
    complete,
    measured_stack,
    measurement,
    solution,
)
from tests.contract.jobs.support import Queue, Rows, Worker, stack_file
from worker.demo.services import ServiceError, Site

FILES = ("ucloud_path", "thumbnail_path", "overlay_path", "stars_path")


@pytest.fixture
def operator(site: Site) -> Worker:
    """Somebody with a key for everything."""
    key = site.run_php("worker-key.php", "create", "--name", "op", "--scope", "admin").strip()
    return Worker(site, key, name="operator")


def ask(operator: Worker, *stack_ids: int, **fields: Any) -> dict[str, Any]:
    """Ask for rescans, which must be taken; return the answer."""
    answer = operator.post("rescan", stack_ids=list(stack_ids), **fields)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def claim_rescan(worker: Worker) -> dict[str, Any]:
    """Claim a rescan, which must be there."""
    lease = worker.claim(kinds="stack,rescan")
    assert lease["kind"] == "rescan"
    return lease


def stack_row(rows: Rows, stack_id: int) -> dict[str, Any]:
    """Return a stack's row."""
    return rows.one("SELECT * FROM stacked_frames WHERE id = ?", stack_id)


def on_disk(site: Site, row: dict[str, Any]) -> list[Path]:
    """Return where the files that a stack's row names are on disk."""
    return [site.data_dir / "stacks" / row[name].lstrip("/") for name in FILES if row[name]]


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


def test_a_solved_rescan_replaces_solution_and_files(
    site: Site, worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stack_id, _ = measured_stack(worker, queue, solution=None, unsolved_reason="clouds", objects=[])
    before = stack_row(rows, stack_id)
    ask(operator, stack_id)
    lease = claim_rescan(worker)

    same_id, body = complete(worker, lease, solution=solution(solver="nova"))

    after = stack_row(rows, stack_id)
    assert same_id == stack_id
    assert len(rows.all("SELECT id FROM stacked_frames")) == 1
    assert on_disk(site, after)[0].read_bytes() == body
    assert after["file_size_bytes"] == len(body)
    assert after["ra_deg"] == solution()["ra_deg"]
    for name in ("job_id", "n_frames_input", "n_frames_aligned", "engine", "notes", "created_at"):
        assert after[name] == before[name], name
    assert all(f"_{lease['job_id']}." in after[name] for name in FILES)
    stored = rows.one("SELECT solved, solver, reason, job_id FROM stack_solutions")
    assert stored == {"solved": 1, "solver": "nova", "reason": None, "job_id": lease["job_id"]}
    assert len(rows.all("SELECT name FROM stack_objects")) == len(OBJECTS)
    assert rows.events(lease["job_id"]) == ["created", "claimed", "completed"]


def test_old_files_stay_until_the_new_ones_are_proven(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(CROWDSKY_RAW_GRACE_HOURS="0")
    rows = Rows(site)
    worker = Worker(site, site.create_worker_key("w"))
    key = site.run_php("worker-key.php", "create", "--name", "op", "--scope", "admin").strip()
    stack_id, _ = measured_stack(worker, Queue(site, rows))
    old = on_disk(site, stack_row(rows, stack_id))
    site.cleanup()
    ask(Worker(site, key), stack_id)
    complete(worker, claim_rescan(worker))
    new = on_disk(site, stack_row(rows, stack_id))
    body = new[0].read_bytes()

    assert all(path.exists() for path in [*old, *new])
    new[0].write_bytes(b"damaged")
    with pytest.raises(ServiceError, match="stacks NOT verified: 1"):
        site.cleanup()
    assert all(path.exists() for path in old)
    new[0].write_bytes(body)
    assert "files replaced by rescans: 4" in site.cleanup("--dry-run")
    assert all(path.exists() for path in old)
    assert "files replaced by rescans: 4" in site.cleanup()
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in new)
    assert "files replaced by rescans: 0" in site.cleanup()


def test_replaced_files_stay_through_the_grace_period(
    site: Site, worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stack_id, _ = measured_stack(worker, queue)
    old = on_disk(site, stack_row(rows, stack_id))
    ask(operator, stack_id)
    complete(worker, claim_rescan(worker))

    assert "files replaced by rescans: 0" in site.cleanup()
    assert all(path.exists() for path in old)


def test_a_thumbnail_and_notes_that_are_not_renewed_stay(
    worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stack_id, _ = measured_stack(worker, queue)
    rows.execute("UPDATE stacked_frames SET notes = ?", '["one sub was trailed"]')
    before = stack_row(rows, stack_id)
    ask(operator, stack_id)
    lease = claim_rescan(worker)
    report = {**worker.archive(lease), **measurement()}
    del report["n_frames_input"], report["n_frames_aligned"]

    assert worker.report("complete_job", lease, **report).status_code == 200

    after = stack_row(rows, stack_id)
    assert (after["thumbnail_path"], after["notes"]) == (before["thumbnail_path"], before["notes"])
    assert (after["overlay_path"], after["stars_path"]) == (None, None)
    replaced = {row["path"] for row in rows.all("SELECT path FROM replaced_objects")}
    assert replaced == {before[name] for name in FILES if name != "thumbnail_path"}


def test_completing_a_rescan_again_changes_nothing(
    worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stack_id, _ = measured_stack(worker, queue)
    ask(operator, stack_id)
    lease = claim_rescan(worker)
    report = {**worker.archive(lease, stack_file(size=256)), **measurement()}

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: worker.report("complete_job", lease, **report), range(4)))
    answers.append(worker.report("complete_job", lease, **report))

    assert {answer.status_code for answer in answers} <= {200, 503}
    assert {answer.json()["stack_id"] for answer in answers if answer.ok} == {stack_id}
    assert len(rows.all("SELECT id FROM replaced_objects")) == len(FILES) - 1


def test_a_rescan_without_a_solution_or_a_file_leaves_the_stack_alone(
    worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stack_id, _ = measured_stack(worker, queue)
    before = stack_row(rows, stack_id)
    measured = rows.one("SELECT * FROM stack_solutions")
    ask(operator, stack_id)
    lease = claim_rescan(worker)
    report = worker.archive(lease)

    unsolved = worker.report("complete_job", lease, **report, **measurement(solution=None))
    silent = worker.report("complete_job", lease, **report)
    old = {**report, **measurement(), "ucloud_path": before["ucloud_path"]}
    foreign = worker.report("complete_job", lease, **old)
    wrong = worker.report("complete_job", lease, **{**report, **measurement(), "sha256": "0" * 64})

    codes = [answer.json()["code"] for answer in (unsolved, silent, foreign, wrong)]
    assert codes == ["not_solved", "not_solved", "illegal_path", "not_stored"]
    assert stack_row(rows, stack_id) == before
    failed = worker.report("fail_job", lease, error_message="no match", retryable=False)
    assert failed.json()["status"] == "failed"
    assert stack_row(rows, stack_id) == before
    assert rows.one("SELECT * FROM stack_solutions") == measured
    assert rows.all("SELECT id FROM replaced_objects") == []


def test_trouble_is_retried_five_times(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(CROWDSKY_RETRY_BACKOFF_SECONDS="0")
    worker = Worker(site, site.create_worker_key("w"))
    key = site.run_php("worker-key.php", "create", "--name", "op", "--scope", "admin").strip()
    operator = Worker(site, key)
    stack_id, _ = measured_stack(worker, Queue(site, Rows(site)))
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


def test_results_of_lost_runs_go_a_day_after_the_rescan_ended(
    site: Site, worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stack_id, _ = measured_stack(worker, queue)
    ask(operator, stack_id)
    lease = claim_rescan(worker)
    worker.archive(lease)
    worker.report("release_job", lease, reason="shutting down")
    lease = claim_rescan(worker)
    complete(worker, lease)
    kept = {
        *on_disk(site, stack_row(rows, stack_id)),
        *(
            site.data_dir / "stacks" / row["path"].lstrip("/")
            for row in rows.all("SELECT path FROM replaced_objects")
        ),
    }

    def stored() -> set[Path]:
        return {path for path in (site.data_dir / "stacks").rglob("*") if path.is_file()}

    site.cleanup()
    assert len(stored() - kept) == 1
    rows.execute(
        "UPDATE stacking_jobs SET completed_at = '2026-01-01 00:00:00' WHERE id = ?",
        lease["job_id"],
    )
    for _ in range(2):
        site.cleanup()
    assert stored() == kept
    assert rows.events(lease["job_id"])[-1] == "leftovers removed"
    assert rows.events(lease["job_id"]).count("leftovers removed") == 1


def test_health_says_whether_a_key_is_valid(worker: Worker) -> None:
    assert worker.get("health").json()["valid_key"] is True
    assert worker.get("health", {"Authorization": "Bearer csw_x"}).json()["valid_key"] is False
    assert worker.get("health", {"Authorization": "Basic eDp4"}).json()["valid_key"] is None


def test_a_key_is_made_for_known_scopes_only(site: Site) -> None:
    with pytest.raises(ServiceError, match="'everything' is no scope"):
        site.run_php("worker-key.php", "create", "--name", "x", "--scope", "everything")
