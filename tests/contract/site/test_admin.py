"""What operators do: look at the queue, move jobs, make and revoke keys; and what owners may do."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.contract.jobs.support import Worker
from tests.contract.site.subs import sub, taken_at
from tests.contract.site.support import Browser
from tests.support.rows import Rows

pytestmark = pytest.mark.one_database


def act(browser: Browser, job_id: int, action: str, /, **fields: Any) -> Any:
    """Send one of the job forms."""
    return browser.post(
        "job.php",
        {"csrf_token": browser.token(), "job_id": job_id, "action": action, **fields},
    )


def test_the_queue_by_state(admin: Browser, user: Browser, rows: Rows) -> None:
    job = user.upload(sub({"OBJECT": "'NGC 7331'"}))["job_ids"][0]
    rows.execute(
        "UPDATE stacking_jobs SET status = 'failed', error_message = 'Too few stars.' WHERE id = ?",
        job,
    )

    failed = admin.get("admin.php", state="failed").text
    waiting = admin.get("admin.php", state="pending").text

    assert "NGC 7331" in failed
    assert "Too few stars." in failed
    assert user.name in failed
    assert "NGC 7331" not in waiting
    assert "NGC 7331" in admin.get("admin.php").text


def test_long_queues_come_in_pages(admin: Browser, user: Browser) -> None:
    bodies = [taken_at(f"2025-03-{1 + n // 24:02d}T{n % 24:02d}:00:00") for n in range(51)]
    user.upload(*bodies)

    first = admin.get("admin.php", state="pending").text
    second = admin.get("admin.php", state="pending", page=2).text
    beyond = admin.get("admin.php", state="pending", page=99)

    jobs = [set(re.findall(r'href="job.php\?id=(\d+)"', page)) for page in (first, second)]
    assert len(jobs[0]) == 50
    assert jobs[1]
    assert not jobs[0] & jobs[1]
    assert "state=pending&amp;page=2" in first
    assert beyond.status_code == 200


def bulk(admin: Browser, **fields: Any) -> Any:
    """Send the form of the queue."""
    return admin.post("admin.php", {"csrf_token": admin.token(), **fields})


def shown(page: str) -> set[int]:
    return {int(job) for job in re.findall(r'href="job.php\?id=(\d+)"', page)}


def test_choices_of_the_queue_combine(
    admin: Browser, user: Browser, new_user: Callable[..., Browser], rows: Rows
) -> None:
    other = new_user()
    uploads = [(user, "NGC 7331", "01"), (user, "M 94", "02"), (other, "M 81", "03")]
    nights = {
        name: browser.upload(taken_at(f"2025-03-27T{hour}:00:00", OBJECT=f"'{name}'"))["job_ids"][0]
        for browser, name, hour in uploads
    }
    failed = "UPDATE stacking_jobs SET status = 'failed', error_message = ?, worker_name = ?"
    rows.execute(f"{failed} WHERE id = ?", "Too few stars", "attic", nights["NGC 7331"])
    rows.execute(f"{failed} WHERE id = ?", "100 % cloud", "dome", nights["M 81"])

    def found(**choice: str) -> set[str]:
        ids = shown(admin.get("admin.php", **choice).text)
        return {name for name, job in nights.items() if job in ids}

    assert found(owner=user.name) == {"NGC 7331", "M 94"}
    assert found(owner=user.name, state="failed") == {"NGC 7331"}
    assert found(object="m 9") == {"M 94"}
    assert found(error="few") == found(worker="att") == {"NGC 7331"}
    assert found(error="%") == {"M 81"}, "signs of the database are letters here"
    assert found(error="_") == set()
    assert found(hours="1") == set()
    rows.execute("UPDATE stacking_jobs SET updated_at = '2026-01-01 00:00:00'")
    assert found(hours="1") == set(nights)
    assert found(kind="rescan") == set()
    page = admin.get("admin.php", owner=user.name).text
    assert re.search(r"state=failed&amp;owner=[^\"]+\">failed <span>1<", page), "counts fit"
    assert "No job fits these choices." in admin.get("admin.php", object="M 31").text
    for wrong in ({"state": "odd"}, {"kind": "odd"}, {"hours": "soon"}, {"owner": "x" * 101}):
        assert admin.get("admin.php", **wrong).status_code == 400, wrong


def test_many_jobs_are_changed_at_once_and_the_page_stays(
    admin: Browser, user: Browser, rows: Rows
) -> None:
    bodies = [taken_at(f"2025-03-{1 + n // 24:02d}T{n % 24:02d}:00:00") for n in range(53)]
    jobs = user.upload(*bodies)["job_ids"]
    here = "admin.php?state=pending&page=2"

    answer = bulk(admin, action="priority", priority=5, **{"jobs[]": jobs[:2], "return": here})
    assert (answer.status_code, answer.headers["Location"]) == (303, here)
    assert "The priority of 2 jobs is set." in admin.get("admin.php").text
    assert [rows.job(job)["priority"] for job in jobs[:3]] == [5, 5, 0]

    rows.execute("UPDATE stacking_jobs SET status = 'completed' WHERE id = ?", jobs[0])
    said = confirmed(
        admin, bulk(admin, action="cancel", all=1, owner=user.name, **{"return": here}), here
    )
    assert "52 jobs are cancelled." in said
    assert "is completed and cannot become cancelled" in said
    assert rows.job(jobs[52])["status"] == "cancelled", "beyond the page that was shown"
    bulk(admin, action="cancel")
    assert "No job was chosen" in admin.get("admin.php").text
    bulk(admin, one=f"requeue {jobs[7]}", state="cancelled")
    assert rows.job(jobs[7])["status"] == "pending"
    assert "1 job waits for a worker again." in admin.get("admin.php").text


def confirmed(admin: Browser, proposed: Any, back: str) -> str:
    """Say yes to what many jobs were chosen for, as often as it takes; returns the page after."""
    assert proposed.status_code == 303
    run = re.fullmatch(r"admin_bulk\.php\?id=(\d+)", proposed.headers["Location"])
    assert run, proposed.headers["Location"]
    form = {"csrf_token": admin.token(), "step": "go", "id": run[1]}
    answer = admin.post("admin_bulk.php", form)
    while answer.headers["Location"] == proposed.headers["Location"]:
        answer = admin.post("admin_bulk.php", form)
    assert (answer.status_code, answer.headers["Location"]) == (303, back)
    assert admin.post("admin_bulk.php", form).status_code == 404, "it is over"
    page: str = admin.get(back).text
    return page


def fill(rows: Rows, job: int, number: int, **columns: Any) -> None:
    """Put many jobs like another one into the queue."""
    row = {**rows.job(job), "id": None, "claim_id": None, **columns}
    inserts = [
        {"insert": "stacking_jobs", "values": {**row, "group_key": secrets.token_hex(16)}}
        for _ in range(number)
    ]
    for start in range(0, number, 500):
        rows.run(inserts[start : start + 500])


def test_a_bulk_action_asks_first_and_says_what_it_cannot_do(
    admin: Browser, user: Browser, rows: Rows
) -> None:
    job = user.upload(sub())["job_ids"][0]
    fill(rows, job, 6, status="failed")
    fill(rows, job, 2, status="completed")
    fill(rows, job, 3, status="processing")
    here = "admin.php?object=M"

    proposed = bulk(admin, action="requeue", all=1, object="M", **{"return": here})
    asked = admin.get(proposed.headers["Location"]).text
    assert "Queue 12 jobs again?" in asked
    for count in ("6 of them stay as they are: their subs", "2 of them", "3 of them"):
        assert count in asked.replace("\n", " "), count
    rows.execute("UPDATE stacking_jobs SET status = 'cancelled' WHERE id = ?", job)
    said = confirmed(admin, proposed, here)
    assert "1 job waits for a worker again." in said
    assert "6 stay as they are, such as: Job" in said and "raw frames left" in said
    assert rows.job(job)["status"] == "pending"

    proposed = bulk(admin, action="cancel", all=1, **{"return": here})
    run = proposed.headers["Location"].rpartition("=")[2]
    left = {"csrf_token": admin.token(), "step": "leave", "id": run}
    assert admin.post("admin_bulk.php", left).headers["Location"] == here
    assert "Nothing was changed." in admin.get(here).text
    assert rows.job(job)["status"] == "pending"
    proposed = bulk(admin, action="cancel", all=1, state="pending", **{"return": here})
    rows.execute("UPDATE stacking_jobs SET status = 'processing' WHERE id = ?", job)
    assert "is not pending any more" in confirmed(admin, proposed, here), "a worker was faster"
    assert rows.job(job)["status"] == "processing"


def test_very_many_jobs_are_changed_while_workers_claim(
    admin: Browser, user: Browser, worker: Worker, rows: Rows
) -> None:
    job = user.upload(sub())["job_ids"][0]
    fill(rows, job, 1500)
    here = "admin.php?state=pending"

    proposed = bulk(admin, action="cancel", all=1, state="pending", **{"return": here})
    with ThreadPoolExecutor(2) as pool:
        claims = pool.submit(lambda: [worker.try_claim() for _ in range(10)])
        said = pool.submit(confirmed, admin, proposed, here).result()
        claimed = [lease for lease in claims.result() if lease is not None]

    states = {
        row["status"]: row["n"]
        for row in rows.all("SELECT status, COUNT(*) AS n FROM stacking_jobs GROUP BY status")
    }
    running = states.get("processing", 0)
    assert states["cancelled"] + running == 1501, states
    assert len(claimed) >= running
    assert f"{1501 - running:,} jobs are cancelled." in said
    assert running == 0 or "is not pending any more" in said
    events = rows.one("SELECT COUNT(*) AS n FROM job_events WHERE event = 'cancelled'")
    assert events["n"] == 1501 - running, "each has its line in the audit trail"


def test_stacks_of_chosen_jobs_and_of_the_gallery_are_measured_again(
    admin: Browser, user: Browser, make_stack: Callable[..., int], rows: Rows
) -> None:
    stack = make_stack()
    job = rows.one("SELECT job_id FROM stacked_frames WHERE id = ?", stack)["job_id"]
    waiting = user.upload(sub())["job_ids"][0]
    assert 'formaction="admin_bulk.php"' in admin.get("stacks.php", of="all").text
    assert 'formaction="admin_bulk.php"' not in user.get("stacks.php").text

    nothing = bulk(admin, action="rescan", **{"jobs[]": waiting, "return": "admin.php"})
    assert nothing.headers["Location"] == "admin.php"
    assert "None of these jobs has a stack." in admin.get("admin.php").text
    proposed = bulk(admin, action="rescan", **{"jobs[]": [job, waiting], "return": "admin.php"})
    assert "1 stack will be measured again." in confirmed(admin, proposed, "admin.php")
    assert rows.one("SELECT * FROM stacking_jobs WHERE kind = 'rescan'")["stack_id"] == stack

    form = {"csrf_token": admin.token(), "step": "rescan", "return": "stacks.php?of=all"}
    proposed = admin.post("admin_bulk.php", {**form, "ids": str(stack)})
    asked = admin.get(proposed.headers["Location"]).text
    assert "Measure 1 stack again?" in asked and "last rescan has not ended" in asked
    assert "has not ended yet" in confirmed(admin, proposed, "stacks.php?of=all")
    none = admin.post("admin_bulk.php", form)
    assert none.headers["Location"] == "stacks.php?of=all"
    assert user.post("admin_bulk.php", {**form, "csrf_token": user.token()}).status_code == 403


def test_the_form_of_the_queue_is_for_admins_and_ours(
    admin: Browser, user: Browser, rows: Rows
) -> None:
    job = user.upload(sub())["job_ids"][0]
    wish = {"action": "cancel", "jobs[]": [job]}

    assert user.post("admin.php", {"csrf_token": user.token(), **wish}).status_code == 403
    assert admin.post("admin.php", {"csrf_token": "0" * 64, **wish}).status_code == 403
    assert bulk(admin, action="explode", **{"jobs[]": [job]}).status_code == 400
    assert bulk(admin, action="priority", priority="high", **{"jobs[]": [job]}).status_code == 400
    assert bulk(admin, one="delete 1").status_code == 400
    assert rows.job(job)["status"] == "pending"
    back = bulk(admin, **wish, **{"return": "https://elsewhere.example/"})
    assert back.headers["Location"] == "admin.php"


def test_requeue_cancel_and_priority(admin: Browser, user: Browser, rows: Rows) -> None:
    job = user.upload(sub())["job_ids"][0]

    assert act(admin, job, "priority", priority=7).status_code == 303
    assert rows.job(job)["priority"] == 7
    assert act(admin, job, "cancel").status_code == 303
    assert rows.job(job)["status"] == "cancelled"
    back = act(admin, job, "requeue", **{"return": "admin.php?state=cancelled"})
    assert back.headers["Location"] == "admin.php?state=cancelled"
    assert rows.job(job)["status"] == "pending"
    assert rows.events(job) == ["created", "priority", "cancelled", "requeued"]
    page = admin.get("job.php", id=job).text
    assert "queued again" in page
    assert "0 to 7" in page


def test_owners_cancel_and_requeue_but_do_not_set_priorities(
    user: Browser, new_user: Callable[..., Browser], rows: Rows
) -> None:
    job = user.upload(sub())["job_ids"][0]
    other = new_user()

    assert act(other, job, "cancel").status_code == 404
    assert act(user, job, "priority", priority=9).status_code == 403
    assert act(user, job, "cancel").status_code == 303
    assert act(other, job, "requeue").status_code == 404
    assert act(user, job, "requeue").status_code == 303
    assert rows.job(job)["status"] == "pending"
    assert rows.job(job)["priority"] == 0


@pytest.mark.parametrize(
    ("action", "fields", "status"),
    [
        ("explode", {}, 400),
        ("priority", {"priority": "high"}, 400),
        ("priority", {"priority": 5000}, 400),
        ("requeue", {"job_id": "999999"}, 404),
        ("cancel", {"job_id": "x"}, 400),
        ("cancel", {"csrf_token": "0" * 64}, 403),
    ],
)
def test_bad_job_forms(
    admin: Browser, user: Browser, action: str, fields: dict[str, Any], status: int
) -> None:
    job = user.upload(sub())["job_ids"][0]

    assert act(admin, job, action, **fields).status_code == status


def test_a_completed_job_is_not_requeued(admin: Browser, user: Browser, rows: Rows) -> None:
    job = user.upload(sub())["job_ids"][0]
    rows.execute("UPDATE stacking_jobs SET status = 'completed' WHERE id = ?", job)

    answer = act(admin, job, "requeue")

    assert answer.status_code == 409
    assert "is completed and cannot become pending" in answer.text


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "job.php\r\nX: y"])
def test_forms_lead_only_to_our_own_pages(user: Browser, target: str) -> None:
    job = user.upload(sub())["job_ids"][0]

    answer = act(user, job, "cancel", **{"return": target})

    assert answer.headers["Location"] == f"job.php?id={job}"


def test_a_worker_key_is_shown_once_works_and_is_revoked(admin: Browser) -> None:
    token = admin.token("admin_workers.php")
    made = admin.post(
        "admin_workers.php", {"csrf_token": token, "action": "create", "name": "barn"}
    )
    assert (made.status_code, made.headers["Location"]) == (303, "admin_workers.php")
    key = re.search(r"csw_[0-9a-f]{64}", admin.get("admin_workers.php").text)
    assert key
    assert key[0] not in admin.get("admin_workers.php").text
    worker = Worker(admin.site, key[0], name="barn-1")
    assert worker.get("next_job", worker_id="barn-1").status_code in (200, 204)

    page = admin.get("admin_workers.php").text
    assert "barn-1" in page
    key_id = max(re.findall(r'name="key_id" value="(\d+)"', page), key=int)
    admin.post("admin_workers.php", {"csrf_token": token, "action": "revoke", "key_id": key_id})

    assert worker.get("next_job", worker_id="barn-1").status_code == 401
    assert "revoked" in admin.get("admin_workers.php").text


def test_bad_key_names_are_explained(admin: Browser) -> None:
    answer = admin.post(
        "admin_workers.php",
        {"csrf_token": admin.token("admin_workers.php"), "action": "create", "name": "<b>"},
    )

    assert answer.status_code == 400
    assert "A key needs a name" in answer.text


def test_an_admin_cannot_lock_the_own_account(admin: Browser, rows: Rows) -> None:
    own = rows.one("SELECT id FROM users WHERE username = ?", admin.name)["id"]
    token = admin.token("admin_users.php")

    answer = admin.post("admin_users.php", {"csrf_token": token, "user_id": own, "action": "lock"})

    assert answer.status_code == 400
    assert admin.get("admin.php").status_code == 200
