"""What the script of the upload page asks: rules, pre-flight, batches, discarding, positions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from crowdsky.base.json_fields import JsonObject
from demo.services import PHP_API
from tests.contract.jobs.support import Worker
from tests.contract.site.subs import sub, taken_at
from tests.contract.site.support import Browser, claim_first
from tests.support.rows import Rows

SCRIPT = {"Accept": "application/json"}


def sha256(body: bytes) -> str:
    """Return the hash as the site writes it."""
    return hashlib.sha256(body).hexdigest()


def rules(user: Browser) -> JsonObject:
    """Return what the site takes."""
    answer = user.get("upload.php", headers=SCRIPT, action="rules")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def preflight(user: Browser, **question: Any) -> Any:
    """Ask about files before they are sent."""
    return user.http.post(
        f"{user.site.base_url}/upload.php?action=preflight",
        json={**question, "csrf_token": rules(user)["csrf_token"]},
        headers=SCRIPT,
        timeout=60,
    )


def send(user: Browser, session: str, body: bytes) -> Any:
    """Send a body with several files."""
    return user.http.put(
        f"{user.site.base_url}/upload.php",
        params={"action": "files", "session_token": session},
        data=body,
        headers=SCRIPT,
        timeout=60,
    )


def batch(*files: tuple[str, bytes]) -> bytes:
    """Return a body with these files."""
    line = {"files": [{"name": name, "bytes": len(body)} for name, body in files]}
    return json.dumps(line).encode() + b"\n" + b"".join(body for _, body in files)


def test_the_rules_are_those_that_files_are_read_by(user: Browser) -> None:
    answer = rules(user)
    table = json.loads((PHP_API / "src" / "Fits" / "header_cards.json").read_text())

    assert answer["csrf_token"] == user.token()
    assert answer["rules"]["chunk_minutes"] == 15
    assert answer["rules"]["pointing_tolerance_deg"] == 0.25
    assert answer["rules"]["max_file_bytes"] == 50 << 20
    cards = ("facts", "words", "sizes", "ahead_of_utc_s", "local_end_clocks")
    assert answer["rules"]["cards"] == {name: table[name] for name in cards}
    assert answer["quota_bytes"] is None


def test_a_new_login_has_a_new_token_that_the_page_can_ask_for(user: Browser) -> None:
    before = rules(user)["csrf_token"]
    user.http.cookies.clear()
    assert user.get("upload.php", headers=SCRIPT, action="rules").status_code == 401
    user.log_in(user.name)

    assert rules(user)["csrf_token"] != before


def test_only_files_with_a_known_start_and_size_need_a_hash(user: Browser) -> None:
    here = taken_at("2025-03-27T01:20:32.5")
    session = user.start()
    user.put(session, here)
    frames = [
        {"start": "2025-03-27 01:20:32", "bytes": len(here)},
        {"start": "2025-03-27 01:20:32", "bytes": len(here) + 2880},
        {"start": "2025-03-27 01:20:33", "bytes": len(here)},
    ]

    answer = preflight(user, frames=frames)

    assert answer.status_code == 200, answer.text
    assert answer.json()["candidates"] == [0]


def test_what_is_here_is_known_by_its_hash(
    user: Browser, new_user: Callable[..., Browser], rows: Rows, worker: Worker
) -> None:
    stacked, waiting, arrived, new = (sub() for _ in range(4))
    job_id = user.upload(stacked)["job_ids"][0]
    lease = claim_first(rows, worker, job_id)
    worker.report("complete_job", lease, **worker.archive(lease))
    user.upload(waiting)
    session = user.start()
    user.put(session, arrived)

    question = {"sha256": [sha256(body) for body in (stacked, waiting, arrived, new)]}
    known = {found["sha256"]: found for found in preflight(user, **question).json()["known"]}

    assert known[sha256(stacked)]["state"] == "stacked"
    assert known[sha256(waiting)]["state"] == "queued"
    assert known[sha256(arrived)] == {
        "sha256": sha256(arrived),
        "state": "uploaded",
        "session_token": session,
    }
    assert sha256(new) not in known
    # Nobody learns what others have.
    other = new_user()
    assert preflight(other, **question).json()["known"] == []
    frames = [{"start": "2025-03-27 01:20:32", "bytes": len(arrived)}]
    assert preflight(user, frames=frames).json()["candidates"] == [0]
    assert preflight(other, frames=frames).json()["candidates"] == []


@pytest.mark.parametrize(
    "question",
    [
        {"sha256": ["A" * 64]},
        {"sha256": ["0" * 64] * 1001},
        {"frames": [{"start": "yesterday", "bytes": 1}]},
        {"frames": [{"start": "2025-03-27 01:20:32"}]},
        {"frames": [{"start": "2025-03-27 01:20:32", "bytes": -1}]},
    ],
)
@pytest.mark.one_database
def test_a_question_of_another_form_is_refused(user: Browser, question: JsonObject) -> None:
    answer = preflight(user, **question)

    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "bad_request"


@pytest.mark.one_database
def test_a_question_needs_the_token(user: Browser) -> None:
    address = f"{user.site.base_url}/upload.php?action=preflight"
    for token in ({}, {"csrf_token": "0" * 64}, {"csrf_token": None}):
        answer = user.http.post(address, json=token, headers=SCRIPT, timeout=60)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


def test_a_batch_is_received_file_by_file(user: Browser, rows: Rows) -> None:
    good, late = sub(), sub()
    session = user.start()
    files = [("a.fit", good), ("b.fit", b"<!doctype html>"), ("c.fit", late), ("d.fit", good)]

    answer = send(user, session, batch(*files))

    assert answer.status_code == 200, answer.text
    found = answer.json()["files"]
    assert [entry.get("ok") for entry in found] == [True, None, True, True]
    assert found[1]["code"] == "not_fits"
    assert found[1]["is_final"] is True
    assert found[3]["duplicate"] is True
    stored = rows.all("SELECT filename, sha256 FROM raw_files ORDER BY id")
    assert [row["sha256"] for row in stored] == [sha256(good), sha256(late)]
    listed = user.get("upload.php", action="status", session_token=session).json()
    assert [file["sha256"] for file in listed["files"]] == [sha256(good), sha256(late)]
    assert len(user.finalize(session).json()["job_ids"]) == 1


def test_a_batch_that_is_cut_off_keeps_what_has_arrived(user: Browser, rows: Rows) -> None:
    first, second = sub(), sub()
    session = user.start()

    answer = send(user, session, batch(("a.fit", first), ("b.fit", second))[:-1])

    assert answer.status_code == 200, answer.text
    assert len(answer.json()["files"]) == 1
    assert [row["sha256"] for row in rows.all("SELECT sha256 FROM raw_files")] == [sha256(first)]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no json\nbytes", 400),
        (b'{"files": []}\n', 400),
        (b'{"files": [{"name": "a.fit"}]}\n', 400),
        (b'{"files": [{"name": "a.fit", "bytes": 99000000}]}\n', 400),
        (json.dumps({"files": [{"name": "a.fit", "bytes": 4 << 20}] * 2}).encode() + b"\n", 413),
        (json.dumps({"files": [{"name": "a.fit", "bytes": 1}] * 51}).encode() + b"\n", 400),
        (b"x" * 70000, 400),
    ],
)
def test_a_body_that_is_no_batch_is_refused(user: Browser, body: bytes, status: int) -> None:
    answer = send(user, user.start(), body)

    assert answer.status_code == status, answer.text
    assert answer.json()["code"] in ("bad_request", "too_large")


@pytest.mark.one_database
def test_a_batch_for_an_upload_that_has_ended_is_refused(user: Browser) -> None:
    session = user.upload(sub())["session"]

    assert send(user, session, batch(("a.fit", sub()))).status_code == 404


def test_discarding_deletes_what_has_arrived(user: Browser, rows: Rows) -> None:
    session = user.start()
    body = sub()
    user.put(session, body)
    stored = list((user.site.data_dir / "raws").rglob("*.fits"))
    assert len(stored) == 1
    fields = {"action": "discard", "session_token": session, "csrf_token": user.token()}

    answer = user.post("upload.php", fields)

    assert (answer.status_code, answer.headers["Location"]) == (303, "upload.php")
    page = user.get("upload.php").text
    assert "was discarded" in page
    assert "Go on with this upload" not in page
    assert not stored[0].exists()
    assert user.put(session, sub()).status_code == 404
    assert user.finalize(session).status_code == 404
    assert preflight(user, sha256=[sha256(body)]).json()["known"] == []
    assert "discarded" in user.get("status.php", view="uploads").text
    # Once more changes nothing, and what is stacked cannot be discarded any more.
    assert user.call("upload.php", fields).status_code == 200
    ended = user.upload(sub())["session"]
    assert user.call("upload.php", {**fields, "session_token": ended}).status_code == 409
    assert rows.one("SELECT COUNT(*) AS n FROM stacking_jobs")["n"] == 1
    user.site.cleanup()
    assert "Upload 1<" in user.get("status.php", view="uploads").text


def test_a_discarded_upload_without_files_leaves_no_row(user: Browser, rows: Rows) -> None:
    fields = {"action": "discard", "session_token": user.start(), "csrf_token": user.token()}
    assert user.call("upload.php", fields).status_code == 200

    user.site.cleanup()

    assert rows.all("SELECT id FROM upload_sessions") == []


def choose(user: Browser, telescope: str, is_shared: str) -> Any:
    """Choose whether the position of a telescope may be read."""
    fields = {"action": "position", "telescope": telescope, "is_shared": is_shared}
    return user.call("upload.php", {**fields, "csrf_token": user.token()})


def test_the_position_is_a_choice_for_each_telescope(
    user: Browser, rows: Rows, worker: Worker
) -> None:
    site: dict[str, str | None] = {"SITELAT": f"{48.2:>20}", "SITELONG": f"{16.4:>20}"}
    assert choose(user, "S50_1d3fe189", "1").status_code == 200
    assert rules(user)["positions"] == {"S50_1d3fe189": True}

    def position_is_shared(telescope: str) -> bool:
        """Send a sub of the telescope, and return whether a worker may read its position."""
        body = sub({**site, "TELESCOP": f"'{telescope}'"})
        lease = claim_first(rows, worker, user.upload(body)["job_ids"][0])
        told = b"SITELAT" in first_file(worker, lease)
        assert lease["may_tell_position"] is told
        return told

    assert position_is_shared("S50_1d3fe189")
    assert not position_is_shared("S50_2d3fe189")
    # It counts for subs that are handed out from now on, and wins over the account.
    rows.execute("UPDATE users SET share_position = 1")
    assert choose(user, "S50_1d3fe189", "0").status_code == 200
    assert not position_is_shared("S50_1d3fe189")
    assert position_is_shared("S50_2d3fe189")
    choose(user, "S50_1d3fe189", "")
    assert rules(user)["positions"] == {}
    assert position_is_shared("S50_1d3fe189")


def first_file(worker: Worker, lease: JsonObject) -> bytes:
    """Return the first sub of a claimed job as the worker gets it."""
    token = {"X-Lease-Token": lease["lease_token"]}
    (file,) = worker.get("job_files", token, job_id=lease["job_id"]).json()["files"]
    return bytes(worker.get("download_raw", token, file_id=file["id"]).content)


def test_the_account_lists_the_telescopes_with_their_choice(user: Browser) -> None:
    user.upload(sub())
    assert "S50_1d3fe189" in user.get("account.php").text
    fields = {"form_action": "telescope", "telescope": "S50_1d3fe189", "is_shared": "0"}

    answer = user.post("account.php", {**fields, "csrf_token": user.token()})

    assert answer.status_code == 303
    assert '<option value="0" selected>' in user.get("account.php").text
    assert rules(user)["positions"] == {"S50_1d3fe189": False}


@pytest.mark.one_database
def test_a_choice_for_no_telescope_is_refused(user: Browser) -> None:
    for telescope, is_shared in (("x" * 65, "1"), ("a\nb", "1"), ("S50", "maybe")):
        assert choose(user, telescope, is_shared).status_code == 400


def form(user: Browser, *files: tuple[str, bytes]) -> Any:
    """Send files by the form of browsers without script."""
    parts = [("files[]", (name, body)) for name, body in files]
    return user.post("upload_form.php", {"csrf_token": user.token()}, files=parts)


def test_the_form_without_script_leads_to_the_upload(user: Browser) -> None:
    body = sub({"OBJECT": "'M 94    '"})

    answer = form(user, ("a.fit", body), ("b.fit", b"<!doctype html>"))

    assert answer.status_code == 303
    page = user.get(answer.headers["Location"]).text
    assert "1 sub received. 1 chunk now waits for a worker." in page
    assert "b.fit: This is not a FITS file but a web page" in page
    # The notes are shown once, and the same subs are no new chunk.
    assert "received" not in user.get(answer.headers["Location"]).text
    again = form(user, ("a.fit", body))
    assert "Nothing new to stack" in user.get(again.headers["Location"]).text
    refused = form(user, ("b.fit", b"<!doctype html>"))
    assert (refused.status_code, "Nothing was uploaded" in refused.text) == (400, True)


def test_an_upload_speaks_of_chunks_by_their_time(
    user: Browser, rows: Rows, worker: Worker
) -> None:
    body = taken_at("2025-03-27T01:20:32.5")
    upload = user.upload(body)
    page = user.get("status.php", session=upload["session"]).text
    assert "2025-03-27 01:15 UTC" in page
    assert "20250327.05" not in page

    lease = claim_first(rows, worker, upload["job_ids"][0])
    worker.report("complete_job", lease, **worker.archive(lease))
    again = user.upload(body)
    page = user.get("status.php", session=again["session"]).text
    assert "1 chunk is not stacked again" in page
    assert "2025-03-27 01:15" in page
    assert "20250327.05" not in page


def test_a_fault_of_the_subs_offers_no_other_try_at_once(
    user: Browser, rows: Rows, worker: Worker
) -> None:
    upload = user.upload(sub())
    lease = claim_first(rows, worker, upload["job_ids"][0])
    reason = {"error_message": "No star was found in any sub.", "retryable": False}
    assert worker.report("fail_job", lease, **reason).status_code == 200

    page = user.get("status.php", session=upload["session"]).text
    assert "0 stacked, 1 failed" in page
    assert "Why is said below." in page
    assert "another run would end the same way" in page
    assert "Try again now" not in page
    assert "Try again now" not in user.get("job.php", id=lease["job_id"]).text

    rows.execute("UPDATE stacking_jobs SET attempts = max_attempts")
    assert "Try again now" in user.get("job.php", id=lease["job_id"]).text


def test_the_list_of_uploads_does_not_call_a_failed_one_finished(
    user: Browser, rows: Rows, worker: Worker
) -> None:
    upload = user.upload(sub())
    assert "finished" not in user.get("status.php", view="uploads").text
    lease = claim_first(rows, worker, upload["job_ids"][0])
    worker.report("fail_job", lease, error_message="No star was found.", retryable=False)

    page = user.get("status.php", view="uploads").text

    assert "finished" not in page
    assert "1 failed" in page
