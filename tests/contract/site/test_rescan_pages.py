"""Rescans from the pages: who may ask for them, what is shown of them, and deleting them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from demo.services import Site
from tests.contract.jobs.measured import complete
from tests.contract.jobs.support import Worker
from tests.contract.site.conftest import MakeStack
from tests.contract.site.subs import taken_at
from tests.contract.site.support import PASSWORD, Browser, claim_first
from tests.support.rows import Rows

pytestmark = pytest.mark.one_database


def press_rescan(browser: Browser, stack_id: int, solver: str = "") -> Any:
    """Send the form of a stack's page."""
    fields = {"csrf_token": browser.token(), "stack_id": stack_id, "solver": solver}
    return browser.post("stack.php", fields)


def claim_rescan(rows: Rows, worker: Worker, stack_id: int) -> dict[str, Any]:
    """Claim the rescan of a stack."""
    job = rows.one("SELECT MAX(id) AS id FROM stacking_jobs WHERE stack_id = ?", stack_id)["id"]
    return claim_first(rows, worker, job, kinds="rescan")


def ask(browser: Browser, stack_ids: list[int], **fields: Any) -> Any:
    """POST api/rescan.php as a script of our pages."""
    return browser.http.post(
        f"{browser.site.base_url}/api/rescan.php",
        json={"stack_ids": stack_ids, "csrf_token": browser.token(), **fields},
        timeout=60,
    )


def test_a_rescan_from_the_page_to_its_end(
    user: Browser, make_stack: MakeStack, rows: Rows, worker: Worker
) -> None:
    stack = make_stack(solution=None, unsolved_reason="clouds", objects=[], notes=["clouds"])

    def page() -> str:
        text: str = user.get("stack.php", id=stack).text
        return text

    assert press_rescan(user, stack, "nova").headers["Location"] == f"stack.php?id={stack}"
    assert "submitted" in page()
    assert "data-live" in page()
    assert ">Rescan</button>" not in page()
    lease = claim_rescan(rows, worker, stack)
    assert lease["options"] == {"solvers": ["nova"]}
    worker.report("heartbeat", lease, stage="solve", progress=0.4, message="asking nova")
    assert "asking nova" in page()
    worker.report("fail_job", lease, error_message="no match found", retryable=False)
    assert "no match found" in page()
    assert "clouds" in page()
    assert ">Rescan</button>" in page()
    press_rescan(user, stack)
    lease = claim_rescan(rows, worker, stack)
    assert lease["options"] == {"solvers": None}
    complete(worker, lease, notes=["no overlay could be made"])
    shown = page()
    assert "12h 51m 00.0s" in shown
    assert "clouds" not in shown
    assert "no overlay could be made" in shown
    assert "data-live" not in shown


def test_only_owners_and_admins_can_ask(
    user: Browser,
    make_stack: MakeStack,
    new_user: Callable[..., Browser],
    admin: Browser,
    visitor: Browser,
    rows: Rows,
) -> None:
    stack = make_stack()
    other = new_user()

    assert press_rescan(other, stack).status_code == 404
    assert press_rescan(user, stack, "oracle").status_code == 400
    forged = {"csrf_token": "0" * 64, "stack_id": stack}
    assert user.post("stack.php", forged).status_code == 403
    assert ask(user, [stack], csrf_token="0" * 64).status_code == 403
    assert ask(other, [stack]).json()["skipped"] == [
        {"stack_id": stack, "reason": "There is no such stack."}
    ]
    assert visitor.get("api/rescan.php", job_id=1).status_code == 401
    assert rows.all("SELECT id FROM stacking_jobs WHERE stack_id = ?", stack) == []
    (job,) = ask(admin, [stack]).json()["job_ids"]
    assert user.get("api/rescan.php", job_id=job).json()["state"] == "submitted"
    assert other.get("api/rescan.php", job_id=job).status_code == 404
    assert (
        rows.job(job)["user_id"]
        == rows.one("SELECT id FROM users WHERE username = ?", user.name)["id"]
    )


def test_rescans_of_a_site_without_stacks(sqlite_site: Site) -> None:
    sqlite_site.create_user("ann", PASSWORD, admin=True)
    admin = Browser(sqlite_site)
    admin.log_in("ann")
    for show in ("unsolved", "all"):
        page = admin.get("admin_rescan.php", show=show).text
        assert "No stack yet." in page
        assert "Every stack is solved." not in page


