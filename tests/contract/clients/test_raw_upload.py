"""Raw subs from programs: start, file and finalize, and stacks that are replaced."""

from __future__ import annotations

import io

import pytest
from astropy.io import fits

from tests.contract.clients.support import Client, small_sub, stack_next
from tests.contract.jobs.support import Worker, stack_file
from tests.contract.site.subs import sub, taken_at
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

POSITION = {"SITELAT": f"{48.2:>20}", "SITELONG": f"{16.4:>20}"}


def test_a_sub_is_answered_with_its_key(client: Client) -> None:
    answer = client.send(client.start(), small_sub(), "Light_M 94_10.0s_LP_20250327-022032.fit")

    assert answer.status_code == 200
    taken = answer.json()
    assert taken["ok"] is True
    assert taken["filename"] == "Light_M 94_10.0s_LP_20250327-022032.fit"
    assert taken["chunk_key"] == "20250327.05_HP033810"
    assert taken["date_obs"].startswith("2025-03-27T01:20:32")
    assert "error" not in taken


@pytest.mark.parametrize("name", ["M+94 \xfcber.fit", "a  b.FIT", "\u2609.fits"])
@pytest.mark.one_database
def test_names_with_blanks_plus_and_umlauts(client: Client, name: str) -> None:
    assert client.send(client.start(), small_sub(), name).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (sub({"DATE-OBS": None}), "no_date_obs"),
        (sub({"DATE-OBS": "'now'"}), "no_date_obs"),
        (b"\x89PNG\r\n\x1a\n" + bytes(5000), "not_fits"),
        (b"", "truncated"),
    ],
)
@pytest.mark.one_database
def test_what_is_no_sub_is_refused(client: Client, body: bytes, code: str) -> None:
    token = client.start()

    answer = client.send(token, body)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert client.send(token, small_sub()).status_code == 200


@pytest.mark.one_database
def test_steps_that_cannot_be_taken(client: Client) -> None:
    token = client.start()
    file = {"file": ("Light.fit", io.BytesIO(small_sub()))}

    assert client.call("POST", "raw_upload").status_code == 400
    assert client.call("POST", "raw_upload", params={"action": "stop"}).status_code == 400
    without = client.call("POST", "raw_upload", params={"action": "file"}, files=file)
    assert (without.status_code, without.json()["code"]) == (400, "no_session_token")
    no_file = client.call(
        "POST", "raw_upload", params={"action": "file"}, data={"session_token": token}
    )
    assert (no_file.status_code, no_file.json()["code"]) == (400, "no_file")
    assert client.send("0" * 32, small_sub()).status_code == 404
    empty = client.finalize(token)
    assert (empty.status_code, empty.json()["code"]) == (400, "empty_session")
    assert client.finalize("0" * 32).status_code == 404
    assert client.finalize(token, overwrite="yes").status_code == 400


def test_finalize_answers_the_same_when_it_is_repeated(client: Client, rows: Rows) -> None:
    token = client.start()
    for body in (small_sub(), taken_at("2025-03-27T01:40:00")):
        client.send(token, body)

    first = client.finalize(token)
    again = client.finalize(token, overwrite="1")

    assert first.status_code == 200
    assert first.json() == again.json()
    assert (first.json()["jobs"], len(rows.all("SELECT id FROM stacking_jobs"))) == (2, 2)
    assert first.json()["chunks"] == ["20250327.05_HP033810", "20250327.06_HP033810"]
    assert first.json()["skipped"] == []
    assert "error" not in first.json()


def test_telescopes_get_a_job_each(client: Client) -> None:
    done = client.upload(small_sub(), small_sub(TELESCOP="'S50_00000001'"))

    assert done["jobs"] == 2
    assert done["chunks"] == ["20250327.05_HP033810"] * 2


def test_what_is_stacked_is_skipped(client: Client, worker: Worker) -> None:
    body = small_sub()
    client.upload(body)
    stack_next(worker)

    again = client.upload(body)

    assert (again["ok"], again["jobs"], again["job_ids"], again["chunks"]) == (True, 0, [], [])
    assert again["skipped"] == ["20250327.05_HP033810"]


