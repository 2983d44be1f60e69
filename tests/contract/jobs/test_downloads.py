"""job_files and download_raw: only for the lease, in parts, in little memory."""

from __future__ import annotations

import hashlib
import os
from typing import Any

import pytest

from demo.services import Site
from tests.contract.jobs.support import Queue, Worker
from tests.support.rows import Rows


@pytest.fixture
def leased(worker: Worker, queue: Queue) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """A lease, its only file as listed, and that file's bytes."""
    job = queue.add_job()
    body = queue.raw_paths(job)[0].read_bytes()
    lease = worker.claim()
    return lease, worker.get("job_files", job_id=job).json()["files"][0], body


def test_files_are_listed_with_hashes_in_order_of_observation(worker: Worker, queue: Queue) -> None:
    job = queue.add_job(frames=3)
    lease = worker.claim()

    listing = worker.get("job_files", {"X-Lease-Token": lease["lease_token"]}, job_id=job).json()

    assert (listing["job_id"], listing["chunk_key"]) == (job, lease["chunk_key"])
    files = listing["files"]
    ids = [file["id"] for file in files]
    assert ids == sorted(ids, reverse=True)
    assert [file["filename"] for file in files] == [f"frame_{raw_id}.fits" for raw_id in ids]
    bodies = {hashlib.sha256(p.read_bytes()).hexdigest() for p in queue.raw_paths(job)}
    assert {file["sha256"] for file in files} == bodies
    first = files[0]
    assert first["file_size_bytes"] == 3002
    assert first["fits_date_obs"] == "2026-01-01 00:00:57"
    assert (first["fits_exptime"], first["fits_ra"], first["fits_dec"]) == (10.0, 192.72, 41.12)
    assert first["ucloud_path"] is None


def test_local_names_are_plain_and_never_twice(site: Site, queue: Queue, rows: Rows) -> None:
    worker = Worker(site, site.create_worker_key("observatory", trusted=True))
    job = queue.add_job(frames=4)
    odd = ["../../x.php.fits", "same.fit", "SAME.fit", ".häh?.fit"]
    ids = [row["id"] for row in rows.all("SELECT id FROM raw_files ORDER BY id")]
    for raw_id, name in zip(ids, odd, strict=True):
        rows.execute("UPDATE raw_files SET filename = ? WHERE id = ?", name, raw_id)
    worker.claim()

    names = [file["filename"] for file in worker.get("job_files", job_id=job).json()["files"]]

    assert len({name.lower() for name in names}) == 4
    for name in names:
        assert "/" not in name
        assert not name.startswith(".")
        assert name.isascii()


def test_whole_file_arrives_with_length_and_hash(
    worker: Worker, leased: tuple[dict[str, Any], dict[str, Any], bytes]
) -> None:
    lease, file, body = leased

    answer = worker.get("download_raw", {"X-Lease-Token": lease["lease_token"]}, file_id=file["id"])

    assert answer.status_code == 200
    assert answer.content == body
    assert answer.headers["Content-Length"] == str(len(body))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["ETag"] == f'"{file["sha256"]}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert (
        answer.headers["Content-Disposition"] == f'attachment; filename="frame_{file["id"]}.fits"'
    )


def test_a_part_can_be_asked_for(
    worker: Worker, leased: tuple[dict[str, Any], dict[str, Any], bytes]
) -> None:
    _, file, body = leased
    parts = {
        "bytes=0-99": (0, 99),
        "bytes=1000-": (1000, 2999),
        "bytes=-10": (2990, 2999),
        "bytes=2990-999999": (2990, 2999),
        "bytes=-999999": (0, 2999),
    }

    for asked, (first, last) in parts.items():
        answer = worker.get("download_raw", {"Range": asked}, file_id=file["id"])
        assert answer.status_code == 206
        assert answer.content == body[first : last + 1]
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/3000"
        assert answer.headers["Content-Length"] == str(last - first + 1)


def test_a_part_outside_the_file_is_416(
    worker: Worker, leased: tuple[dict[str, Any], dict[str, Any], bytes]
) -> None:
    for asked in ("bytes=3000-", "bytes=9999-10000", "bytes=-0"):
        answer = worker.get("download_raw", {"Range": asked}, file_id=leased[1]["id"])
        assert answer.status_code == 416
        assert answer.headers["Content-Range"] == "bytes */3000"


def test_a_range_that_makes_no_sense_is_answered_in_full(
    worker: Worker, leased: tuple[dict[str, Any], dict[str, Any], bytes]
) -> None:
    _, file, body = leased

    for asked in ("bytes=5-2", "bytes=0-1,5-6", "lines=0-1", "bytes=", "bytes=-"):
        answer = worker.get("download_raw", {"Range": asked}, file_id=file["id"])
        assert (answer.status_code, answer.content) == (200, body), asked


def test_a_resumed_download_is_bound_to_the_file_it_began_with(
    worker: Worker, leased: tuple[dict[str, Any], dict[str, Any], bytes]
) -> None:
    _, file, _ = leased
    same, other = f'"{file["sha256"]}"', f'"{"0" * 64}"'

    def status(**headers: str) -> int:
        named = {"Range": "bytes=10-", **{k.replace("_", "-"): v for k, v in headers.items()}}
        code: int = worker.get("download_raw", named, file_id=file["id"]).status_code
        return code

    assert status(If_Match=same) == 206
    assert status(If_Match=other) == 412
    assert status(If_Range=same) == 206
    assert status(If_Range=other) == 200


def test_frames_are_only_for_the_worker_that_holds_the_lease(
    worker: Worker, other_worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job()
    raw_id = rows.one("SELECT id FROM raw_files")["id"]
    before = worker.get("download_raw", file_id=raw_id)
    lease = worker.claim()
    strangers = [
        other_worker.get("download_raw", file_id=raw_id),
        other_worker.get("job_files", job_id=job),
        other_worker.get("download_raw", {"X-Lease-Token": lease["lease_token"]}, file_id=raw_id),
        worker.get("download_raw", {"X-Lease-Token": "0" * 64}, file_id=raw_id),
    ]
    worker.report("release_job", lease, reason="x")
    after = worker.get("download_raw", {"X-Lease-Token": lease["lease_token"]}, file_id=raw_id)

    assert [answer.status_code for answer in (before, *strangers, after)] == [409] * 6


def test_frames_that_are_gone_are_404(worker: Worker, queue: Queue, rows: Rows) -> None:
    job = queue.add_job(frames=2)
    worker.claim()
    first, second = [row["id"] for row in rows.all("SELECT id FROM raw_files ORDER BY id")]
    rows.execute("UPDATE raw_files SET deleted_at = created_at WHERE id = ?", first)
    for path in queue.raw_paths(job):
        path.unlink()

    for raw_id in (first, second, 4711):
        answer = worker.get("download_raw", file_id=raw_id)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_big_frame_streams_in_little_memory(tight_site: Site) -> None:
    site = tight_site
    rows = site.rows
    queue = Queue(site, rows)
    job = queue.add_job(frames=0)
    body = os.urandom(1 << 20) * 48
    raw = queue.add_raw(rows.job(job)["upload_session_id"], job, "big.fit", body)
    worker = Worker(site, site.create_worker_key("w"))
    worker.claim()

    answer = worker.get("download_raw", file_id=raw.id)

    assert hashlib.sha256(answer.content).hexdigest() == hashlib.sha256(body).hexdigest()