def test_admins_rescan_many_at_once(
    admin: Browser, user: Browser, make_stack: MakeStack, rows: Rows
) -> None:
    solved = make_stack()
    unsolved = make_stack(solution=None, unsolved_reason="clouds", objects=[])
    unmeasured = make_stack(measures=False)

    listed = admin.get("admin_rescan.php").text
    everything = admin.get("admin_rescan.php", show="all").text

    assert f'name="stacks[]" value="{unsolved}"' in listed
    assert f'name="stacks[]" value="{unmeasured}"' in listed
    assert f'name="stacks[]" value="{solved}"' not in listed
    assert f'name="stacks[]" value="{solved}"' in everything
    assert "clouds" in listed
    assert user.get("admin_rescan.php").status_code == 403
    token = admin.token("admin_rescan.php")
    chosen = admin.post(
        "admin_rescan.php",
        {
            "csrf_token": token,
            "action": "selected",
            "stacks[]": [solved, unsolved],
            "solver": "triangles",
        },
    )
    assert chosen.headers["Location"] == "admin_rescan.php?queued=2&skipped=0"
    admin.post("admin_rescan.php", {"csrf_token": token, "action": "unsolved", "solver": ""})
    queued = rows.all(
        "SELECT stack_id, options FROM stacking_jobs WHERE stack_id IN (?, ?, ?) ORDER BY stack_id",
        solved,
        unsolved,
        unmeasured,
    )
    assert [row["stack_id"] for row in queued] == [solved, unsolved, unmeasured]
    assert json.loads(queued[0]["options"]) == {"solvers": ["triangles"]}
    assert json.loads(queued[2]["options"]) == {"solvers": None}
    assert "submitted" in admin.get(chosen.headers["Location"]).text


def test_admins_rescan_what_was_not_measured(
    admin: Browser, user: Browser, make_stack: MakeStack, rows: Rows, worker: Worker
) -> None:
    def press(**fields: str) -> Any:
        form = {"csrf_token": admin.token("admin_rescan.php"), "action": "unmeasured", **fields}
        return admin.post("admin_rescan.php", form)

    def shown() -> str:
        text: str = admin.get("admin_rescan.php").text
        return re.sub(r"\s+", " ", text)

    rows.execute("DELETE FROM stacked_frames")  # what other tests have left
    assert "not measured" not in shown()
    reason = "not measured: measuring failed: conf.auto_max_age = None"
    stack = make_stack(
        solution=None, unsolved_reason=reason, photometry=None, objects=[], notes=[reason]
    )
    unmeasured = make_stack(measures=False)

    assert "<strong>2 stacks are not measured:</strong>" in shown()
    assert ">Rescan 2 stacks</button>" in shown()
    page = user.get("stack.php", id=stack).text
    assert "This stack was not measured." in page
    assert "What to try" not in page
    assert page.count("Measuring failed: conf.auto_max_age = None") == 1
    assert reason not in page, "the remark would say it again"
    assert press(csrf_token="0" * 64).status_code == 403
    assert press().headers["Location"] == "admin_rescan.php?queued=2&skipped=0"
    assert "2 rescans are under way." in shown()
    assert "unmeasured" not in shown()
    lease = claim_rescan(rows, worker, unmeasured)
    worker.report("fail_job", lease, error_message="no match found", retryable=False)
    complete(worker, claim_rescan(rows, worker, stack))
    assert "<strong>1 stack is not measured:</strong>" in shown()
    assert "1 rescan failed" in shown()
    assert ">Rescan the 1 that failed</button>" in shown()
    assert "not measured" not in user.get("stack.php", id=stack).text
    assert press().headers["Location"] == "admin_rescan.php?queued=0&skipped=0"
    assert press(retry_failed="1").headers["Location"] == "admin_rescan.php?queued=1&skipped=0"


def test_owners_rescan_their_own_stacks_that_were_not_measured(
    user: Browser, make_stack: MakeStack, new_user: Callable[..., Browser]
) -> None:
    stack = make_stack(measures=False)

    def find(browser: Browser, **fields: Any) -> Any:
        wish = {"not_measured": True, "csrf_token": browser.token(), **fields}
        return browser.http.post(f"{browser.site.base_url}/api/rescan.php", json=wish, timeout=60)

    assert find(new_user()).json()["stacks"] == []
    assert find(user, csrf_token="0" * 64).status_code == 403
    told = find(user, dry_run=True).json()
    assert [one["stack_id"] for one in told["stacks"]] == [stack]
    assert len(find(user).json()["job_ids"]) == 1
    assert find(user).json()["left_out"] == {"under_way": 1, "failed": 0}


