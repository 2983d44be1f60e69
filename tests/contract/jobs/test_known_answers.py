"""Now and then a volunteer does a job whose result is known, and cannot tell it from other work."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.services import Site
from tests.contract.jobs.support import NOW, Queue, Worker
from tests.contract.jobs.volunteers import RIGHT, WRONG, operator, volunteer
from tests.contract.site.support import PASSWORD, Browser
from tests.support.cleanups import clean_up
from tests.support.rows import Rows

HELD = {"ok": True, "status": "held", "stack_id": None}
OWN = ("job_id", "lease_token", "attempt_tag", "archive_facts")


@dataclass
class Night:
    """A completed job, one that waits, and a volunteer whose every claim may be a check."""

    site: Site
    rows: Rows
    queue: Queue
    worker: Worker
    helper: Worker
    lease: dict[str, Any]
    files: list[dict[str, Any]]
    waiting: int

    @property
    def done(self) -> int:
        """The completed job."""
        job: int = self.lease["job_id"]
        return job

    def checks(self) -> list[dict[str, Any]]:
        """The rows of all checks."""
        return self.rows.all("SELECT * FROM stacking_jobs WHERE kind = 'check' ORDER BY id")

    def stored(self) -> set[str]:
        """Names of the files in storage."""
        return {path.name for path in (self.site.data_dir / "stacks/crowdsky/stacks").rglob("*.*")}

    def helper_key(self) -> dict[str, Any]:
        """What the site thinks of the volunteer."""
        return self.rows.one("SELECT * FROM api_keys WHERE name = 'anna'")


@pytest.fixture
def night(make_site: Callable[..., Site]) -> Night:
    """A site on which every claim of a volunteer is a check if anything fits."""
    site = make_site(CROWDSKY_VOLUNTEER_KNOWN_ANSWER_EVERY="1", CROWDSKY_LEASE_SECONDS="30")
    rows = site.rows
    site.create_user("owner", PASSWORD)
    queue = Queue(site, rows)
    queue.user_id = rows.one("SELECT id FROM users WHERE username = 'owner'")["id"]
    worker = Worker(site, site.create_worker_key("first"))
    job = queue.add_job()
    lease = worker.claim()
    assert lease["job_id"] == job
    files = worker.get("job_files", {"X-Lease-Token": lease["lease_token"]}, job_id=job).json()
    RIGHT.complete(worker, lease)
    waiting = queue.add_job()
    return Night(site, rows, queue, worker, volunteer(site, "anna"), lease, files["files"], waiting)


def test_a_check_looks_like_any_other_job(night: Night) -> None:
    helper = night.helper
    check = helper.claim(claim_id="one-claim")

    assert check["job_id"] not in (night.done, night.waiting)
    facts = {"job_id": check["job_id"], "worker_name": helper.name}
    assert check["archive_facts"] == {**night.lease["archive_facts"], **facts}
    assert {key: check[key] for key in check if key not in OWN} == {
        key: night.lease[key] for key in night.lease if key not in OWN
    }
    assert helper.claim(claim_id="one-claim") == check
    token = {"X-Lease-Token": check["lease_token"]}
    told = helper.get("job_files", token, job_id=check["job_id"]).json()
    assert told["job_id"] == check["job_id"]
    assert told["files"] == night.files
    frame = night.files[0]
    body = helper.get("download_raw", token, file_id=frame["id"])
    assert (body.status_code, len(body.content)) == (200, frame["file_size_bytes"])
    beat = helper.report("heartbeat", check, stage="stacking", progress=0.5)
    assert beat.json()["action"] == "continue"

    other = volunteer(night.site, "ben")
    assert other.get("download_raw", token, file_id=frame["id"]).status_code == 409
    refused = helper.get("next_job", worker_id="w", kinds="check")
    assert (refused.status_code, "check" in refused.text) == (400, False)


def test_the_right_answer_counts_for_the_volunteer(night: Night) -> None:
    before = night.rows.job(night.done)
    check = night.helper.claim()
    report = RIGHT.report(night.helper, check)

    assert night.helper.report("complete_job", check, **report).json() == HELD
    assert night.helper.report("complete_job", check, **report).json() == HELD
    assert night.helper_key()["agreed_in_row"] == 1
    late = night.helper.report("heartbeat", check)
    assert (late.status_code, "the job is pending" in late.json()["error"]) == (409, True)

    assert night.rows.job(night.done) == before
    assert len(night.rows.all("SELECT id FROM stacked_frames")) == 1
    assert night.helper.claim()["job_id"] == night.waiting


def test_a_wrong_answer_quarantines_the_key(night: Night) -> None:
    check = night.helper.claim()

    assert WRONG.complete(night.helper, check) == HELD

    key = night.helper_key()
    assert key["agreed_in_row"] == 0
    assert f"check of job {night.done}: the sky of plane R" in key["quarantine_reason"]
    assert night.helper.get("next_job").json()["code"] == "key_quarantined"
    assert "is quarantined" in (night.site.data_dir / "log" / "crowdsky.log").read_text()
    assert f"Check of job {night.done}: " in operator(night.site).get("admin.php").text


@pytest.mark.parametrize(
    ("endpoint", "fields", "told"),
    [
        ("fail_job", {"error_message": "x"}, "retry"),
        ("fail_job", {"error_message": "x", "retryable": False}, "failed"),
        ("release_job", {"reason": "x"}, "pending"),
    ],
)
def test_a_check_that_comes_to_nothing_is_over(
    night: Night, endpoint: str, fields: dict[str, Any], told: str
) -> None:
    before = night.rows.job(night.done)
    check = night.helper.claim()

    for _ in range(2):
        answer = night.helper.report(endpoint, check, **fields)
        assert answer.json() == {"ok": True, "status": told}

    assert f"the job is {told}" in night.helper.report("heartbeat", check).json()["error"]
    assert night.rows.job(night.done) == before
    assert [row["status"] for row in night.checks()] == ["failed"]
    night.rows.execute("UPDATE stacking_jobs SET not_before = 1 WHERE kind = 'check'")
    assert night.worker.claim()["job_id"] == night.waiting
    assert night.worker.get("next_job").status_code == 204


def test_a_silent_volunteer_may_still_answer(night: Night) -> None:
    check = night.helper.claim()
    report = RIGHT.report(night.helper, check)
    night.rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1 WHERE kind = 'check'")

    assert night.worker.claim()["job_id"] == night.waiting
    assert [row["status"] for row in night.checks()] == ["failed"]
    assert night.helper.report("complete_job", check, **report).json() == HELD
    assert night.helper_key()["agreed_in_row"] == 1
    assert [row["status"] for row in night.checks()] == ["failed"]


def test_frames_stay_for_a_check_and_go_after_it(night: Night) -> None:
    check = night.helper.claim()
    (raw,) = night.queue.raw_paths(night.done)
    archived = night.rows.one("SELECT ucloud_path, stars_path FROM stacked_frames")
    night.rows.execute(
        "UPDATE stacking_jobs SET completed_at = ? WHERE completed_at IS NOT NULL", NOW
    )

    clean_up(night.site)
    assert raw.exists()
    RIGHT.complete(night.helper, check)
    assert len(night.stored()) == 4
    clean_up(night.site)
    assert not raw.exists()
    assert len(night.checks()) == 1
    night.rows.execute("UPDATE stacking_jobs SET completed_at = ? WHERE kind = 'check'", NOW)
    clean_up(night.site)

    assert night.checks() == []
    assert night.rows.all("SELECT id FROM held_results") == []
    assert night.stored() == {Path(path).name for path in archived.values()}


def test_a_check_goes_with_the_job_it_checks(night: Night) -> None:
    check = night.helper.claim()
    RIGHT.report(night.helper, check)
    owner = Browser(night.site)
    owner.log_in("owner")

    form = {"csrf_token": owner.token(), "job_id": night.done, "action": "delete"}
    assert owner.post("job.php", form).status_code == 303

    assert night.checks() == []
    assert night.stored() == set()
    assert night.helper.report("heartbeat", check).status_code == 404


def test_nobody_is_shown_a_check(night: Night) -> None:
    owner, admin = Browser(night.site), operator(night.site)
    owner.log_in("owner")
    session = night.rows.job(night.done)["upload_session_id"]
    pages = [
        (owner, "status.php", {}),
        (owner, "status.php", {"session": session}),
        (owner, "stacks.php", {}),
        (owner, "job.php", {"id": night.done}),
        (admin, "admin.php", {}),
        (admin, "admin_held.php", {}),
    ]
    scraper = night.site.run_php("worker-key.php", "create", "--name", "s", "--scope", "metrics")

    def seen() -> list[str]:
        url = f"{night.site.api_url}/metrics.php"
        headers = {"Authorization": f"Bearer {scraper.strip()}"}
        figures = requests.get(url, headers=headers, timeout=30).text
        texts = [browser.get(page, **query).text for browser, page, query in pages]
        texts += [line for line in figures.splitlines() if "seconds" not in line]
        return [re.sub(r'value="[0-9a-f]{64}"', "", text) for text in texts if "_free_" not in text]

    night.rows.execute("UPDATE stacking_jobs SET status = 'cancelled' WHERE id = ?", night.waiting)
    assert night.helper.get("next_job", worker_id=night.helper.name).status_code == 204
    night.rows.execute("UPDATE stacking_jobs SET status = 'pending' WHERE id = ?", night.waiting)
    before = seen()
    check = night.helper.claim()
    assert len(night.checks()) == 1
    during = seen()
    RIGHT.complete(night.helper, check)
    after = seen()

    assert during == before
    assert after == before
    for browser in (owner, admin):
        assert browser.get("job.php", id=check["job_id"]).status_code == 404
        for action in ("cancel", "requeue", "delete"):
            form = {
                "csrf_token": browser.token(),
                "job_id": check["job_id"],
                "action": action,
            }
            assert browser.post("job.php", form).status_code == 404, action


def test_who_gets_which_checks(night: Night) -> None:
    """Only volunteers, only of results to go by, and never of work they know."""
    rows, helper = night.rows, night.helper

    def is_check(of: Worker) -> bool:
        lease = of.claim()
        of.report("release_job", lease, reason="only asking")
        return bool(lease["job_id"] != night.waiting)

    def given(sql: str, *values: Any) -> None:
        rows.execute("DELETE FROM stacking_jobs WHERE kind = 'check'")
        rows.execute(sql, *values)

    assert not is_check(night.worker)
    helper.name = night.worker.name
    helper_id = night.helper_key()["id"]
    level = "UPDATE api_keys SET scopes = ? WHERE name = 'first'"
    for unfit, fit in (
        ((level, "jobs volunteer"), (level, "jobs trusted")),
        (
            ("UPDATE stacking_jobs SET api_key_id = ? WHERE kind = 'stack'", helper_id),
            (
                "UPDATE stacking_jobs SET api_key_id = (SELECT id FROM api_keys "
                "WHERE name = 'first') WHERE id = ?",
                night.done,
            ),
        ),
        (
            ("UPDATE stacking_jobs SET completed_at = '2026-01-01 00:00:00'",),
            ("UPDATE stacking_jobs SET completed_at = '2999-01-01 00:00:00'",),
        ),
        (
            ("UPDATE api_keys SET user_id = ? WHERE name = 'anna'", night.queue.user_id),
            ("UPDATE api_keys SET user_id = NULL",),
        ),
    ):
        given(*unfit)
        assert not is_check(helper), unfit
        given(*fit)
        assert is_check(helper), fit
    assert not is_check(helper)


def test_checks_can_be_switched_off(make_site: Callable[..., Site]) -> None:
    site = make_site(CROWDSKY_VOLUNTEER_KNOWN_ANSWER_EVERY="0")
    rows = site.rows
    queue = Queue(site, rows)
    worker = Worker(site, site.create_worker_key("first"))
    queue.add_job()
    RIGHT.complete(worker, worker.claim())
    waiting = queue.add_job()

    assert volunteer(site, "anna").claim()["job_id"] == waiting
