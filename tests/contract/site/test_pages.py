"""Pages: who may see them, what they say, and that nothing a header says becomes markup."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.contract.jobs.support import Worker
from tests.contract.site.subs import copy_of, sub
from tests.contract.site.support import Browser
from tests.support.rows import Rows

pytestmark = pytest.mark.one_database

USER_PAGES = ["upload.php", "status.php", "stacks.php?of=mine", "job.php?id=1"]
ADMIN_PAGES = ["admin.php", "admin_workers.php", "admin_users.php"]
SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize("page", USER_PAGES + ADMIN_PAGES)
def test_pages_ask_for_a_login(visitor: Browser, page: str) -> None:
    for headers in (None, {"Accept": "*/*"}):
        answer = visitor.get(page, headers=headers)
        assert answer.status_code == 302
        after = quote(page, safe="")
        assert answer.headers["Location"] == f"login.php?msg=login_required&next={after}"


@pytest.mark.parametrize("page", ADMIN_PAGES)
def test_admin_pages_are_for_admins(user: Browser, admin: Browser, page: str) -> None:
    assert user.get(page).status_code == 403
    assert admin.get(page).status_code == 200


def test_the_front_page_is_for_everybody(visitor: Browser, user: Browser) -> None:
    assert "Log in" in visitor.get("index.php").text
    assert "Upload subs" in user.get("index.php").text
    assert "crowdsky" not in visitor.get("index.php").headers.get("Set-Cookie", "")


@pytest.mark.parametrize("page", ["index.php", "login.php", *USER_PAGES[:3], *ADMIN_PAGES])
def test_pages_carry_a_strict_policy_and_load_nothing_from_elsewhere(
    admin: Browser, page: str
) -> None:
    answer = admin.get(page)
    policy = answer.headers.get("Content-Security-Policy", "")

    if answer.status_code == 302:
        return
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    for needle in ("http://", "https://", "<style", " style=", " onclick", "<script>"):
        assert needle not in answer.text, needle


def test_empty_pages_say_what_to_do_next(user: Browser) -> None:
    assert "Upload your first subs" in user.get("status.php").text
    assert "Upload subs" in user.get("stacks.php").text


def test_errors_are_pages_for_people_and_json_for_scripts(user: Browser) -> None:
    page = user.get("stack.php", id=999999)
    script = user.get("stack.php", id=999999, headers={"Accept": "*/*"})

    assert page.status_code == script.status_code == 404
    assert "Not found" in page.text
    assert page.headers["Content-Type"].startswith("text/html")
    assert script.json()["code"] == "not_found"


def test_status_shows_sessions_jobs_and_reasons(user: Browser, rows: Rows, worker: Worker) -> None:
    finalized = user.upload(sub())
    job = finalized["job_ids"][0]
    address = f"status.php?session={finalized['session']}"
    assert finalized["session"] in user.get("status.php", view="uploads").text
    assert "waiting" in user.get(address).text

    rows.execute("UPDATE stacking_jobs SET priority = 9 WHERE id = ?", job)
    lease = worker.claim()
    worker.report("heartbeat", lease, stage="register", progress=0.4, message="aligning 2 of 5")
    working = user.get(address).text
    assert "working" in working
    assert "40 %" in working
    assert 'value="40"' in working

    worker.report("fail_job", lease, error_message="No stars were found.", retryable=False)
    failed = user.get(address).text
    assert "failed" in failed
    assert "No stars were found." in failed
    assert "Try again all the same" in failed


def test_a_session_of_somebody_else_is_not_shown(
    user: Browser, new_user: Callable[..., Browser]
) -> None:
    finalized = user.upload(sub())
    other = new_user()

    assert other.get("status.php", session=finalized["session"]).status_code == 404
    assert other.get("job.php", id=finalized["job_ids"][0]).status_code == 404


def test_an_unfinished_session_can_be_finished_from_its_page(user: Browser) -> None:
    session = user.start()
    user.put(session, sub())
    assert "Stack what has arrived" in user.get("status.php", session=session).text

    answer = user.post("finalize.php", {"session_token": session, "csrf_token": user.token()})

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"status.php?session={session}"
    assert "waiting" in user.get(answer.headers["Location"]).text


def test_a_skipped_chunk_is_explained(user: Browser, rows: Rows) -> None:
    body = sub()
    first = user.upload(body)
    rows.execute("UPDATE stacking_jobs SET status = 'completed' WHERE id = ?", first["job_ids"][0])
    second = user.upload(body)

    page = user.get("status.php", session=second["session"]).text
    assert "is not stacked again, because all its subs are in a stack already" in page


def test_header_texts_never_become_markup(user: Browser, admin: Browser, rows: Rows) -> None:
    hostile = dict.fromkeys(["OBJECT", "FILTER", "TELESCOP"], f"'{SCRIPT}'")
    finalized = user.upload(sub(dict(hostile)))
    job = finalized["job_ids"][0]
    assert rows.job(job)["object_name"] == SCRIPT
    # An admin reads what a worker says, and of the owner's headers only what strangers may.
    message = "<img src=x onerror=alert(1)>"
    failed = "UPDATE stacking_jobs SET error_message = ?, status = 'failed' WHERE id = ?"
    rows.execute(failed, message, job)

    pages = [
        user.get("status.php", session=finalized["session"]),
        user.get("job.php", id=job),
        admin.get("admin.php"),
        admin.get("job.php", id=job),
    ]

    for page in pages:
        assert page.status_code == 200
        assert SCRIPT not in page.text
        assert message not in page.text
        assert "&lt;img src=x" in page.text
    assert all("&lt;script&gt;" in page.text for page in pages[:2])
    assert not any("script&gt;" in page.text for page in pages[2:])


def test_the_form_without_script_takes_several_files(user: Browser, rows: Rows) -> None:
    files = [
        ("files[]", ("a.fit", sub())),
        ("files[]", ("b.fit", b"<html>")),
        ("files[]", ("a.fit", sub())),
    ]

    answer = user.post("upload_form.php", {"csrf_token": user.token()}, files=files)

    assert answer.status_code == 303, answer.text
    page = user.get(answer.headers["Location"]).text
    assert "2 subs received" in page
    assert "b.fit: This is not a FITS file but a web page" in page
    (job,) = rows.all(
        "SELECT j.* FROM stacking_jobs j JOIN users u ON u.id = j.user_id WHERE u.username = ?",
        user.name,
    )
    assert job["frame_count"] == 2


def test_the_form_without_script_and_without_files(user: Browser) -> None:
    answer = user.post(
        "upload_form.php", {"csrf_token": user.token()}, files=[("files[]", ("", b""))]
    )

    assert answer.status_code == 400
    assert "Choose at least one file" in answer.text
    assert re.search(r'aria-invalid="true"[^>]*name="files\[\]"', answer.text), "the form again"
    assert "Upload 1" not in user.get("status.php", view="uploads").text, "it began nothing"
    assert user.post("upload_form.php", {}, files=[("files[]", ("a.fit", b"x"))]).status_code == 403


def test_a_copy_alone_gives_no_chunk_of_its_own(user: Browser, rows: Rows) -> None:
    body = sub()
    user.upload(body)
    files = [("files[]", ("again.fit", copy_of(body)))]

    answer = user.post("upload_form.php", {"csrf_token": user.token()}, files=files)

    page = user.get(answer.headers["Location"]).text
    assert "Nothing new to stack" in page and "It made" not in page
    assert "nothing to stack" in user.get("status.php", view="uploads").text
    assert rows.one("SELECT COUNT(*) AS n FROM stacking_jobs")["n"] == 1


def test_names_are_kept_and_workers_get_plain_ones(
    user: Browser, worker: Worker, rows: Rows
) -> None:
    names = ["Kopie_\u00e4\u00f6\u00fc.fit", "Kopie_\u00fc\u00f6\u00e4.fit", '<b>&"\u661f.fit']
    files = [("files[]", (name, sub())) for name in names]

    answer = user.post("upload_form.php", {"csrf_token": user.token()}, files=files)

    assert answer.status_code == 303
    kept = [row["filename"] for row in rows.all("SELECT filename FROM raw_files ORDER BY id")]
    assert kept[:2] == names[:2] and kept[2].endswith("\u661f.fit")
    job = rows.one("SELECT id FROM stacking_jobs")["id"]
    page = user.get("job.php", id=job).text
    assert all(html.escape(name) in page for name in kept)
    assert "<b>" not in page
    lease = worker.claim()
    given = worker.get("job_files", job_id=lease["job_id"]).json()
    plain = [file["filename"] for file in (given["files"] if isinstance(given, dict) else given)]
    assert len({name.lower() for name in plain}) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9._+ -]+", name) for name in plain), plain
