"""cleanup --adopt: stacks in storage without a row come back into the archive."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.services import PHP_API, ServiceError, WebDavServer, php_command
from tests.contract.jobs.measured import companions, measurement, solution
from tests.contract.jobs.rescans import ask, claim_rescan, new_operator
from tests.contract.jobs.support import NOW, Queue, Worker
from tests.contract.site.support import PASSWORD, Browser
from tests.support.backups import Backup
from tests.support.described import archive_of, described, described_stack, lose_database
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

CANCEL = "UPDATE stacking_jobs SET status = 'cancelled' WHERE id = ?"

REPORT = {
    "n_frames_input": 3,
    "n_frames_aligned": 2,
    "total_exptime": 20.000000000000004,
    "date_obs_start": "2026-01-01T00:00:57.123",
    "date_obs_end": "2026-01-01T00:01:27.5",
    "ra_deg": 192.72000000000003,
    "dec_deg": 41.120000000000005,
    "n_stars_detected": 321,
    "engine": "native 0.2",
    "notes": ["a sub is unlike the others: 'M 94' & clouds", "Überbelichtet"],
}


@dataclass
class Observatory:
    """A site, the folder of its stacks, and a worker that describes what it stores."""

    site: SiteUnderTest
    root: Path
    scratch: Path
    queue: Queue
    worker: Worker

    @property
    def rows(self) -> Rows:
        """The site's database."""
        return self.site.rows

    def subs(self, lease: dict[str, Any]) -> list[str]:
        """Return the hashes of a job's subs."""
        job = lease["archive_facts"]["job_id"]
        rows = self.rows.all("SELECT sha256 FROM raw_files WHERE job_id = ?", job)
        return [row["sha256"] for row in rows]

    def store(self, lease: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Store a stack that says what it is, and return the fields of its completion."""
        report, facts = {**REPORT, **changes}, lease["archive_facts"]
        if lease["kind"] == "rescan":
            token = {"X-Lease-Token": lease["lease_token"]}
            archived = self.worker.get("job_stack", token, job_id=lease["job_id"]).content
            body = described(self.scratch / "rescanned.fits", archived, facts, report)
        else:
            archive = lease["archive_id"]
            body = described_stack(self.scratch, self.subs(lease), facts, report, ARCHID=archive)
        return {**self.worker.archive(lease, body), **report}

    def complete(self, **changes: Any) -> int:
        """Complete a new job and return its number."""
        job = self.queue.add_job(3, priority=9)
        lease = self.worker.claim()
        assert lease["job_id"] == job
        self.report(lease, **self.store(lease, **changes))
        return job

    def report(self, lease: dict[str, Any], **fields: Any) -> None:
        """Complete a job, which must be taken."""
        answer = self.worker.report("complete_job", lease, **fields)
        assert answer.status_code == 200, answer.text

    def leave(self) -> tuple[dict[str, Any], str]:
        """Let a run store its stack and go silent; return its lease and the path."""
        self.queue.add_job(3, priority=9)
        lease = self.worker.claim()
        return lease, self.store(lease)["ucloud_path"]

    def adopt(self, *arguments: str) -> list[str]:
        """Adopt, and return the lines of the report."""
        return self.site.cleanup("--adopt", *arguments).splitlines()

    def file(self, path: str) -> Path:
        """Return where a path of the storage is on disk."""
        return self.root / path.lstrip("/")

    def files(self) -> dict[Path, bytes]:
        """Return everything in the storage."""
        return {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()}


@pytest.fixture(params=["local", "webdav"])
def observatory(
    request: pytest.FixtureRequest, make_site: Callable[..., SiteUnderTest], tmp_path: Path
) -> Observatory:
    """An empty site on each storage and each database."""
    settings, root = {}, None
    if request.param == "webdav":
        share: WebDavServer = request.getfixturevalue("webdav")
        settings, root = request.getfixturevalue("share_settings"), share.root
    return _built(make_site(**settings), root, tmp_path)


@pytest.fixture
def plain(make_site: Callable[..., SiteUnderTest], tmp_path: Path) -> Observatory:
    """An empty site that keeps its stacks in a folder, on each database."""
    return _built(make_site(), None, tmp_path)


def _built(site: SiteUnderTest, root: Path | None, scratch: Path) -> Observatory:
    worker = Worker(site, site.create_worker_key("w", trusted=True))
    return Observatory(
        site, root or site.data_dir / "stacks", scratch, Queue(site, site.rows), worker
    )


def test_rows_read_the_same_after_the_database_was_lost(observatory: Observatory) -> None:
    rows = observatory.rows
    observatory.complete()
    observatory.complete(**measurement(measurement_notes=["no zero point in blue"]))
    reason = "not solved: only 4 stars"
    observatory.complete(**measurement(solution=None, unsolved_reason=reason, objects=[]))
    rescanned = observatory.queue.add_job(3, priority=9)
    lease = observatory.worker.claim()
    outdated = [*REPORT["notes"], reason]
    first = {"notes": outdated, "unsolved_reason": reason, "solution": None}
    observatory.report(
        lease, **observatory.store(lease, **first) | companions(observatory.worker, lease)
    )
    stack = rows.one("SELECT id FROM stacked_frames WHERE job_id = ?", rescanned)["id"]
    ask(new_operator(observatory.site), stack)
    again = claim_rescan(observatory.worker)
    found = measurement(measurement_notes=["one star saturated"], notes=["one star saturated"])
    observatory.report(again, **observatory.store(again, n_stars_detected=400, **found))
    before, stored = archive_of(rows), observatory.files()
    assert len(before["stack_solutions"]) == 3 and len(before["stack_objects"]) == 4
    latest = max(before["stack_solutions"], key=lambda row: row["job_id"])
    assert latest["job_id"] == again["job_id"], "the rescan has a number of its own"
    assert any(
        row["thumbnail_path"] and row["job_id"] == rescanned for row in before["stacked_frames"]
    )

    lose_database(rows)
    looked = observatory.adopt("--dry-run")
    assert looked[-1].startswith("dry run, nothing changed; to be adopted: 4; 0 in the archive")
    assert rows.all("SELECT id FROM stacking_jobs") == []
    lines = observatory.adopt()

    assert lines[-1].startswith("adopted: 4; 0 in the archive already, 1 left, 0 damaged")
    assert archive_of(rows) == before
    assert observatory.files() == stored, "nothing in storage is touched"
    assert [line.split("\t")[0] for line in lines[:-1]].count("left") == 1, "the replaced stack"
    assert "another result of job" in "".join(lines)
    assert observatory.adopt()[-1].startswith("adopted: 0; 4 in the archive already, 1 left")


def test_adopted_stacks_are_on_their_owners_pages(plain: Observatory) -> None:
    site, name = plain.site, "ada"
    site.create_user(name, PASSWORD)
    plain.queue.user_id = plain.rows.one("SELECT id FROM users WHERE username = ?", name)["id"]
    plain.complete(**measurement())
    plain.complete()
    lose_database(plain.rows)
    plain.adopt()
    browser = Browser(site)
    browser.log_in(name)

    listed = browser.get("api/stacks_data.php").json()
    assert len(listed) == 2
    for stack in plain.rows.all("SELECT * FROM stacked_frames"):
        page = browser.get("stack.php", id=stack["id"])
        assert page.status_code == 200 and "M 94" in page.text
        body = browser.get("download.php", id=stack["id"])
        assert body.content == plain.file(stack["ucloud_path"]).read_bytes()
        assert browser.get("job.php", id=stack["job_id"]).status_code == 200
        assert plain.rows.events(stack["job_id"]) == ["adopted"]
    assert browser.get("status.php").status_code == 200
    plain.rows.execute("UPDATE stacked_frames SET verified_at = ?", NOW)
    assert "stacks intact: 2, missing: 0" in site.cleanup("--verify")
    site.cleanup()
    assert len(plain.rows.all("SELECT id FROM stacked_frames")) == 2


def test_a_stack_of_an_older_worker_is_adopted_with_what_it_has(plain: Observatory) -> None:
    user = plain.queue.user_id
    cards = {
        "TELESCOP": "S50_8a95aa90", "OBJECT": "M 81", "FILTER": "LP", "RA": 148.9, "DEC": 69.07,
        "OB-START": "2026-01-01T00:00:57.123", "STACKENG": "native 0.1", "EQMODE": 1,
        "JOBID": "job 7, chunk 20260101.00_148.9_+69.1",
    }  # fmt: skip
    path = plain.root / f"crowdsky/stacks/user_{user}/M_81/stack_20260101.00_148.9_+69.1_7.fits"
    path.parent.mkdir(parents=True)
    path.write_bytes(described_stack(plain.scratch, ["0" * 64, "1" * 64], None, None, **cards))

    assert plain.adopt()[-1].startswith("adopted: 1;")

    stack = plain.rows.one("SELECT * FROM stacked_frames")
    expected = {
        "job_id": 7, "user_id": user, "chunk_key": "20260101.00_148.9_+69.1",
        "object_name": "M 81", "n_frames_input": 2,
        "n_frames_aligned": 2, "total_exptime": 20.0, "date_obs_start": "2026-01-01T00:00:57.123",
        "date_obs_end": None, "ra_deg": 148.9, "dec_deg": 69.07, "n_stars_detected": None,
        "telescope": "S50_8a95aa90", "filter_name": "LP", "eq_mode": 1, "engine": "native 0.1",
        "worker_name": None, "thumbnail_path": None,
    }  # fmt: skip
    assert {name: stack[name] for name in expected} == expected
    assert re.fullmatch(r"20260101\.00_HP[0-9]{6}", stack["chunk_key_hp"])
    assert "has no report of the worker" in stack["notes"]
    assert plain.rows.all("SELECT * FROM stack_solutions") == [], "nothing is invented"
    assert plain.adopt()[-1].startswith("adopted: 0; 1 in the archive already")


def test_the_stack_of_a_job_that_waits_completes_it(plain: Observatory, engine: str) -> None:
    job = plain.queue.add_job(3)
    plain.site.cleanup()  # chooses the id of the archive
    backup = Backup(plain.rows, engine)
    lease = plain.worker.claim()
    plain.report(lease, **plain.store(lease, **measurement()))
    before = archive_of(plain.rows)
    backup.restore(plain.rows)
    assert plain.rows.job(job)["status"] == "pending"

    lines = plain.adopt()

    assert f"as job {job} of" in lines[0]
    assert archive_of(plain.rows) == before
    row = plain.rows.job(job)
    assert (row["status"], row["last_outcome"]) == ("completed", "complete")
    due = plain.rows.all("SELECT delete_due_at FROM raw_files WHERE job_id = ?", job)
    assert len(due) == 3 and all(raw["delete_due_at"] is not None for raw in due)
    assert all(path.is_file() for path in plain.queue.raw_paths(job)), (
        "the grace period comes first"
    )
    assert plain.worker.try_claim() is None


def test_a_rescan_that_an_older_database_does_not_know_takes_its_place(
    plain: Observatory, engine: str
) -> None:
    job = plain.complete(**measurement(solution=None, unsolved_reason="no stars", objects=[]))
    stack = plain.rows.one("SELECT * FROM stacked_frames")
    backup = Backup(plain.rows, engine)
    ask(new_operator(plain.site), stack["id"])
    again = claim_rescan(plain.worker)
    plain.report(again, **plain.store(again, **measurement(notes=[])))
    before = archive_of(plain.rows)
    backup.restore(plain.rows)
    assert "has its stack" in plain.adopt()[0], "the first one is still there"
    plain.file(stack["ucloud_path"]).unlink()

    lines = plain.adopt()

    assert f"as job {job} of" in lines[0]
    assert archive_of(plain.rows) == before
    assert plain.adopt()[-1].startswith("adopted: 0; 1 in the archive already, 0 left")


def test_a_number_that_other_subs_have_taken_is_not_used(plain: Observatory, engine: str) -> None:
    plain.site.cleanup()  # chooses the id of the archive
    backup = Backup(plain.rows, engine)
    lost = plain.complete()
    backup.restore(plain.rows)
    waiting = plain.queue.add_job(3)
    assert waiting == lost

    lines = plain.adopt()

    stack = plain.rows.one("SELECT * FROM stacked_frames")
    assert stack["job_id"] > waiting and f"as job {stack['job_id']} of" in lines[0]
    assert plain.rows.job(waiting)["status"] == "pending"
    new = plain.complete()
    assert plain.adopt()[-1].startswith("adopted: 0; 2 in the archive already, 0 left")
    assert new != stack["job_id"]


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


def start_adoption(site: SiteUnderTest) -> subprocess.Popen[str]:
    """Start an adoption, without the lock that keeps a second one on this machine away."""
    (site.data_dir / "adopt.lock").unlink(missing_ok=True)
    return subprocess.Popen(
        [*php_command(), str(PHP_API / "bin" / "cleanup.php"), "--adopt"],
        env={**os.environ, **site.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_runs_at_once_adopt_every_stack_once(plain: Observatory) -> None:
    for _ in range(8):
        plain.complete(**measurement())
    before = archive_of(plain.rows)
    lose_database(plain.rows)

    runs = [start_adoption(plain.site) for _ in range(2)]
    said = [run.communicate(timeout=120) for run in runs]

    assert [run.returncode for run in runs] == [0, 0], said
    assert archive_of(plain.rows) == before
    adopted = sum(line.startswith("adopted\t") for out, _ in said for line in out.splitlines())
    assert adopted == 8


def test_a_killed_run_is_finished_by_the_next(plain: Observatory) -> None:
    for _ in range(8):
        plain.complete(**measurement(solution=solution()))
    before = archive_of(plain.rows)
    lose_database(plain.rows)

    run = start_adoption(plain.site)
    assert run.stdout is not None
    assert run.stdout.readline().startswith("adopted\t")
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=60)
    plain.adopt()

    assert archive_of(plain.rows) == before
    assert len(plain.rows.all("SELECT id FROM stacking_jobs")) == 8
