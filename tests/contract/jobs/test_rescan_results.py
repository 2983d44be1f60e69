"""What a rescan changes: a stack keeps what it has until something better is proven."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from demo.services import ServiceError, Site
from tests.contract.jobs.measured import OBJECTS, complete, measured_stack, measurement, solution
from tests.contract.jobs.rescans import (
    FILES,
    PICTURES,
    ask,
    claim_rescan,
    new_operator,
    on_disk,
    stack_row,
)
from tests.contract.jobs.support import Queue, Worker
from tests.support.cleanups import clean_up
from tests.support.rows import Rows


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


def test_notes_of_the_old_measurement_go_and_those_of_the_stacking_stay(
    worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    missing = "no barycentric time: ValueError"
    stack_id, _ = measured_stack(
        worker, queue, notes=["1 of 6 subs left out: clouds", missing], measurement_notes=[missing]
    )
    ask(operator, stack_id)
    complete(worker, claim_rescan(worker), notes=["no overlay"], measurement_notes=["no overlay"])

    notes = json.loads(stack_row(rows, stack_id)["notes"])
    assert notes == ["1 of 6 subs left out: clouds", "no overlay"]
    ask(operator, stack_id)
    complete(worker, claim_rescan(worker))
    assert json.loads(stack_row(rows, stack_id)["notes"]) == ["1 of 6 subs left out: clouds"]


def test_old_files_stay_until_the_new_ones_are_proven(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(CROWDSKY_RAW_GRACE_HOURS="0")
    rows = site.rows
    worker = Worker(site, site.create_worker_key("w"))
    stack_id, _ = measured_stack(worker, Queue(site, rows))
    old = on_disk(site, stack_row(rows, stack_id))
    clean_up(site)
    ask(new_operator(site), stack_id)
    complete(worker, claim_rescan(worker))
    new = on_disk(site, stack_row(rows, stack_id))
    body = new[0].read_bytes()

    assert all(path.exists() for path in [*old, *new])
    new[0].write_bytes(b"damaged")
    with pytest.raises(ServiceError, match="stacks NOT verified: 1"):
        clean_up(site)
    assert all(path.exists() for path in old)
    new[0].write_bytes(body)
    assert "files replaced by rescans: 7" in site.cleanup("--dry-run")
    assert all(path.exists() for path in old)
    assert "files replaced by rescans: 7" in site.cleanup()
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in new)
    assert "files replaced by rescans: 0" in clean_up(site)


def test_replaced_files_stay_through_the_grace_period(
    site: Site, worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stack_id, _ = measured_stack(worker, queue)
    old = on_disk(site, stack_row(rows, stack_id))
    ask(operator, stack_id)
    complete(worker, claim_rescan(worker))

    assert "files replaced by rescans: 0" in clean_up(site)
    assert all(path.exists() for path in old)


def test_pictures_and_notes_that_are_not_renewed_stay(
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
    for name in (*PICTURES, "notes"):
        assert after[name] == before[name], name
    assert (after["overlay_path"], after["stars_path"]) == (None, None)
    replaced = {row["path"] for row in rows.all("SELECT path FROM replaced_objects")}
    assert replaced == {before[name] for name in FILES if name not in PICTURES}


def test_replaced_files_go_by_the_grace_period_that_is_set_now(
    site: Site,
    worker: Worker,
    operator: Worker,
    queue: Queue,
    rows: Rows,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stack_id, _ = measured_stack(worker, queue)
    ask(operator, stack_id)
    lease = claim_rescan(worker)
    report = {**worker.archive(lease), **measurement()}
    assert worker.report("complete_job", lease, **report).status_code == 200

    monkeypatch.setitem(site._settings, "CROWDSKY_RAW_GRACE_HOURS", "24")
    clean_up(site)
    assert rows.all("SELECT id FROM replaced_objects") != []
    monkeypatch.setitem(site._settings, "CROWDSKY_RAW_GRACE_HOURS", "0")
    clean_up(site)
    assert rows.all("SELECT id FROM replaced_objects") == []


def test_completing_a_rescan_again_changes_nothing(
    worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stack_id, _ = measured_stack(worker, queue)
    ask(operator, stack_id)
    lease = claim_rescan(worker)
    report = {**worker.archive(lease), **measurement()}

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: worker.report("complete_job", lease, **report), range(4)))
    answers.append(worker.report("complete_job", lease, **report))

    assert {answer.status_code for answer in answers} <= {200, 503}
    assert {answer.json()["stack_id"] for answer in answers if answer.ok} == {stack_id}
    assert len(rows.all("SELECT id FROM replaced_objects")) == len(FILES) - len(PICTURES)


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
        return {
            path for path in (site.data_dir / "stacks/crowdsky/stacks").rglob("*") if path.is_file()
        }

    clean_up(site)
    assert len(stored() - kept) == 1
    rows.execute(
        "UPDATE stacking_jobs SET completed_at = '2026-01-01 00:00:00' WHERE id = ?",
        lease["job_id"],
    )
    for _ in range(2):
        clean_up(site)
    assert stored() == kept
    assert rows.events(lease["job_id"])[-1] == "leftovers removed"
    assert rows.events(lease["job_id"]).count("leftovers removed") == 1
