"""What programs read of an account's stacks: the list, a stack by its key, its picture."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.clients.support import PASSWORD, Client, small_sub, stack_next
from tests.contract.jobs.support import PNG, Worker, stack_file
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

TYPES: dict[str, tuple[type, ...]] = {
    "id": (int,),
    "chunk_key": (str,),
    "object_name": (str,),
    "telescope_id": (str, type(None)),
    "filter_name": (str, type(None)),
    "date_obs_start": (str,),
    "date_obs_end": (str, type(None)),
    "ra_deg": (float, type(None)),
    "dec_deg": (float, type(None)),
    "n_frames_input": (int,),
    "n_frames_aligned": (int,),
    "file_size_bytes": (int,),
    "total_exptime": (float, type(None)),
    "created_at": (str,),
}
"""Every field that a client reads, with what it may be; see section 3.1 of the contract."""

NOTHING = (
    "object_name",
    "telescope",
    "filter_name",
    "date_obs_start",
    "date_obs_end",
    "ra_deg",
    "dec_deg",
    "total_exptime",
)


def test_no_stacks_are_an_empty_list(client: Client) -> None:
    answer = client.get("my_stacks")

    assert (answer.status_code, answer.text) == (200, "[]")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_stack_is_listed_with_every_field(client: Client, worker: Worker) -> None:
    client.upload(small_sub(OBJECT="'M 94'"))
    stack_id = stack_next(worker, ra_deg=192.7, dec_deg=41.0)["stack_id"]

    (listed,) = client.stacks()

    assert listed["id"] == stack_id
    assert listed["chunk_key"] == "20250327.05_HP033810"
    assert (listed["object_name"], listed["telescope_id"]) == ("M 94", "S50_1d3fe189")
    assert listed["date_obs_start"] == "2025-03-27T01:20:32Z"
    assert listed["date_obs_end"] == "2025-03-27T01:20:42Z"
    assert (listed["ra_deg"], listed["dec_deg"]) == (192.7, 41.0)
    assert {name: type(listed[name]) in types for name, types in TYPES.items()} == dict.fromkeys(
        TYPES, True
    )


def test_what_is_unknown_breaks_no_client(client: Client, worker: Worker, rows: Rows) -> None:
    client.upload(small_sub())
    stack_next(worker)
    for name in NOTHING:
        rows.execute(f"UPDATE stacked_frames SET {name} = NULL")  # noqa: S608

    (listed,) = client.stacks()

    assert (listed["object_name"], listed["date_obs_start"]) == ("", "")
    assert all(type(listed[name]) in types for name, types in TYPES.items())


@pytest.mark.parametrize("sent", ["M 94", "m 94", "M 94 ", "M+94", "M 9", "NGC 4736", ""])
def test_the_name_of_the_object_is_matched_exactly(
    client: Client, worker: Worker, sent: str
) -> None:
    client.upload(small_sub(OBJECT="'M 94'"))
    stack_next(worker)

    assert len(client.stacks(object=sent)) == (1 if sent == "M 94" else 0)


def test_without_a_pointing_the_key_is_the_time(client: Client, worker: Worker) -> None:
    without = client.upload(small_sub(RA="'?'", DEC="'?'"))
    stack_next(worker)

    assert without["chunks"] == ["20250327.05"]
    assert client.stacks()[0]["chunk_key"] == "20250327.05"
    for key in ("20250327.05", "20250327.05_HP000000", "20250327.5_HP000000"):
        assert client.get("download_stack", chunk_key=key).status_code == 200, key
    assert client.get("download_stack", chunk_key="20250327.05_HP000001").status_code == 404


@pytest.mark.parametrize(
    "key", ["20250327.05_HP033810", "20250327.5_HP033810", "20250327.05_193.0_+41.0"]
)
def test_a_stack_is_found_by_either_form_of_its_key(
    client: Client, worker: Worker, key: str
) -> None:
    body = stack_file()
    client.upload(small_sub(OBJECT="'M 94+ x'"))
    stack_id = stack_next(worker, body)["stack_id"]

    answer = client.get("download_stack", chunk_key=key)

    assert answer.content == body
    assert answer.headers["Content-Length"] == str(len(body))
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="M_94+_x_20250327.05_HP033810_{stack_id}.fits"'
    )


def test_a_plus_sign_that_was_not_encoded(client: Client, worker: Worker) -> None:
    client.upload(small_sub())
    stack_next(worker)

    raw = f"{client.site.api_url}/download_stack.php?chunk_key=20250327.05_193.0_+41.0"

    assert client.call("GET", "download_stack", params=raw.split("?")[1]).status_code == 200


def test_of_several_stacks_with_a_key_the_newest_comes_or_the_one_named(
    client: Client, worker: Worker
) -> None:
    bodies = [stack_file(), stack_file()]
    ids = []
    for body, filter_name in zip(bodies, ("'LP'", "'IRCUT'"), strict=True):
        client.upload(small_sub(FILTER=filter_name))
        ids.append(stack_next(worker, body)["stack_id"])
    key = client.stacks()[0]["chunk_key"]

    newest = client.get("download_stack", chunk_key=key)
    named = client.get("download_stack", chunk_key=key, id=ids[0])

    assert (newest.content, named.content) == (bodies[1], bodies[0])
    assert newest.headers["Content-Disposition"] != named.headers["Content-Disposition"]
    assert client.get("download_stack", chunk_key="20250327.06", id=ids[0]).status_code == 404
    assert client.get("download_stack", chunk_key=key, id="x").status_code == 400
    assert client.get("download_stack").status_code == 400


def test_the_picture_is_a_png(client: Client, worker: Worker, rows: Rows) -> None:
    client.upload(small_sub())
    stack_id = stack_next(worker)["stack_id"]

    answer = client.get("thumbnail", id=stack_id)

    assert (answer.content, answer.headers["Content-Type"]) == (PNG, "image/png")
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("thumbnail", id=stack_id + 1).status_code == 404
    assert client.get("thumbnail", id="0").status_code == 400
    rows.execute("UPDATE stacked_frames SET thumbnail_path = NULL")
    without = client.get("thumbnail", id=stack_id)
    assert (without.status_code, without.json()["code"]) == (404, "not_found")


def test_stacks_of_others_are_not_there(
    client: Client, worker: Worker, site: SiteUnderTest
) -> None:
    client.upload(small_sub())
    stack_id = stack_next(worker)["stack_id"]
    key = client.stacks()[0]["chunk_key"]
    site.create_user("bob", PASSWORD)
    other = Client(site, "bob", PASSWORD)

    assert other.stacks() == []
    assert other.get("download_stack", chunk_key=key, id=stack_id).status_code == 404
    assert other.get("thumbnail", id=stack_id).status_code == 404


def test_a_damaged_stack_is_not_listed(client: Client, worker: Worker, rows: Rows) -> None:
    client.upload(small_sub())
    stack_next(worker)
    key = client.stacks()[0]["chunk_key"]
    rows.execute("UPDATE stacked_frames SET damaged_at = '2026-01-01 00:00:00'")

    assert client.stacks() == []
    gone = client.get("download_stack", chunk_key=key)
    assert (gone.status_code, gone.headers["Content-Type"]) == (404, "application/json")


def test_very_many_stacks_fit_into_one_answer(
    borrow_site: Callable[..., SiteUnderTest], tmp_path: Path
) -> None:
    (tmp_path / "tight.ini").write_text("memory_limit=24M\n")
    site = borrow_site("sqlite", {"PHP_INI_SCAN_DIR": f":{tmp_path}"})
    site.create_user("ann", PASSWORD)
    client = Client(site, "ann", PASSWORD)
    client.upload(small_sub())
    stack_next(Worker(site, site.create_worker_key("stacker")))
    site.rows.execute("UPDATE stacked_frames SET notes = ?", json.dumps(["x" * 400] * 5))

    multiply_stacks(site.rows, 5**6)

    assert len(client.stacks()) == 5**6 + 1


def multiply_stacks(rows: Rows, count: int) -> None:
    """Copy the only stack, with its job, that many times; on SQLite."""
    of_job = (
        "user_id, upload_session_id, chunk_key, chunk_key_hp, time_block, frame_count,"
        " total_bytes, created_at, updated_at"
    )
    of_stack = (
        "user_id, chunk_key, chunk_key_hp, object_name, ucloud_path, file_size_bytes, sha256,"
        " n_frames_input, n_frames_aligned, date_obs_start, notes, verified_at, created_at"
    )
    copied = ", ".join(f"s.{name}" for name in of_stack.split(", "))
    jobs = f"""WITH RECURSIVE numbers (n)
            AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
        INSERT INTO stacking_jobs ({of_job}, group_key, status)
        SELECT {of_job}, 'n-' || n, 'completed' FROM stacking_jobs CROSS JOIN numbers"""  # noqa: S608
    stacks = f"""INSERT INTO stacked_frames (job_id, {of_stack}) SELECT j.id, {copied}
        FROM stacking_jobs j CROSS JOIN stacked_frames s WHERE j.id <> s.job_id"""  # noqa: S608
    rows.execute(jobs, count)
    rows.execute(stacks)
