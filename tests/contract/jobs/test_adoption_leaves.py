"""What cleanup --adopt leaves as it is, and reports."""

from __future__ import annotations

import os

import pytest

from demo.services import ServiceError
from tests.contract.jobs.adopting import Observatory
from tests.contract.jobs.support import NOW, Worker
from tests.support.described import lose_database

CANCEL = "UPDATE stacking_jobs SET status = 'cancelled' WHERE id = ?"


def test_stacks_of_other_archives_are_named_and_left(plain: Observatory) -> None:
    plain.complete()
    archive = plain.rows.one("SELECT archive_id FROM archive_ids")["archive_id"]
    lose_database(plain.rows, knows_its_id=False)

    lines = plain.adopt()
    assert lines[0].startswith("foreign\t") and f"made for archive {archive}" in lines[0]
    assert lines[-1].startswith("adopted: 0;") and "1 of other archives" in lines[-1]
    assert plain.adopt("--include-foreign")[-1].startswith("adopted: 1;")


def test_stacks_without_an_account_go_to_whom_the_admin_names(plain: Observatory) -> None:
    plain.complete()
    path = plain.rows.one("SELECT ucloud_path FROM stacked_frames")["ucloud_path"]
    former = plain.queue.user_id
    lose_database(plain.rows)
    plain.rows.execute("DELETE FROM users")
    plain.rows.insert("users", id=former + 5, username="bea", password_hash="-", created_at=NOW)

    lines = plain.adopt()
    assert lines[0] == (
        f"no owner\t{path}\tthere is no account {former}; "
        "cleanup.php --adopt --owner NAME gives it to NAME"
    )
    with pytest.raises(ServiceError, match="no account named 'nobody'"):
        plain.adopt("--owner", "nobody")
    assert "of bea" in plain.adopt("--owner", "bea")[0]
    assert plain.rows.one("SELECT user_id FROM stacked_frames")["user_id"] == former + 5

    os.utime(plain.file(path), (1.7e9, 1.7e9))
    assert "orphans: 0 " in plain.site.cleanup("--orphans", "--delete", "--include-unknown")
    assert plain.file(path).is_file()


def test_damaged_stacks_are_listed_and_left(plain: Observatory) -> None:
    jobs = [plain.complete() for _ in range(3)]
    path_of = "SELECT ucloud_path FROM stacked_frames WHERE job_id = ?"
    paths = [plain.rows.one(path_of, job)["ucloud_path"] for job in jobs]
    lose_database(plain.rows)
    cut_off, emptied, _ = (plain.file(path) for path in paths)
    cut_off.write_bytes(cut_off.read_bytes()[:-100])
    emptied.write_bytes(b"")
    before = plain.files()

    lines = plain.adopt()

    damaged = {line.split("\t")[1] for line in lines if line.startswith("damaged\t")}
    assert damaged == set(paths[:2])
    assert lines[-1].startswith("adopted: 1;") and "2 damaged" in lines[-1]
    assert plain.files() == before


def test_a_final_name_comes_before_those_of_runs(plain: Observatory) -> None:
    lease, run = plain.leave()
    plain.worker.report("fail_job", lease, error_message="x", retryable=False)
    final = run.replace(f".{lease['attempt_tag']}", "")
    assert final != run
    plain.file(final).write_bytes(plain.file(run).read_bytes())
    lose_database(plain.rows)

    lines = plain.adopt()

    assert plain.rows.one("SELECT ucloud_path FROM stacked_frames")["ucloud_path"] == final
    assert f"left\t{run}\tanother result of job {lease['job_id']}, which has its stack" in lines
    assert plain.adopt()[-1].startswith("adopted: 0; 1 in the archive already, 1 left")


def test_a_job_whose_lease_is_over_gets_its_stack(plain: Observatory) -> None:
    """As in a database restored from a backup that was made while the job ran."""
    lease, path = plain.leave()
    plain.rows.execute(
        "UPDATE stacking_jobs SET lease_expires_at = 1 WHERE id = ?", lease["job_id"]
    )

    assert plain.adopt()[-1].startswith("adopted: 1; 0 in the archive already, 0 left")

    row = plain.rows.one("SELECT job_id, ucloud_path FROM stacked_frames")
    assert row == {"job_id": lease["job_id"], "ucloud_path": path}
    assert plain.rows.job(lease["job_id"])["status"] == "completed"


def test_what_belongs_to_others_is_left(plain: Observatory) -> None:
    running, _ = plain.leave()
    cancelled, _ = plain.leave()
    plain.rows.execute(CANCEL, cancelled["job_id"])
    deleted, path = plain.leave()
    kept = plain.file(path).read_bytes()
    plain.rows.execute("UPDATE raw_files SET job_id = NULL WHERE job_id = ?", deleted["job_id"])
    plain.rows.execute("DELETE FROM stacking_jobs WHERE id = ?", deleted["job_id"])
    plain.rows.insert(
        "job_events",
        job_id=deleted["job_id"],
        at="2026-01-01 00:00:00",
        actor="user:1",
        event="deleted",
    )
    volunteer = Worker(plain.site, plain.site.create_worker_key("v", scopes=["volunteer"]))
    trusted, plain.worker = plain.worker, volunteer
    distrusted, _ = plain.leave()
    volunteer.report("fail_job", distrusted, error_message="x", retryable=False)
    plain.worker = trusted

    lines = plain.adopt()

    assert lines[-1].startswith("adopted: 0; 0 in the archive already, 4 left")
    text = "\n".join(lines)
    assert f"a worker is busy with job {running['job_id']}" in text
    assert f"job {cancelled['job_id']} was cancelled" in text
    assert f"job {deleted['job_id']} was deleted by its owner" in text
    assert f"a volunteer has worked on job {distrusted['job_id']}" in text
    assert plain.file(path).read_bytes() == kept
