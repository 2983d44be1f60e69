"""What every endpoint has in common: methods, bodies that are not what they should be, headers."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from demo.services import Site
from tests.contract.jobs.support import Queue, Worker
from tests.support.rows import Rows

METHODS = {
    "next_job": "GET",
    "job_files": "GET",
    "download_raw": "GET",
    "heartbeat": "POST",
    "complete_job": "POST",
    "fail_job": "POST",
    "release_job": "POST",
    "upload_result": "PUT",
}
REPORTS = [name for name, method in METHODS.items() if method == "POST"]


def send(site: Site, worker: Worker, endpoint: str, body: bytes, **headers: str) -> Any:
    """POST any bytes."""
    return requests.post(
        f"{site.api_url}/{endpoint}.php",
        data=body,
        headers={**worker.headers, **{k.replace("_", "-"): v for k, v in headers.items()}},
        timeout=30,
    )


def test_other_methods_are_405_and_name_the_right_one(sqlite_site: Site) -> None:
    for endpoint, method in METHODS.items():
        for other in {"GET", "POST", "PUT", "DELETE", "PATCH"} - {method}:
            answer = requests.request(other, f"{sqlite_site.api_url}/{endpoint}.php", timeout=30)
            assert answer.status_code == 405, (endpoint, other)
            assert answer.headers["Allow"] == method
            assert answer.json()["code"] == "method_not_allowed"


def test_every_endpoint_asks_for_a_key(sqlite_site: Site) -> None:
    for endpoint, method in METHODS.items():
        answer = requests.request(method, f"{sqlite_site.api_url}/{endpoint}.php", timeout=30)
        assert answer.status_code == 401, endpoint
        assert set(answer.json()) == {"error", "code"}


def test_bodies_that_are_no_json_object_are_400(sqlite_site: Site) -> None:
    worker = Worker(sqlite_site, sqlite_site.create_worker_key("w"))
    deep = b'{"job_id":' + b"[" * 200 + b"]" * 200 + b"}"
    bodies = [
        b"",
        b"   ",
        b"job_id=1",
        b"[]",
        b"[1]",
        b"1",
        b"null",
        b'"x"',
        b"{",
        b'{"job_id": NaN}',
        b'{"job_id": 1, "error_message": "\xff\xfe"}',
        deep,
        b"\x00" * 100,
    ]

    for endpoint in REPORTS:
        for body in bodies:
            answer = send(sqlite_site, worker, endpoint, body)
            assert answer.status_code == 400, (endpoint, body[:40], answer.text)
            assert answer.json()["error"]


def test_job_ids_that_are_none_are_400(sqlite_site: Site) -> None:
    worker = Worker(sqlite_site, sqlite_site.create_worker_key("w"))
    odd: list[Any] = [0, -1, 1.5, "x", "", [], {}, True, None, 10**30, "1; DROP TABLE users"]

    for endpoint in REPORTS:
        for job_id in odd:
            answer = send(sqlite_site, worker, endpoint, json.dumps({"job_id": job_id}).encode())
            assert answer.status_code == 400, (endpoint, job_id)
            assert "job_id" in answer.json()["error"]
    for endpoint in ("job_files", "download_raw"):
        name = "job_id" if endpoint == "job_files" else "file_id"
        for value in ("", "0", "-1", "1.5", "x", "1e3", "9" * 30, "1\0"):
            query: dict[str, Any] = {name: value}
            assert worker.get(endpoint, None, **query).status_code == 400, (endpoint, value)
        as_list: dict[str, Any] = {f"{name}[]": ["1", "2"]}
        assert worker.get(endpoint, None, **as_list).status_code == 400, endpoint


def test_wrong_types_are_400_and_name_the_field(sqlite_site: Site) -> None:
    worker = Worker(sqlite_site, sqlite_site.create_worker_key("w"))
    cases: list[tuple[str, str, Any]] = [
        ("heartbeat", "progress", 1.5),
        ("heartbeat", "progress", "half"),
        ("heartbeat", "stage", 7),
        ("heartbeat", "lease_token", 7),
        ("fail_job", "error_message", ["x"]),
        ("fail_job", "retryable", "no"),
        ("fail_job", "retryable", 0),
        ("release_job", "reason", {}),
        ("complete_job", "thumbnail_path", 1),
    ]

    for endpoint, field, value in cases:
        fields = {"job_id": 1, "ucloud_path": "/x", "n_frames_aligned": 1, field: value}
        answer = worker.post(endpoint, **fields)
        assert answer.status_code == 400, (endpoint, field)
        assert field in answer.json()["error"]


def test_big_and_compressed_bodies_are_refused(sqlite_site: Site) -> None:
    worker = Worker(sqlite_site, sqlite_site.create_worker_key("w"))

    big = send(sqlite_site, worker, "fail_job", b'{"job_id": 1, "x": "' + b"x" * 300_000 + b'"}')
    packed = send(sqlite_site, worker, "fail_job", b"{}", Content_Encoding="gzip")
    plain = send(sqlite_site, worker, "fail_job", b'{"job_id": 9}', Content_Encoding="identity")

    assert [big.status_code, packed.status_code, plain.status_code] == [413, 415, 404]


def test_long_and_strange_texts_are_stored_readably(site: Site, queue: Queue, rows: Rows) -> None:
    worker = Worker(site, site.create_worker_key("w"), name="x" * 500)
    job = queue.add_job()
    lease = worker.claim()

    answer = worker.report("fail_job", lease, error_message="a\x00b\x1b[31m<b>" + "ü" * 5000)

    assert answer.status_code == 200
    row = rows.job(job)
    assert row["error_message"].startswith("a b [31m<b>ü")
    assert len(row["error_message"]) == 2000
    assert row["worker_name"] == "x" * 64


@pytest.mark.parametrize("endpoint", ["next_job", "health"])
def test_answers_carry_the_headers_that_keep_them_safe(sqlite_site: Site, endpoint: str) -> None:
    answer = requests.get(f"{sqlite_site.api_url}/{endpoint}.php", timeout=30)

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/json"
    assert "X-Powered-By" not in answer.headers


def test_health_says_whether_the_authorization_header_arrives(site: Site) -> None:
    without = requests.get(f"{site.api_url}/health.php", timeout=30).json()
    answer = requests.get(
        f"{site.api_url}/health.php", headers={"Authorization": "Bearer x"}, timeout=30
    )

    assert without["ok"] is True
    assert without["authorization_header"] is False
    assert answer.json()["authorization_header"] is True
    assert answer.json()["database"] in {"sqlite", "mariadb"}


def test_an_unexpected_error_shows_a_reference_and_nothing_else(sqlite_site: Site) -> None:
    key = sqlite_site.create_worker_key("w")
    secret = sqlite_site.data_dir / "secret"
    secret.unlink(missing_ok=True)
    secret.write_bytes(b"too short")

    answer = requests.get(
        f"{sqlite_site.api_url}/next_job.php",
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )

    assert answer.status_code == 500
    body = answer.json()
    assert body["code"] == "internal"
    assert str(sqlite_site.data_dir) not in answer.text
    log = (sqlite_site.data_dir / "log" / "crowdsky.log").read_text()
    assert body["reference"] in log
    assert str(secret) in log
    assert key not in log