def test_nothing_chosen_is_no_error_and_a_wrong_form_is(admin: Browser) -> None:
    token = admin.token("admin_workers.php")

    def send(**fields: Any) -> Any:
        return admin.post("admin_rescan.php", {"csrf_token": token, **fields})

    assert send(action="selected").headers["Location"].endswith("queued=0&skipped=0")
    for wrong in (
        {"action": "everything"},
        {"action": "selected", "stacks[]": ["x"]},
        {"action": "selected", "stacks": "1"},
        {"csrf_token": "", "action": "unsolved"},
    ):
        assert send(**wrong).status_code in (400, 403), wrong


def test_a_rescan_has_a_page_of_its_own_and_can_be_requeued_once(
    user: Browser, make_stack: MakeStack, rows: Rows, worker: Worker
) -> None:
    stack = make_stack()
    press_rescan(user, stack)
    lease = claim_rescan(rows, worker, stack)
    worker.report("fail_job", lease, error_message="no match found", retryable=False)

    page = user.get("job.php", id=lease["job_id"]).text
    press_rescan(user, stack)
    form = {"csrf_token": user.token(), "job_id": lease["job_id"], "action": "requeue"}

    assert f"Rescan {lease['job_id']}" in page
    assert f'href="stack.php?id={stack}"' in page
    assert "rescan of stack" in page
    assert user.post("job.php", form).status_code == 409
    rows.execute("DELETE FROM stacking_jobs WHERE stack_id = ? AND status = 'pending'", stack)
    assert user.post("job.php", form).status_code == 303
    assert rows.job(lease["job_id"])["status"] == "pending"


def test_deleting_a_rescan_leaves_the_stack(
    user: Browser, make_stack: MakeStack, rows: Rows, worker: Worker
) -> None:
    stack = make_stack()
    press_rescan(user, stack)
    lease = claim_rescan(rows, worker, stack)
    _, body = complete(worker, lease)

    form = {"csrf_token": user.token(), "job_id": lease["job_id"], "action": "delete"}
    assert user.post("job.php", form).status_code == 303

    assert user.get("download.php", id=stack).content == body
    assert user.get("overlay.php", id=stack).status_code == 200
    assert user.get("job.php", id=lease["job_id"]).status_code == 404


def test_deleting_the_job_removes_rescans_and_every_file(
    user: Browser, make_stack: MakeStack, rows: Rows, worker: Worker
) -> None:
    stack = make_stack()
    press_rescan(user, stack)
    complete(worker, claim_rescan(rows, worker, stack))
    press_rescan(user, stack)
    lease = claim_rescan(rows, worker, stack)
    worker.archive(lease)
    row = rows.one("SELECT job_id, user_id FROM stacked_frames WHERE id = ?", stack)
    folder = user.site.data_dir / "stacks/crowdsky/stacks" / f"user_{row['user_id']}"

    def files() -> list[Path]:
        return [path for path in folder.rglob("*") if path.is_file()]

    assert len(files()) == 2 * 7 + 1
    form = {"csrf_token": user.token(), "job_id": row["job_id"], "action": "delete"}
    assert user.post("job.php", form).status_code == 303

    assert files() == []
    assert worker.report("heartbeat", lease, stage="solve", progress=0.5).status_code == 404
    for table in ("stacking_jobs", "stack_solutions", "stack_objects", "replaced_objects"):
        assert rows.all(f"SELECT * FROM {table} WHERE stack_id = ?", stack) == []  # noqa: S608


def test_a_rescan_does_not_take_subs_or_show_up_among_uploads(
    user: Browser, make_stack: MakeStack, rows: Rows
) -> None:
    stack = make_stack()
    press_rescan(user, stack)
    session = rows.one(
        "SELECT s.session_token FROM upload_sessions s JOIN stacking_jobs j"
        " ON j.upload_session_id = s.id JOIN stacked_frames f ON f.job_id = j.id WHERE f.id = ?",
        stack,
    )["session_token"]

    assert user.get("status.php", session=session).text.count('class="card"') == 1
    assert user.upload(taken_at("2025-03-27T01:21:00"))["jobs"] == 1
