"""complete_job: a stack is archived once, with what the site measured itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from demo.services import Site, WebDavServer
from tests.contract.jobs.support import PNG, Queue, Worker, stack_file
from tests.support.fault_proxy import FaultProxy
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest


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
        "telescope": "S50_7e57ab1e",
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


def test_what_a_stack_tells_is_read_from_the_bytes_that_were_hashed(
    make_site: Callable[..., SiteUnderTest],
    webdav: WebDavServer,
    share_settings: dict[str, str],
) -> None:
    """A second download might bring other bytes, and nothing would show it."""
    with FaultProxy(webdav.url) as line:
        site = make_site(**{**share_settings, "CROWDSKY_WEBDAV_URL": line.url})
        worker = Worker(site, site.create_worker_key("w"))
        queue = Queue(site, site.rows)
        for cards in ((), (("SITELAT", 48.1),)):
            queue.add_job()
            lease = worker.claim()
            report = worker.archive(lease, stack_file(cards=cards))
            before = line.count("GET")
            assert worker.report("complete_job", lease, **report).status_code == 200
            assert line.count("GET") == before + 1
    told = site.rows.all("SELECT tells_position FROM stacked_frames ORDER BY id")
    assert [row["tells_position"] for row in told] == [0, 1]
