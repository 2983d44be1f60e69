"""upload_result and complete_job: nothing enters the archive that the site has not read itself."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from tests.contract.jobs.support import PNG, Queue, Rows, Worker, stack_file
from worker.demo.services import Site, WebDavServer


def test_completed_job_is_archived_with_what_the_site_measured(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job(frames=2)
    lease = worker.claim()
    body = stack_file()
    report = worker.archive(lease, body)
    thumbnail = worker.upload(lease, PNG, kind="thumbnail").json()

    answer = worker.report(
        "complete_job",
        lease,
        **{
            **report,
            "n_frames_input": 2,
            "n_frames_aligned": 1,
            "thumbnail_path": thumbnail["path"],
            "thumbnail_size_bytes": len(PNG),
            "total_exptime": 10,
            "date_obs_start": "2026-01-01 00:00:57.5",
            "date_obs_end": "2026-01-01T00:01:07Z",
            "ra_deg": 192.7213456789,
            "dec_deg": -0.0001,
            "n_stars_detected": 120,
            "engine": "seestarpy 0.1.3",
            "notes": ["1 of 2 frames was left out: trailed", "ünïcode"],
        },
    )

    stack = rows.one("SELECT * FROM stacked_frames")
    assert answer.json() == {"ok": True, "status": "completed", "stack_id": stack["id"]}
    expected = {
        "job_id": job,
        "user_id": queue.user_id,
        "chunk_key": lease["chunk_key"],
        "chunk_key_hp": lease["chunk_key_hp"],
        "object_name": "M 94",
        "ucloud_path": report["ucloud_path"],
        "thumbnail_path": thumbnail["path"],
        "file_size_bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "n_frames_input": 2,
        "n_frames_aligned": 1,
        "total_exptime": 10.0,
        "date_obs_start": "2026-01-01T00:00:57.5",
        "date_obs_end": "2026-01-01T00:01:07",
        "ra_deg": 192.7213456789,
        "dec_deg": -0.0001,
        "n_stars_detected": 120,
        "telescope": "S50_test",
        "filter_name": "IRCUT",
        "engine": "seestarpy 0.1.3",
        "notes": '["1 of 2 frames was left out: trailed","ünïcode"]',
        "worker_name": "tester",
    }
    assert {name: stack[name] for name in expected} == expected
    assert rows.job(job)["status"] == "completed"
    assert rows.events(job) == ["claimed", "completed"]
    assert rows.one("SELECT jobs_completed FROM workers")["jobs_completed"] == 1


def test_raws_are_due_but_still_there_after_completion(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job(frames=2)
    lease = worker.claim()

    worker.report("complete_job", lease, **worker.archive(lease))

    assert all(path.exists() for path in queue.raw_paths(job))
    due = rows.all("SELECT delete_due_at, deleted_at FROM raw_files")
    assert all(row["delete_due_at"] is not None and row["deleted_at"] is None for row in due)


def test_completing_twice_gives_one_stack_and_the_same_answer(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease)

    answers = [worker.report("complete_job", lease, **report) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.text for answer in answers}) == 1
    assert len(rows.all("SELECT id FROM stacked_frames")) == 1
    assert rows.one("SELECT jobs_completed FROM workers")["jobs_completed"] == 1


def test_completing_ten_times_at_once_gives_one_stack(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease, stack_file(size=512))

    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda _: worker.report("complete_job", lease, **report), range(10))
        )

    assert {answer.status_code for answer in answers} <= {200, 503}
    assert len({answer.text for answer in answers if answer.ok}) == 1
    assert len(rows.all("SELECT id FROM stacked_frames")) == 1


def test_a_second_different_stack_is_refused(worker: Worker, queue: Queue, rows: Rows) -> None:
    queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease)
    worker.report("complete_job", lease, **report)

    answer = worker.report("complete_job", lease, **{**report, "sha256": "0" * 64})

    assert (answer.status_code, answer.json()["code"]) == (409, "lease_lost")
    assert rows.one("SELECT sha256 FROM stacked_frames")["sha256"] == report["sha256"]


def test_an_older_worker_without_hash_and_token_can_complete(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job()
    lease = worker.claim()
    body = stack_file()
    report = worker.archive(lease, body)
    for unknown in ("sha256", "n_frames_input"):
        del report[unknown]

    answers = [worker.post("complete_job", job_id=job, **report) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert rows.one("SELECT sha256 FROM stacked_frames")["sha256"] == (
        hashlib.sha256(body).hexdigest()
    )


def test_the_final_name_is_accepted_too(site: Site, worker: Worker, queue: Queue) -> None:
    queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease)
    stored = site.data_dir / "stacks" / report["ucloud_path"].lstrip("/")
    final = report["ucloud_path"].replace(f".{lease['attempt_tag']}", "")
    stored.rename(site.data_dir / "stacks" / final.lstrip("/"))

    answer = worker.report("complete_job", lease, **{**report, "ucloud_path": final})

    assert answer.status_code == 200
    assert final.endswith(f"/M_94/stack_20260101.00_192.7_+41.1_{lease['job_id']}.fits")


def refusal(worker: Worker, lease: dict[str, Any], fields: dict[str, Any]) -> tuple[int, str]:
    """Report a completion that must not succeed; return its status and code."""
    answer = worker.report("complete_job", lease, **fields)
    return answer.status_code, answer.json()["code"]


def assert_untouched(queue: Queue, rows: Rows, job: int) -> None:
    """Check that a job is as it was before its completion was refused, raws included."""
    assert rows.job(job)["status"] == "processing"
    assert rows.all("SELECT id FROM stacked_frames") == []
    raws = rows.all("SELECT delete_due_at, deleted_at FROM raw_files WHERE job_id = ?", job)
    assert all(row == {"delete_due_at": None, "deleted_at": None} for row in raws)
    assert all(path.exists() for path in queue.raw_paths(job))


def test_a_stack_that_is_not_in_storage_is_refused(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job()
    lease = worker.claim()
    stem = f"/crowdsky/stacks/user_{queue.user_id}/M_94/stack_{lease['chunk_key']}_{job}"

    for path in (f"{stem}.fits", f"{stem}.{lease['attempt_tag']}.fits"):
        fields = {"ucloud_path": path, "n_frames_aligned": 1}
        assert refusal(worker, lease, fields) == (422, "not_stored")
    assert_untouched(queue, rows, job)


def test_a_stack_that_differs_from_the_report_is_refused(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease)

    for lie in ({"sha256": "0" * 64}, {"file_size_bytes": 4711}, {"file_size_bytes": 0}):
        assert refusal(worker, lease, {**report, **lie}) == (422, "not_stored"), lie
    assert_untouched(queue, rows, lease["job_id"])


def test_a_stack_changed_after_the_upload_is_refused(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease)
    stored = site.data_dir / "stacks" / report["ucloud_path"].lstrip("/")
    body = bytearray(stored.read_bytes())
    body[-1] ^= 1
    stored.write_bytes(body)

    assert refusal(worker, lease, report) == (422, "not_stored")
    assert_untouched(queue, rows, lease["job_id"])


def test_a_file_that_is_no_stack_is_refused(worker: Worker, queue: Queue, rows: Rows) -> None:
    flawed = {
        "no extension named BLUE": stack_file(names=("RED", "GREEN")),
        "not a whole FITS file": stack_file()[:-2880],
        "ends within": stack_file() + b"x" * 100,
        "do not follow each other": stack_file() + b"x" * 2880,
    }

    for words, body in flawed.items():
        job = queue.add_job()
        lease = worker.claim()
        answer = worker.report("complete_job", lease, **worker.archive(lease, body))
        assert (answer.status_code, answer.json()["code"]) == (422, "not_stored")
        assert words in answer.json()["error"]
        assert rows.job(job)["status"] == "processing"


def test_only_the_two_names_of_the_job_are_legal(worker: Worker, queue: Queue, rows: Rows) -> None:
    queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease)
    good = report["ucloud_path"]
    odd = [
        "",
        "/etc/passwd",
        "../../etc/passwd",
        good.replace("/M_94/", "/M_94/../M_94/"),
        good.replace("/M_94/", "//M_94/"),
        good.replace(f"user_{queue.user_id}/", "user_999/"),
        good.replace(f"_{lease['job_id']}.a1", "_999.a1"),
        good.replace(".a1-", ".a2-"),
        good + "\n",
    ]

    for path in odd:
        for field in ("ucloud_path", "thumbnail_path"):
            refused = refusal(worker, lease, {**report, field: path})
            assert refused == (422, "illegal_path"), (field, path)
    assert_untouched(queue, rows, lease["job_id"])


def test_reports_that_cannot_be_true_are_refused(worker: Worker, queue: Queue, rows: Rows) -> None:
    queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease)
    lies: list[dict[str, Any]] = [
        {"n_frames_aligned": 0},
        {"n_frames_aligned": None},
        {"n_frames_aligned": 2},
        {"n_frames_input": 2},
        {"n_frames_aligned": "many"},
        {"n_frames_aligned": 1.5},
        {"n_frames_aligned": True},
        {"total_exptime": -1},
        {"total_exptime": "10"},
        {"ra_deg": 361},
        {"dec_deg": -91},
        {"date_obs_start": "yesterday"},
        {"date_obs_end": "2026-02-30T00:00:00"},
        {"sha256": "abc"},
        {"ucloud_path": None},
        {"ucloud_path": ["x"]},
        {"file_size_bytes": -1},
        {"notes": "not a list"},
        {"notes": [1]},
        {"engine": {}},
    ]

    for lie in lies:
        assert refusal(worker, lease, {**report, **lie}) == (400, "bad_request"), lie
    assert_untouched(queue, rows, lease["job_id"])


def test_a_missing_thumbnail_and_one_that_is_no_png_are_refused(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease)
    named = {**report, "thumbnail_path": report["ucloud_path"].replace(".fits", "_thumb.png")}

    assert refusal(worker, lease, named) == (422, "not_stored")
    place = site.data_dir / "stacks" / named["thumbnail_path"].lstrip("/")
    place.write_bytes(b"<svg onload=alert(1)>")
    assert refusal(worker, lease, named) == (422, "not_stored")
    assert_untouched(queue, rows, lease["job_id"])


def test_completion_after_another_claim_is_refused_and_the_next_run_counts(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(CROWDSKY_RETRY_BACKOFF_SECONDS="0")
    rows = Rows(site)
    queue = Queue(site, rows)
    slow = Worker(site, site.create_worker_key("slow"))
    quick = Worker(site, site.create_worker_key("quick"), name="quick")
    job = queue.add_job()
    stale = slow.claim()
    late_report = slow.archive(stale)
    rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1")

    fresh = quick.claim()
    stolen = slow.report("complete_job", stale, **late_report)
    assert (stolen.status_code, stolen.json()["code"]) == (409, "lease_lost")
    good = quick.archive(fresh)
    assert quick.report("complete_job", fresh, **good).status_code == 200

    assert rows.one("SELECT ucloud_path FROM stacked_frames")["ucloud_path"] == good["ucloud_path"]
    assert good["ucloud_path"] != late_report["ucloud_path"]
    assert rows.job(job)["worker_name"] == "quick"


def test_another_worker_cannot_complete(
    worker: Worker, other_worker: Worker, queue: Queue, rows: Rows
) -> None:
    queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease)

    assert refusal(other_worker, lease, report) == (409, "lease_lost")
    assert_untouched(queue, rows, lease["job_id"])


def test_a_cancelled_job_stays_cancelled(worker: Worker, queue: Queue, rows: Rows) -> None:
    job = queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease)
    rows.execute("UPDATE stacking_jobs SET status = 'cancelled' WHERE id = ?", job)

    answer = worker.report("complete_job", lease, **report)

    assert (answer.status_code, answer.json()["code"]) == (409, "lease_lost")
    assert rows.job(job)["status"] == "cancelled"


def test_a_completed_job_cannot_fail_any_more(worker: Worker, queue: Queue, rows: Rows) -> None:
    job = queue.add_job()
    lease = worker.claim()
    worker.report("complete_job", lease, **worker.archive(lease))

    for endpoint in ("fail_job", "release_job", "heartbeat"):
        assert worker.report(endpoint, lease).status_code == 409
    assert rows.job(job)["status"] == "completed"


def test_object_names_become_plain_folders(worker: Worker, queue: Queue) -> None:
    folders = {
        "M 94": "M_94",
        "NGC 7000/a#b?c": "NGC_7000_a_b_c",
        "..": "unknown",
        "../../x": "_.._x",
        "Ünï+1": "_n_+1",
        "": "unknown",
        None: "unknown",
        "x" * 80: "x" * 64,
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
    queue = Queue(site, Rows(site))
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
    queue = Queue(tight_site, Rows(tight_site))
    worker = Worker(tight_site, tight_site.create_worker_key("w"))
    queue.add_job()
    lease = worker.claim()

    report = worker.archive(lease, stack_file(size=2400))

    assert report["file_size_bytes"] > 30 << 20
    assert worker.report("complete_job", lease, **report).status_code == 200


def test_results_can_live_in_a_webdav_share(
    make_site: Callable[..., Site], webdav: WebDavServer
) -> None:
    site = make_site(
        CROWDSKY_STORAGE="webdav",
        CROWDSKY_WEBDAV_URL=webdav.url,
        CROWDSKY_WEBDAV_TOKEN=webdav.token,
        CROWDSKY_RAW_GRACE_HOURS="0",
    )
    queue = Queue(site, Rows(site))
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
    site.cleanup()
    assert not any(path.exists() for path in raws)


def test_a_storage_that_is_down_is_a_503_and_nothing_is_lost(
    make_site: Callable[..., Site], webdav: WebDavServer
) -> None:
    site = make_site(
        CROWDSKY_STORAGE="webdav",
        CROWDSKY_WEBDAV_URL=webdav.url,
        CROWDSKY_WEBDAV_TOKEN=webdav.token,
    )
    rows = Rows(site)
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


def stored_files(site: Site) -> list[Path]:
    """Return every file below the storage and the spool."""
    folders = (site.data_dir / "stacks", site.data_dir / "spool")
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_raw_bytes_never_reach_an_executable_name(site: Site, worker: Worker, queue: Queue) -> None:
    queue.add_job(object_name="x.php")
    lease = worker.claim()
    worker.archive(lease)

    assert all(path.suffix == ".fits" for path in stored_files(site))
    assert os.access(site.data_dir / ".htaccess", os.R_OK)
