"""complete_job: nothing enters the archive that the site has not read itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from demo.services import Site
from tests.contract.jobs.support import Queue, Worker, stack_file
from tests.support.rows import Rows


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


def test_a_stack_without_a_plane_is_refused(worker: Worker, queue: Queue, rows: Rows) -> None:
    job = queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease, stack_file(names=("RED", "GREEN")))

    assert refusal(worker, lease, report) == (422, "not_a_stack")
    assert_untouched(queue, rows, job)


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
    rows = site.rows
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
