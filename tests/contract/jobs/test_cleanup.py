"""cleanup: raw frames leave only when they are not needed, and the proof is read each time."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.services import PHP_API, ServiceError, Site, php_command
from tests.contract.jobs.support import NOW, PNG, Queue, Worker
from tests.support.cleanups import clean_up
from tests.support.rows import Rows


@pytest.fixture
def prompt(make_site: Callable[..., Site]) -> tuple[Site, Rows, Queue, Worker]:
    """A site that lets raw frames go as soon as their stack is verified, and a worker."""
    site = make_site(CROWDSKY_RAW_GRACE_HOURS="0")
    rows = site.rows
    return site, rows, Queue(site, rows), Worker(site, site.create_worker_key("w"))


def complete(queue: Queue, worker: Worker) -> tuple[int, list[Path], dict[str, Any]]:
    """Complete a job of two frames; return it, its raws and its report."""
    job = queue.add_job(frames=2)
    raws = queue.raw_paths(job)
    lease = worker.claim()
    report = worker.archive(lease)
    assert worker.report("complete_job", lease, **report).status_code == 200
    return job, raws, report


def test_raws_of_an_archived_stack_go_and_their_folders_too(
    prompt: tuple[Site, Rows, Queue, Worker],
) -> None:
    site, rows, queue, worker = prompt
    job, raws, report = complete(queue, worker)

    said = clean_up(site)

    assert "stacks verified: 1 (2 raws due)" in said
    assert "files removed: 2" in said
    assert not any(path.exists() for path in raws)
    assert [path.name for path in (site.data_dir / "raws").iterdir()] == ["folder.id"]
    marked = rows.all("SELECT storage_name, deleted_at FROM raw_files")
    assert all(row["storage_name"] is None and row["deleted_at"] is not None for row in marked)
    assert rows.events(job)[-1] == "raws deleted"
    assert (site.data_dir / "stacks" / report["ucloud_path"].lstrip("/")).exists()


def test_the_grace_period_that_is_set_now_counts(
    make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site(CROWDSKY_RAW_GRACE_HOURS="24")
    queue = Queue(site, site.rows)
    worker = Worker(site, site.create_worker_key("w"))
    settings = site._settings

    _, raws, _ = complete(queue, worker)
    clean_up(site)
    assert all(path.exists() for path in raws)
    monkeypatch.setitem(settings, "CROWDSKY_RAW_GRACE_HOURS", "0")
    assert "(2 raws due)" in clean_up(site)
    assert not any(path.exists() for path in raws)

    _, raws, _ = complete(queue, worker)
    site.rows.execute("UPDATE raw_files SET delete_due_at = ?", NOW)  # as if it had been 0 then
    monkeypatch.setitem(settings, "CROWDSKY_RAW_GRACE_HOURS", "24")
    clean_up(site)
    assert all(path.exists() for path in raws)


def test_running_it_again_does_nothing(prompt: tuple[Site, Rows, Queue, Worker]) -> None:
    site, rows, queue, worker = prompt
    job, _, _ = complete(queue, worker)
    clean_up(site)
    events = rows.events(job)

    said = clean_up(site)

    assert "stacks verified: 0 (0 raws due)" in said
    assert "files removed: 0" in said
    assert rows.events(job) == events


def test_expired_sessions_leave_a_row_only_if_they_had_files(
    prompt: tuple[Site, Rows, Queue, Worker],
) -> None:
    site, rows, queue, _ = prompt
    empty, with_file, before = (queue.add_session(status="uploading") for _ in range(3))
    rows.execute("UPDATE upload_sessions SET status = 'expired' WHERE id = ?", before)
    left = queue.add_raw(with_file, None, "left.fit", b"x" * 2880)
    recent = queue.add_session("uploading", time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()))
    complete = queue.add_session()

    assert "rows of empty sessions: 1" in site.cleanup("--dry-run")
    assert len(rows.all("SELECT id FROM upload_sessions")) == 5
    assert "rows of empty sessions: 1" in site.cleanup()
    said = site.cleanup()

    assert "expired sessions: 2 (1 raws)" in said
    assert "rows of empty sessions: 1" in said
    kept = [row["id"] for row in rows.all("SELECT id FROM upload_sessions ORDER BY id")]
    assert kept == [with_file, recent, complete]
    assert empty not in kept
    assert not left.path.exists()
    assert "rows of empty sessions: 0" in clean_up(site)


def test_a_dry_run_says_what_would_go_and_touches_nothing(
    prompt: tuple[Site, Rows, Queue, Worker],
) -> None:
    site, rows, queue, worker = prompt
    _, raws, _ = complete(queue, worker)
    abandoned = queue.add_session(status="uploading")
    left = queue.add_raw(abandoned, None, "left.fit", b"x" * 2880)

    nothing_yet = site.cleanup("--dry-run")
    site.cleanup()
    said = site.cleanup("--dry-run")

    assert "stacks verified: 0 (0 raws due)" in nothing_yet
    assert "due and left for a later run: 2" in nothing_yet
    assert said.startswith("dry run")
    assert "expired sessions: 1 (1 raws)" in said
    assert "stacks verified: 1 (2 raws due)" in said
    assert all(path.exists() for path in [*raws, left.path])
    assert rows.all("SELECT id FROM raw_files WHERE deleted_at IS NOT NULL") == []
    assert rows.one("SELECT status FROM upload_sessions WHERE id = ?", abandoned)["status"] == (
        "uploading"
    )


def test_cleanups_at_the_same_time_are_as_one(prompt: tuple[Site, Rows, Queue, Worker]) -> None:
    """On one machine a lock keeps them apart; two hosts with one database have none in common."""
    site, rows, queue, worker = prompt
    done = [complete(queue, worker) for _ in range(8)]

    for _ in ("marked", "deleted"):
        runs = [start_cleanup(site) for _ in range(4)]
        said = [run.communicate(timeout=120) for run in runs]
        assert [run.returncode for run in runs] == [0] * 4, said

    assert not any(path.exists() for _, raws, _ in done for path in raws)
    stacks = [site.data_dir / "stacks" / report["ucloud_path"].lstrip("/") for *_, report in done]
    assert all(path.is_file() for path in stacks)
    for job, *_ in done:
        assert rows.events(job).count("raws deleted") == 1
    assert rows.all("SELECT doubt FROM archive_ids WHERE doubt IS NOT NULL") == []
    rows.execute("UPDATE stacked_frames SET verified_at = ?", NOW)
    assert "stacks intact: 8, missing: 0" in site.cleanup("--verify")


def start_cleanup(site: Site) -> subprocess.Popen[str]:
    """Start a cleanup without the lock that keeps a second one on this machine away."""
    (site.data_dir / "cleanup.lock").unlink(missing_ok=True)
    return subprocess.Popen(
        [*php_command(), str(PHP_API / "bin" / "cleanup.php")],
        env={**os.environ, **site.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_raws_stay_through_the_grace_period(site: Site, queue: Queue, worker: Worker) -> None:
    _, raws, _ = complete(queue, worker)

    assert "raws due)" in clean_up(site)
    assert all(path.exists() for path in raws)


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_raws_stay_when_the_stack_is_not_what_was_archived(
    damage: str, prompt: tuple[Site, Rows, Queue, Worker]
) -> None:
    site, rows, queue, worker = prompt
    job, raws, report = complete(queue, worker)
    stack = site.data_dir / "stacks" / report["ucloud_path"].lstrip("/")
    body = stack.read_bytes()
    stack.unlink()
    if damage == "changed":
        stack.write_bytes(body[:-1] + bytes([body[-1] ^ 1]))

    for _ in range(2):
        with pytest.raises(ServiceError, match="stacks NOT verified: 1"):
            clean_up(site)

    assert all(path.exists() for path in raws)
    assert rows.events(job) == ["claimed", "completed", "stack not verified", "revived"]
    assert "the raw frames are kept" in (site.data_dir / "log" / "crowdsky.log").read_text()
    stack.unlink(missing_ok=True)
    stack.write_bytes(body)
    clean_up(site)
    assert not any(path.exists() for path in raws)


def test_raws_of_unfinished_jobs_are_never_touched(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(
        CROWDSKY_RAW_GRACE_HOURS="0", CROWDSKY_FAILED_RAW_DAYS="0", CROWDSKY_UPLOAD_EXPIRY_HOURS="1"
    )
    rows = site.rows
    queue = Queue(site, rows)
    worker = Worker(site, site.create_worker_key("w"))
    jobs = {status: queue.add_job(status=status) for status in ("pending", "retry")}
    jobs["processing"] = queue.add_job(priority=9)
    assert worker.claim()["job_id"] == jobs["processing"]
    rows.execute("UPDATE raw_files SET delete_due_at = ?", NOW)
    raws = [path for job in jobs.values() for path in queue.raw_paths(job)]

    clean_up(site)

    assert len(raws) == 3
    assert all(path.exists() for path in raws)
    assert rows.all("SELECT id FROM raw_files WHERE deleted_at IS NOT NULL") == []


def test_raws_of_failed_and_cancelled_jobs_go_after_a_long_time(
    site: Site, queue: Queue, rows: Rows
) -> None:
    day = 86400
    long_ago = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - 31 * day))
    lately = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - 29 * day))
    gone = [queue.add_job(status=s, completed_at=long_ago) for s in ("failed", "cancelled")]
    kept = [queue.add_job(status=s, completed_at=lately) for s in ("failed", "cancelled")]
    old_raws = [path for job in gone for path in queue.raw_paths(job)]
    new_raws = [path for job in kept for path in queue.raw_paths(job)]

    assert "raws of failed or cancelled jobs: 2" in clean_up(site)

    assert not any(path.exists() for path in old_raws)
    assert all(path.exists() for path in new_raws)


def test_uploads_expire_by_their_last_activity(site: Site, queue: Queue, rows: Rows) -> None:
    lately = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - 23 * 3600))
    quiet = queue.add_session(status="uploading")
    busy = queue.add_session(status="uploading", last_activity_at=lately)
    left = queue.add_raw(quiet, None, "a.fit", b"x" * 2880)
    kept = queue.add_raw(busy, None, "b.fit", b"x" * 2880)

    assert "expired sessions: 1 (1 raws)" in clean_up(site)

    assert not left.path.exists()
    assert kept.path.exists()
    statuses = rows.all("SELECT status FROM upload_sessions ORDER BY id")
    assert [row["status"] for row in statuses] == ["expired", "uploading"]


def test_a_crash_between_marking_and_unlinking_is_made_good(
    site: Site, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job()
    raw = queue.raw_paths(job)[0]
    rows.execute("UPDATE raw_files SET deleted_at = ?", NOW)

    assert "files removed: 1" in site.cleanup()
    assert not raw.exists()


def test_results_that_lost_runs_left_in_storage_go_with_the_raws(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(CROWDSKY_RAW_GRACE_HOURS="0", CROWDSKY_RETRY_BACKOFF_SECONDS="0")
    queue = Queue(site, site.rows)
    worker = Worker(site, site.create_worker_key("w"))
    job = queue.add_job()
    for end in ("fail_job", "release_job"):
        lease = worker.claim()
        worker.archive(lease)
        assert worker.upload(lease, PNG, kind="thumbnail").ok
        assert worker.report(end, lease).ok
    lease = worker.claim()
    report = worker.archive(lease)
    assert worker.report("complete_job", lease, **report).ok
    stacks = site.data_dir / "stacks"
    assert lease["job_id"] == job
    assert len([path for path in stacks.rglob("*") if path.is_file()]) == 5

    clean_up(site)

    left = [path for path in (stacks / "crowdsky" / "stacks").rglob("*") if path.is_file()]
    assert left == [stacks / report["ucloud_path"].lstrip("/")]


def test_unfinished_uploads_in_the_spool_are_swept(site: Site, queue: Queue) -> None:
    spool = site.data_dir / "spool"
    (spool / "old.part").write_bytes(b"x")
    (spool / "new.part").write_bytes(b"x")
    yesterday = (spool / "new.part").stat().st_mtime - 90000
    os.utime(spool / "old.part", (yesterday, yesterday))

    assert "unfinished uploads swept: 1" in clean_up(site)
    assert [path.name for path in spool.iterdir()] == ["new.part"]


def test_over_http_it_needs_a_key_with_that_right(site: Site, worker: Worker) -> None:
    right = site.run_php("worker-key.php", "create", "--name", "cron", "--cleanup").strip()

    def ask(headers: dict[str, str], **query: str) -> Any:
        return requests.get(
            f"{site.api_url}/cleanup.php", headers=headers, params=query, timeout=30
        )

    assert ask({}).status_code == 401
    assert ask({}, key=right).status_code == 401
    assert ask(worker.headers).status_code == 403
    done = ask({"Authorization": f"Bearer {right}"})
    assert done.status_code == 200
    assert done.headers["Content-Type"].startswith("text/plain")
    assert done.text.startswith("expired sessions: 0")