def test_overwrite_keeps_the_old_stack_until_the_new_one_is_there(
    client: Client, worker: Worker, rows: Rows, site: SiteUnderTest
) -> None:
    body, old, new = small_sub(), stack_file(), stack_file()
    job = client.upload(body)["job_ids"][0]
    stack_id = stack_next(worker, old)["stack_id"]
    key = client.stacks()[0]["chunk_key"]

    again = client.upload(body, overwrite="1")
    during = client.get("download_stack", chunk_key=key).content
    listed = client.stacks()
    replaced = stack_next(worker, new, n_frames_input=1)

    assert (again["job_ids"], again["skipped"]) == ([job], [])
    assert (during, [stack["id"] for stack in listed]) == (old, [stack_id])
    assert replaced["stack_id"] == stack_id
    assert client.get("download_stack", chunk_key=key).content == new
    assert rows.job(job)["replaces_stack"] == 0
    # The old files go only when the new stack has been read back once more.
    site.cleanup()
    assert len(list((site.data_dir / "stacks").rglob("*.fits"))) == 2
    rows.execute("UPDATE replaced_objects SET replaced_at = '2020-01-01 00:00:00'")
    site.cleanup()
    site.cleanup()
    assert len(list((site.data_dir / "stacks").rglob("stack_*.fits"))) == 1
    assert client.get("download_stack", chunk_key=key).content == new


def test_a_failed_overwrite_leaves_the_old_stack(
    client: Client, worker: Worker, rows: Rows
) -> None:
    body, old = small_sub(), stack_file()
    job = client.upload(body)["job_ids"][0]
    stack_next(worker, old)
    client.upload(body, overwrite="1")
    lease = worker.claim()
    worker.report("fail_job", lease, error_message="no stars", retryable=False)

    key = client.stacks()[0]["chunk_key"]
    skipped = client.upload(body)["skipped"]
    once_more = client.upload(body, overwrite="1")

    assert client.get("download_stack", chunk_key=key).content == old
    assert skipped == [key]
    assert once_more["job_ids"] == [job]
    assert rows.job(job)["status"] == "pending"


def test_light_of_a_failed_overwrite_can_be_sent_again(
    client: Client, worker: Worker, rows: Rows
) -> None:
    body, more = small_sub(), small_sub()
    client.upload(body)
    stack_next(worker)
    rows.execute("UPDATE stacked_frames SET created_at = '2026-01-01 00:00:00'")
    rows.execute("UPDATE raw_files SET created_at = '2025-12-31 00:00:00'")
    client.upload(body, more, overwrite="1")
    worker.report("fail_job", worker.claim(), error_message="no stars", retryable=False)

    again = client.upload(more)

    assert (again["jobs"], again["skipped"]) == (1, [])


def test_overwrite_does_not_disturb_what_is_being_stacked(client: Client, worker: Worker) -> None:
    body = small_sub()
    client.upload(body)
    worker.claim()

    again = client.upload(body, overwrite="1")

    assert (again["jobs"], again["skipped"]) == (0, ["20250327.05_HP033810"])


@pytest.mark.parametrize(("scrub", "tells"), [("0", True), ("1", False)])
def test_scrub_location(
    client: Client, worker: Worker, rows: Rows, scrub: str, *, tells: bool
) -> None:
    rows.execute("UPDATE users SET share_position = 1")
    client.upload(small_sub(**POSITION), scrub_location=scrub)

    lease = worker.claim()
    token = {"X-Lease-Token": lease["lease_token"]}
    listed = worker.get("job_files", token, job_id=lease["job_id"]).json()["files"]
    body = worker.get("download_raw", token, file_id=listed[0]["id"]).content

    # The worker is trusted and the account shares the position: only the wish keeps it secret.
    assert lease["may_tell_position"] is tells
    assert ("SITELAT" in fits.Header.fromstring(body[:2880].decode())) is tells
