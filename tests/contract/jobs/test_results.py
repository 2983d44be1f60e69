"""upload_result: what workers send is stored whole, below plain names, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import requests

from demo.services import Site, WebDavServer
from tests.contract.jobs.support import Queue, Worker, stack_file
from tests.support.cleanups import clean_up


def stored_files(site: Site) -> list[Path]:
    """Return every file below the storage and the spool."""
    folders = (site.data_dir / "stacks", site.data_dir / "spool")
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_object_names_become_plain_folders(worker: Worker, queue: Queue) -> None:
    folders = {
        "M 94": "M_94",
        "C/2023 A3": "C_2023_A3",
        "NGC 7000/a#b?c": "unknown",
        "My garden, 48.1 N": "unknown",
        "..": "unknown",
        "": "unknown",
        None: "unknown",
    }

    for object_name, folder in folders.items():
        queue.add_job(object_name=object_name)
        lease = worker.claim()
        path = worker.archive(lease)["ucloud_path"]
        stem = f"stack_{lease['chunk_key']}_{lease['job_id']}.{lease['attempt_tag']}.fits"
        assert path == f"/crowdsky/stacks/user_{queue.user_id}/{folder}/{stem}"


def test_sending_the_same_result_again_is_harmless(worker: Worker, queue: Queue) -> None:
    queue.add_job()
    lease = worker.claim()
    body = stack_file()

    answers = [worker.upload(lease, body) for _ in range(2)]
    other = worker.upload(lease, stack_file())

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (other.status_code, other.json()["code"]) == (409, "already_stored")


def test_results_that_arrive_damaged_are_not_stored(
    site: Site, worker: Worker, queue: Queue
) -> None:
    queue.add_job()
    lease = worker.claim()
    body = stack_file()

    refused = [
        worker.upload(lease, body, X_SHA256="0" * 64),
        worker.upload(lease, body, X_SHA256="none"),
        worker.upload(lease, b"<html>not a stack</html>"),
        worker.upload(lease, b"\x1f\x8b" + body),
        worker.upload(lease, body, kind="thumbnail"),
        worker.upload(lease, body, kind="php"),
        worker.upload(lease, body, Content_Encoding="gzip"),
    ]

    assert [answer.status_code for answer in refused] == [422, 400, 422, 422, 422, 400, 415]
    assert stored_files(site) == []


def test_results_need_a_living_lease(
    site: Site, worker: Worker, other_worker: Worker, queue: Queue
) -> None:
    queue.add_job()
    lease = worker.claim()

    refused = [
        other_worker.upload(lease, stack_file()),
        worker.upload(lease, stack_file(), X_Lease_Token="0" * 64),
        worker.upload({**lease, "job_id": 999}, stack_file()),
    ]
    worker.report("release_job", lease, reason="x")
    refused.append(worker.upload(lease, stack_file()))

    assert [answer.status_code for answer in refused] == [409, 409, 404, 409]
    assert stored_files(site) == []


def test_results_above_the_limit_are_refused(make_site: Callable[..., Site]) -> None:
    site = make_site(CROWDSKY_MAX_RESULT_BYTES="10000")
    queue = Queue(site, site.rows)
    worker = Worker(site, site.create_worker_key("w"))
    queue.add_job()
    lease = worker.claim()

    answer = worker.upload(lease, stack_file())

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert stored_files(site) == []


def test_results_without_a_length_are_refused(site: Site, worker: Worker, queue: Queue) -> None:
    queue.add_job()
    lease = worker.claim()

    answer = requests.put(
        f"{site.api_url}/upload_result.php",
        params={"job_id": lease["job_id"], "kind": "stack"},
        data=iter([stack_file()]),
        headers={**worker.headers, "X-SHA256": "0" * 64},
        timeout=30,
    )

    assert answer.status_code in {400, 411}
    assert stored_files(site) == []


def test_a_big_result_passes_through_in_little_memory(tight_site: Site) -> None:
    queue = Queue(tight_site, tight_site.rows)
    worker = Worker(tight_site, tight_site.create_worker_key("w"))
    queue.add_job()
    lease = worker.claim()

    report = worker.archive(lease, stack_file(size=2400))

    assert report["file_size_bytes"] > 30 << 20
    assert worker.report("complete_job", lease, **report).status_code == 200


def test_results_can_live_in_a_webdav_share(
    make_site: Callable[..., Site], webdav: WebDavServer, share_settings: dict[str, str]
) -> None:
    site = make_site(**share_settings, CROWDSKY_RAW_GRACE_HOURS="0")
    queue = Queue(site, site.rows)
    worker = Worker(site, site.create_worker_key("w"))
    job = queue.add_job()
    raws = queue.raw_paths(job)
    lease = worker.claim()
    body = stack_file()

    report = worker.archive(lease, body)
    completed = worker.report("complete_job", lease, **report)

    assert completed.status_code == 200, completed.text
    assert (webdav.root / report["ucloud_path"].lstrip("/")).read_bytes() == body
    assert [path.suffix for path in webdav.root.rglob("*") if path.is_file()] == [".fits"]
    clean_up(site)
    assert not any(path.exists() for path in raws)


def test_a_storage_that_is_down_is_a_503_and_nothing_is_lost(
    make_site: Callable[..., Site], webdav: WebDavServer, share_settings: dict[str, str]
) -> None:
    site = make_site(**share_settings)
    rows = site.rows
    queue = Queue(site, rows)
    worker = Worker(site, site.create_worker_key("w"))
    queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease)
    webdav.kill()

    answer = worker.report("complete_job", lease, **report)

    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert webdav.token not in answer.text
    assert rows.job(lease["job_id"])["status"] == "processing"
    webdav.restart()
    assert worker.report("complete_job", lease, **report).status_code == 200


def test_raw_bytes_never_reach_an_executable_name(site: Site, worker: Worker, queue: Queue) -> None:
    queue.add_job(object_name="x.php")
    lease = worker.claim()
    worker.archive(lease)

    assert all(path.suffix == ".fits" for path in stored_files(site))
    assert os.access(site.data_dir / ".htaccess", os.R_OK)
