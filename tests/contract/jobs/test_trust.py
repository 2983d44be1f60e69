"""A volunteer's result counts once another worker has come to the same one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from demo.services import Site
from tests.contract.jobs.support import Queue, Worker
from tests.contract.jobs.volunteers import (
    RIGHT,
    WRONG,
    Result,
    finds_nothing,
    keys,
    operator,
    states,
    volunteer,
)
from tests.support.cleanups import clean_up
from tests.support.rows import Rows

HELD = {"ok": True, "status": "held", "stack_id": None}


def test_a_result_waits_until_a_second_worker_agrees(site: Site, queue: Queue, rows: Rows) -> None:
    first, second = volunteer(site, "anna"), volunteer(site, "ben")
    job = queue.add_job()
    lease = first.claim()
    report = RIGHT.report(first, lease)

    assert first.report("complete_job", lease, **report).json() == HELD
    assert first.report("complete_job", lease, **report).json() == HELD
    waiting = rows.job(job)
    assert (waiting["status"], waiting["attempts"], waiting["n_held"]) == ("pending", 0, 1)
    assert rows.all("SELECT id FROM stacked_frames") == []
    assert finds_nothing(first)
    assert "1 held result" in " ".join(operator(site).get("admin_workers.php").text.split())

    opinion = second.claim()
    assert opinion["job_id"] == job
    other = Result(shift=0.5).complete(second, opinion)

    assert other["status"] == "completed"
    assert states(rows, job) == ["agreed"]
    assert {key["agreed_in_row"] for key in keys(rows).values()} == {1}
    assert first.report("complete_job", lease, **report).json() == HELD
    assert {row["jobs_completed"] for row in rows.all("SELECT * FROM workers")} == {1}

    rows.execute("UPDATE stacking_jobs SET completed_at = '2026-01-01 00:00:00'")
    clean_up(site)
    stored = {path.name for path in (site.data_dir / "stacks").rglob("*.fits")}
    (archived,) = rows.all("SELECT ucloud_path FROM stacked_frames")
    assert stored == {Path(archived["ucloud_path"]).name}


class Endless(Result):
    """Numbers that no computer can hold, in the header and in the star list."""

    def stack(self) -> bytes:
        """The FITS file, with an infinite sky."""
        return super().stack().replace(b"1000.0", b" 1E999")

    def stars(self) -> bytes:
        """The star list, with an infinite star before the others."""
        return super().stars().replace(b"[", b'[{"x": 1e999, "y": -1e999, "flux": 1e999}, ', 1)


def test_infinite_numbers_are_no_error_of_the_site(site: Site, queue: Queue, rows: Rows) -> None:
    first, second = volunteer(site, "anna"), volunteer(site, "ben")
    job = queue.add_job()

    assert Endless().complete(first, first.claim()) == HELD
    assert Endless().complete(second, second.claim())["status"] == "completed"

    assert states(rows, job) == ["agreed"]


def test_a_wrong_result_quarantines_its_key(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    liar = volunteer(site, "liar")
    job = queue.add_job()
    WRONG.complete(liar, liar.claim())

    assert RIGHT.complete(worker, worker.claim())["status"] == "completed"

    assert states(rows, job) == ["disagreed"]
    refused = liar.get("next_job")
    assert (refused.status_code, refused.json()["code"]) == (403, "key_quarantined")
    reason = keys(rows)["liar"]["quarantine_reason"]
    assert f"job {job}: the sky of plane R is 1100 ADU, not 1000" in reason
    assert "is quarantined" in (site.data_dir / "log" / "crowdsky.log").read_text()

    admin = operator(site)
    for page in ("admin.php", "admin_workers.php", "admin_held.php"):
        assert "the sky of plane R is 1100 ADU" in admin.get(page).text, page
    lift = {"csrf_token": admin.token(), "action": "lift", "key_id": keys(rows)["liar"]["id"]}
    assert admin.post("admin_workers.php", lift).status_code == 303
    assert finds_nothing(liar)
    assert "was found wrong" not in admin.get("admin.php").text


def test_two_volunteers_that_differ_are_judged_by_somebody_else(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    honest, liar, third = (volunteer(site, name) for name in ("honest", "liar", "third"))
    job = queue.add_job()
    assert WRONG.complete(liar, liar.claim()) == HELD
    assert RIGHT.complete(honest, honest.claim()) == HELD

    assert rows.job(job)["n_held"] == 2
    assert finds_nothing(third)
    assert keys(rows)["liar"]["quarantined_at"] is None
    assert RIGHT.complete(worker, worker.claim())["status"] == "completed"

    assert states(rows, job) == ["disagreed", "agreed"]
    found = keys(rows)
    assert found["liar"]["quarantined_at"] is not None
    assert (found["honest"]["quarantined_at"], found["honest"]["agreed_in_row"]) == (None, 1)


@pytest.mark.parametrize(("every", "status"), [("0", "completed"), ("1", "held")])
def test_after_probation_only_some_wait(
    make_site: Callable[..., Site], every: str, status: str
) -> None:
    site = make_site(CROWDSKY_VOLUNTEER_PROBATION="3", CROWDSKY_VOLUNTEER_CHECK_EVERY=every)
    rows = site.rows
    worker = volunteer(site, "anna")
    rows.execute("UPDATE api_keys SET agreed_in_row = 3")
    Queue(site, rows).add_job()

    assert RIGHT.complete(worker, worker.claim())["status"] == status


def test_nobody_gives_a_second_opinion_on_his_own_result(
    site: Site, queue: Queue, rows: Rows
) -> None:
    first, same_person, other = (volunteer(site, name) for name in ("one", "two", "other"))
    rows.execute("UPDATE api_keys SET user_id = ? WHERE name IN ('one', 'two')", queue.user_id)
    queue.add_job()
    lease = first.claim()
    report = RIGHT.report(first, lease)
    first.report("complete_job", lease, **report)

    assert finds_nothing(same_person)
    opinion = other.claim()
    # Reporting what somebody else has stored is no second opinion either.
    final = report["ucloud_path"].replace(f".{lease['attempt_tag']}", "")
    rows.execute("UPDATE held_results SET path = ?", final)
    copied = {**RIGHT.report(other, opinion), "ucloud_path": final}
    refused = other.report("complete_job", opinion, **copied)
    assert (refused.status_code, refused.json()["code"]) == (422, "illegal_path")


def test_frames_that_join_the_job_make_the_held_result_one_of_other_frames(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    early = volunteer(site, "anna")
    admin = operator(site)
    job = queue.add_job()
    WRONG.complete(early, early.claim())
    queue.add_raw(rows.job(job)["upload_session_id"], job, "late.fit", b"late")
    rows.execute("UPDATE stacking_jobs SET frame_count = 2")

    held = rows.one("SELECT id FROM held_results")["id"]
    form = {"csrf_token": admin.token(), "held_id": held, "action": "accept"}
    assert admin.post("admin_held.php", form).status_code == 409
    assert not finds_nothing(early)
    rows.execute("UPDATE stacking_jobs SET status = 'pending', lease_token_hash = NULL")
    assert RIGHT.complete(worker, worker.claim())["status"] == "completed"

    assert states(rows, job) == ["dropped"]
    assert keys(rows)["anna"]["quarantined_at"] is None


def test_frames_of_a_job_that_is_given_up_take_its_held_result_along(
    site: Site, queue: Queue, rows: Rows
) -> None:
    worker = volunteer(site, "anna")
    job = queue.add_job()
    RIGHT.complete(worker, worker.claim())
    rows.execute("UPDATE stacking_jobs SET status = 'failed', completed_at = '2020-01-01 00:00:00'")

    clean_up(site)

    assert states(rows, job) == ["dropped"]
    assert list((site.data_dir / "stacks").rglob("stack_*")) == []
