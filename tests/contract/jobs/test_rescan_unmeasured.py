"""Stacks that nobody has measured: found, queued by the page, and measured by their rescan."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from demo.services import ServiceError, Site
from tests.contract.jobs.measured import PHOTOMETRY, complete, measured_stack
from tests.contract.jobs.rescans import (
    CRASH,
    NOTHING,
    REASON,
    add_unmeasured,
    ask,
    claim_rescan,
    stack_row,
)
from tests.contract.jobs.support import Queue, Worker, job_columns
from tests.support.rows import Rows


def add_by_old_worker(worker: Worker, queue: Queue) -> int:
    """Archive a stack of a worker that does not measure; return its id."""
    job = queue.add_job(priority=9)
    lease = worker.claim()
    assert lease["job_id"] == job
    answer = worker.report("complete_job", lease, **worker.archive(lease))
    stack_id: int = answer.json()["stack_id"]
    return stack_id


def find(operator: Worker, **fields: Any) -> dict[str, Any]:
    """Ask for rescans of stacks that were not measured, which must be answered."""
    answer = operator.post("rescan", not_measured=True, **fields)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def ids(told: dict[str, Any]) -> list[int]:
    """The stacks of an answer."""
    return [stack["stack_id"] for stack in told["stacks"]]


def end_rescan(worker: Worker, words: str, *, retryable: bool = False) -> None:
    """Let a rescan fail."""
    lease = claim_rescan(worker)
    worker.report("fail_job", lease, error_message=words, retryable=retryable)


def test_what_counts_as_not_measured(worker: Worker, operator: Worker, queue: Queue) -> None:
    crashed = add_unmeasured(worker, queue)
    measured_stack(worker, queue)
    measured_stack(worker, queue, solution=None, unsolved_reason="clouds", objects=[])
    old = add_by_old_worker(worker, queue)
    half = measured_stack(worker, queue, photometry=None)[0]

    told = find(operator, dry_run=True)

    assert told == {
        "ok": True,
        "job_ids": [],
        "skipped": [],
        "stacks": [
            {"stack_id": crashed, "object_name": "M 94", "reason": REASON},
            *(
                {
                    "stack_id": stack,
                    "object_name": "M 94",
                    "reason": "not measured: its worker gave no reason",
                }
                for stack in (old, half)
            ),
        ],
        "left_out": {"under_way": 0, "failed": 0},
        "next": None,
    }


def test_they_are_queued_once(worker: Worker, operator: Worker, queue: Queue, rows: Rows) -> None:
    stacks = [add_unmeasured(worker, queue) for _ in range(3)]

    first = find(operator, solvers=["triangles"])
    second = find(operator)

    assert (len(first["job_ids"]), ids(first)) == (3, stacks)
    jobs = rows.all("SELECT stack_id, options, priority FROM stacking_jobs WHERE kind = 'rescan'")
    assert [job["stack_id"] for job in jobs] == stacks
    assert {(job["options"], job["priority"]) for job in jobs} == {
        ('{"solvers":["triangles"]}', -1)
    }
    assert (second["job_ids"], ids(second)) == ([], [])
    assert second["left_out"] == {"under_way": 3, "failed": 0}
    with ThreadPoolExecutor(4) as pool:
        rows.execute("DELETE FROM stacking_jobs WHERE kind = 'rescan'")
        answers = list(pool.map(lambda _: find(operator), range(4)))
    assert sum(len(answer["job_ids"]) for answer in answers) == 3


def test_pages_go_on_until_all_are_queued(
    worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stacks = [add_unmeasured(worker, queue) for _ in range(5)]
    ask(operator, stacks[1])

    told = [find(operator, limit=2)]
    while told[-1]["next"] is not None:
        told.append(find(operator, limit=2, after=told[-1]["next"]))

    assert [ids(one) for one in told] == [[stacks[0], stacks[2]], [stacks[3], stacks[4]], []]
    assert [one["left_out"]["under_way"] for one in told] == [1, 0, 0]
    assert len(rows.all("SELECT id FROM stacking_jobs WHERE kind = 'rescan'")) == 5


def test_a_rescan_that_failed_is_not_repeated_unasked(
    worker: Worker, operator: Worker, queue: Queue
) -> None:
    add_unmeasured(worker, queue)
    stack = add_unmeasured(worker, queue)
    (first, _) = find(operator)["job_ids"]
    end_rescan(worker, "not solved: clouds")
    end_rescan(worker, CRASH)

    again = find(operator, dry_run=True)
    everything = find(operator, dry_run=True, retry_failed=True)
    queued = find(operator, retry_failed=True)

    assert operator.get("rescan", job_id=first).json()["state"] == "failed"
    assert ids(again) == [stack], "what failed as measuring did is fixed, and another matter"
    assert again["left_out"] == {"under_way": 0, "failed": 1}
    assert len(ids(everything)) == 2
    assert everything["left_out"] == {"under_way": 0, "failed": 0}
    assert len(queued["job_ids"]) == 2


def test_what_a_person_has_cancelled_stays_cancelled(
    worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    add_unmeasured(worker, queue)
    (job,) = find(operator)["job_ids"]
    rows.execute("UPDATE stacking_jobs SET status = 'cancelled' WHERE id = ?", job)

    assert find(operator)["left_out"] == {"under_way": 0, "failed": 1}


@pytest.mark.parametrize("reason", [REASON, "not measured: " + "schön " * 500], ids=["", "cut"])
def test_the_rescan_takes_the_old_remark_away(
    reason: str, worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stack = add_unmeasured(worker, queue, reason, notes=["one sub was trailed", reason])
    assert "not measured" in stack_row(rows, stack)["notes"]
    find(operator)

    complete(worker, claim_rescan(worker), photometry=PHOTOMETRY)

    assert stack_row(rows, stack)["notes"] == '["one sub was trailed"]'
    stored = rows.one("SELECT solved, reason, photometry FROM stack_solutions")
    assert (stored["solved"], stored["reason"]) == (1, None)
    assert "zero_point_g" in stored["photometry"]
    assert find(operator)["left_out"] == {"under_way": 0, "failed": 0}


def test_a_result_that_waits_for_a_second_opinion_is_no_stack_yet(
    site: Site, operator: Worker, queue: Queue
) -> None:
    key = site.run_php("worker-key.php", "create", "--name", "vol", "--volunteer").strip()
    volunteer = Worker(site, key, name="vol")
    queue.add_job()
    lease = volunteer.claim()
    report = {**volunteer.archive(lease), **NOTHING, "unsolved_reason": REASON, "notes": [REASON]}
    assert volunteer.report("complete_job", lease, **report).status_code == 200

    assert ids(find(operator)) == []


def test_wishes_that_make_no_sense_are_refused(
    worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    stack = add_unmeasured(worker, queue)
    for wish, field in (
        ({"not_measured": "yes"}, "not_measured"),
        ({"not_measured": False}, "stack_ids"),
        ({"not_measured": True, "stack_ids": [stack]}, "stack_ids"),
        ({"not_measured": True, "limit": 0}, "limit"),
        ({"not_measured": True, "limit": 501}, "limit"),
        ({"not_measured": True, "after": -1}, "after"),
        ({"not_measured": True, "dry_run": 1}, "dry_run"),
        ({"not_measured": True, "solvers": ["oracle"]}, "solvers"),
        ({"stack_ids": [stack], "dry_run": True}, "dry_run"),
        ({"stack_ids": [stack], "retry_failed": True}, "retry_failed"),
    ):
        answer = operator.post("rescan", **wish)
        assert answer.status_code == 400, wish
        assert f"'{field}'" in answer.json()["error"], wish
    assert "'not_measured': true" in operator.post("rescan").json()["error"]
    assert worker.post("rescan", not_measured=True).status_code == 403
    assert rows.all("SELECT id FROM stacking_jobs WHERE kind = 'rescan'") == []


def test_the_command_on_the_host_of_the_site(
    site: Site, worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    first, second = (
        add_unmeasured(worker, queue),
        add_unmeasured(worker, queue, "not measured: ran out\nof memory"),
    )
    ask(operator, add_unmeasured(worker, queue))

    def run(*arguments: str) -> list[str]:
        return site.run_php("rescan.php", "--not-measured", *arguments).splitlines()

    *listed, summary = run("--dry-run")
    assert listed == [
        f"stack {first}\tM 94\t{REASON}",
        f"stack {second}\tM 94\tnot measured: ran out of memory",
    ]
    assert summary == (
        "stacks that were not measured: dry run, nothing changed; to be queued: 2; "
        "left out: 1 with a rescan under way"
    )
    assert run() == [
        "stacks that were not measured: queued: 2; left out: 1 with a rescan under way"
    ]
    jobs = rows.all("SELECT id FROM stacking_jobs WHERE kind = 'rescan'")
    assert len(jobs) == 3
    rows.execute("UPDATE stacking_jobs SET status = 'failed' WHERE kind = 'rescan'")
    assert run() == [
        "stacks that were not measured: queued: 0; left out: 3 whose last rescan brought no"
        " measurement (--retry-failed takes them too)"
    ]
    assert run("--retry-failed") == ["stacks that were not measured: queued: 3; left out: 0"]
    for wrong in ([], ["--dry-run"], ["--not-measured", "12"]):
        with pytest.raises(ServiceError, match="Usage"):
            site.run_php("rescan.php", *wrong)


def test_one_command_queues_more_than_a_page_holds(
    site: Site, worker: Worker, operator: Worker, queue: Queue, rows: Rows
) -> None:
    model = stack_row(rows, add_unmeasured(worker, queue))
    session = queue.add_session()
    steps = []
    for job in range(1_000, 2_100):
        columns = job_columns(queue.user_id, session, status="completed")
        steps.append({"insert": "stacking_jobs", "values": {**columns, "id": job}})
        values = {**model, "id": job, "job_id": job}
        steps.append({"insert": "stacked_frames", "values": values})
    rows.run(steps)

    summary = site.run_php("rescan.php", "--not-measured")

    assert summary == "stacks that were not measured: queued: 1101; left out: 0\n"
    assert find(operator)["left_out"] == {"under_way": 1_101, "failed": 0}
