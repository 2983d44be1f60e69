"""A volunteer's result counts once another worker has come to the same one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from demo.services import Site
from tests.contract.jobs.support import Queue, Worker
from tests.contract.jobs.volunteers import (
    RIGHT,
    WRONG,
    Result,
    finds_nothing,
    operator,
    volunteer,
)
from tests.contract.site.support import PASSWORD, Browser
from tests.support.cleanups import clean_up
from tests.support.rows import Rows

HELD = {"ok": True, "status": "held", "stack_id": None}


def keys(rows: Rows) -> dict[str, dict[str, Any]]:
    """What the site thinks of each key, by its name."""
    return {row["name"]: row for row in rows.all("SELECT * FROM api_keys")}


def states(rows: Rows, job: int) -> list[str]:
    """What became of the results that had to wait, in order."""
    found = rows.all("SELECT state FROM held_results WHERE job_id = ? ORDER BY id", job)
    return [row["state"] for row in found]


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


def test_an_admin_decides_without_a_second_opinion(site: Site, queue: Queue, rows: Rows) -> None:
    worker = volunteer(site, "anna")
    admin = operator(site)
    accepted, rejected = queue.add_job(priority=1), queue.add_job()
    for _ in range(2):
        RIGHT.complete(worker, worker.claim())
    page = admin.get("admin_held.php").text
    assert "1000" in page
    assert "anna" in page
    held = {row["job_id"]: row["id"] for row in rows.all("SELECT id, job_id FROM held_results")}

    def decide(job: int, action: str) -> int:
        form = {"csrf_token": admin.token(), "held_id": held[job], "action": action}
        status: int = admin.post("admin_held.php", form).status_code
        return status

    assert (decide(accepted, "accept"), decide(rejected, "reject")) == (303, 303)
    assert (decide(accepted, "accept"), decide(rejected, "accept")) == (409, 409)

    (stack,) = rows.all("SELECT * FROM stacked_frames")
    assert (stack["job_id"], stack["worker_name"]) == (accepted, "anna")
    assert rows.events(accepted)[-1] == "accepted"
    assert rows.one("SELECT solved FROM stack_solutions")["solved"] == 1
    assert states(rows, accepted) == ["published"]
    assert states(rows, rejected) == ["rejected"]
    left = rows.job(rejected)
    assert (left["status"], left["n_held"]) == ("pending", 0)
    assert keys(rows)["anna"]["agreed_in_row"] == 0


def test_a_result_whose_file_has_changed_cannot_be_accepted(
    site: Site, queue: Queue, rows: Rows
) -> None:
    worker = volunteer(site, "anna")
    admin = operator(site)
    job = queue.add_job()
    RIGHT.complete(worker, worker.claim())
    (stored,) = (site.data_dir / "stacks").rglob("stack_*.fits")
    stored.write_bytes(RIGHT.stack())

    held = rows.one("SELECT id FROM held_results")["id"]
    form = {"csrf_token": admin.token(), "held_id": held, "action": "accept"}

    assert admin.post("admin_held.php", form).status_code == 422
    assert rows.job(job)["status"] == "pending"


def test_what_nobody_judges_is_accepted_in_time_if_so_configured(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(CROWDSKY_SECOND_OPINION_HOURS="48")
    rows = site.rows
    worker = volunteer(site, "anna")
    job = Queue(site, rows).add_job()
    RIGHT.complete(worker, worker.claim())

    clean_up(site)
    assert rows.job(job)["status"] == "pending"
    rows.execute("UPDATE held_results SET held_at = '2026-01-01 00:00:00'")
    clean_up(site)
    assert rows.job(job)["status"] == "completed"
    assert len(rows.all("SELECT id FROM raw_files WHERE deleted_at IS NULL")) == 1


def test_the_owner_is_told_what_the_job_waits_for(site: Site, queue: Queue, rows: Rows) -> None:
    site.create_user("owner", PASSWORD)
    queue.user_id = rows.one("SELECT id FROM users WHERE username = 'owner'")["id"]
    owner = Browser(site)
    owner.log_in("owner")
    worker = volunteer(site, "anna")
    job = queue.add_job()
    RIGHT.complete(worker, worker.claim())

    assert "waiting for a second opinion" in owner.get("job.php", id=job).text
    deleted = owner.post(
        "job.php", {"csrf_token": owner.token(), "job_id": job, "action": "delete"}
    )
    assert deleted.status_code == 303
    assert rows.all("SELECT id FROM held_results") == []
    assert list((site.data_dir / "stacks").rglob("stack_*")) == []


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


def test_levels_are_set_on_the_page(site: Site, rows: Rows) -> None:
    admin = operator(site)
    token = admin.token()
    for level in ("trusted", "standard", "volunteer"):
        form = {"csrf_token": token, "action": "create", "name": level, "level": level}
        assert admin.post("admin_workers.php", form).status_code == 200
    assert {name: key["scopes"] for name, key in keys(rows).items()} == {
        "trusted": "jobs trusted",
        "standard": "jobs",
        "volunteer": "jobs volunteer",
    }
    rows.execute("UPDATE api_keys SET agreed_in_row = 7")
    for name, level in (("volunteer", "trusted"), ("standard", "standard"), ("trusted", "boss")):
        form = {"csrf_token": token, "action": "level", "level": level}
        admin.post("admin_workers.php", {**form, "key_id": keys(rows)[name]["id"]})

    found = keys(rows)
    assert (found["volunteer"]["scopes"], found["volunteer"]["agreed_in_row"]) == (
        "jobs trusted",
        0,
    )
    assert (found["standard"]["scopes"], found["standard"]["agreed_in_row"]) == ("jobs", 7)
    assert found["trusted"]["scopes"] == "jobs trusted"


def test_who_may_solve_a_stack_again(site: Site, worker: Worker, queue: Queue, rows: Rows) -> None:
    """A stack that tells where it was taken goes to trusted workers; a volunteer gets none."""
    trusted = Worker(site, site.create_worker_key("own", trusted=True), name="own")
    helper = volunteer(site, "anna")
    queue.add_job()
    stack_id = Result(site=True).complete(trusted, trusted.claim())["stack_id"]
    key = site.run_php("worker-key.php", "create", "--name", "op", "--scope", "admin").strip()
    Worker(site, key).post("rescan", stack_ids=[stack_id])

    def is_offered(to: Worker) -> bool:
        answer = to.get("next_job", worker_id=to.name, kinds="stack,rescan")
        if answer.status_code == 200:
            assert to.report("release_job", answer.json(), reason="only asking").status_code == 200
        return bool(answer.status_code == 200)

    assert rows.one("SELECT tells_position FROM stacked_frames")["tells_position"] == 1
    assert [is_offered(to) for to in (helper, worker, trusted)] == [False, False, True]
    rows.execute("UPDATE users SET share_position = 1")
    assert [is_offered(to) for to in (helper, worker)] == [False, True]
    rows.execute("UPDATE users SET share_position = 0")
    rows.execute("UPDATE stacked_frames SET tells_position = NULL")
    assert not is_offered(worker)
    clean_up(site)
    assert rows.one("SELECT tells_position FROM stacked_frames")["tells_position"] == 1
    rows.execute("UPDATE stacked_frames SET tells_position = 0")
    assert is_offered(worker)
