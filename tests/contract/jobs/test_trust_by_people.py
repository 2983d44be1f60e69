"""What admins decide about volunteers' results and keys, and what owners are told."""

from __future__ import annotations

from collections.abc import Callable

from demo.services import Site
from tests.contract.jobs.support import Queue, Worker
from tests.contract.jobs.volunteers import (
    RIGHT,
    Result,
    keys,
    operator,
    states,
    volunteer,
)
from tests.contract.site.support import PASSWORD, Browser
from tests.support.cleanups import clean_up
from tests.support.rows import Rows


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
    runs = rows.all("SELECT job_id, outcome FROM job_runs ORDER BY id")
    assert [(run["job_id"], run["outcome"]) for run in runs] == [
        (accepted, "completed"),
        (rejected, "held"),
    ]
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


def test_levels_are_set_on_the_page(site: Site, rows: Rows) -> None:
    admin = operator(site)
    token = admin.token()
    for level in ("trusted", "standard", "volunteer"):
        form = {"csrf_token": token, "action": "create", "name": level, "level": level}
        assert admin.post("admin_workers.php", form).status_code == 303
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
