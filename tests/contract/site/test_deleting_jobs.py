"""Deleting a job whole: by the page, by the API, and only by those who may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.jobs.support import Worker
from tests.contract.site.stacked import MakeStored
from tests.contract.site.subs import sub
from tests.contract.site.support import Browser
from tests.support.rows import Rows

pytestmark = pytest.mark.one_database


def delete(browser: Browser, job_id: Any, token: str) -> Any:
    """Call api/delete_job.php."""
    return browser.http.post(
        f"{browser.site.base_url}/api/delete_job.php",
        json={"job_id": job_id, "csrf_token": token},
        allow_redirects=False,
        timeout=60,
    )


def test_deleting_removes_everything(user: Browser, rows: Rows, make_stored: MakeStored) -> None:
    stack = make_stored()
    (row,) = rows.all("SELECT id, sha256 FROM stacked_frames WHERE job_id = ?", stack.job_id)
    epoch = {"stack_id": row["id"], "source_sha256": row["sha256"], "bands": "RGB"}
    rows.insert("epochs", **epoch, ingested_at="2026-01-02 03:04:05")

    answer = delete(user, stack.job_id, user.token())

    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert [path for path in stack.files if path.exists()] == []
    for table, column in (
        ("stacking_jobs", "id"),
        ("stacked_frames", "job_id"),
        ("raw_files", "job_id"),
    ):
        assert rows.all(f"SELECT id FROM {table} WHERE {column} = ?", stack.job_id) == []  # noqa: S608
    assert rows.all("SELECT id FROM epochs") == []
    assert rows.events(stack.job_id)[-1] == "deleted"
    assert user.get("api/stacks_data.php").json() == []
    assert delete(user, stack.job_id, user.token()).status_code == 404


def test_deleting_a_waiting_job_removes_its_subs(user: Browser, rows: Rows) -> None:
    body = sub()
    finalized = user.upload(body)
    (row,) = rows.all(
        "SELECT storage_name FROM raw_files WHERE job_id = ?", finalized["job_ids"][0]
    )
    path = user.site.data_dir / "raws" / row["storage_name"]
    assert path.exists()

    assert delete(user, finalized["job_ids"][0], user.token()).status_code == 200

    assert not path.exists()
    assert user.upload(body)["jobs"] == 1


def test_deleting_a_running_job_stops_its_worker(user: Browser, rows: Rows, worker: Worker) -> None:
    job_id = user.upload(sub())["job_ids"][0]
    rows.execute("UPDATE stacking_jobs SET priority = 9 WHERE id = ?", job_id)
    lease = worker.claim()
    stored = worker.archive(lease)
    name = Path(stored["ucloud_path"]).name

    assert delete(user, job_id, user.token()).status_code == 200

    assert list((user.site.data_dir / "stacks").rglob(name)) == []
    assert worker.report("heartbeat", lease, stage="upload", progress=1.0).status_code == 404
    assert worker.report("complete_job", lease, **stored).status_code == 404


def test_deleting_is_for_the_owner_with_a_token(
    user: Browser, new_user: Callable[..., Browser], visitor: Browser
) -> None:
    job_id = user.upload(sub())["job_ids"][0]
    other = new_user()

    assert delete(visitor, job_id, "0" * 64).status_code == 401
    assert delete(user, job_id, "0" * 64).status_code == 403
    assert delete(other, job_id, other.token()).status_code == 404
    assert delete(user, None, user.token()).status_code == 400
    assert user.get("api/delete_job.php").status_code == 405
    assert user.get("job.php", id=job_id).status_code == 200


def test_the_job_page_deletes_by_form(user: Browser) -> None:
    job_id = user.upload(sub())["job_ids"][0]
    token = user.token(f"job.php?id={job_id}")

    answer = user.post("job.php", {"action": "delete", "job_id": job_id, "csrf_token": token})

    assert answer.headers["Location"] == "status.php"
    assert "is deleted" in user.get(answer.headers["Location"]).text
    assert user.get("job.php", id=job_id).status_code == 404
