"""cleanup --adopt: stacks in storage without a row come back into the archive."""

from __future__ import annotations

import re

import pytest

from tests.contract.jobs.adopting import REPORT, Observatory
from tests.contract.jobs.measured import companions, measurement
from tests.contract.jobs.rescans import ask, claim_rescan, new_operator
from tests.contract.jobs.support import NOW
from tests.contract.site.support import PASSWORD, Browser
from tests.support.backups import Backup
from tests.support.described import archive_of, described_stack, lose_database


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


def test_an_adopted_stack_keeps_the_unit_that_its_file_names(plain: Observatory) -> None:
    plain.queue.add_job(3)
    lease = plain.worker.claim()
    facts = {**lease["archive_facts"], "telescope": "Seestar S50"}
    cards = {"ARCHID": lease["archive_id"], "TELE-SUB": "Seestar S50"}
    named = "Seestar S50_u0123abcd"
    body = described_stack(plain.scratch, plain.subs(lease), facts, REPORT, TELESCOP=named, **cards)
    plain.report(lease, **{**plain.worker.archive(lease, body), **REPORT})
    lose_database(plain.rows, knows_its_id=False)

    assert plain.adopt("--include-foreign")[-1].startswith("adopted: 1;")

    assert plain.rows.one("SELECT telescope FROM stacked_frames")["telescope"] == named
    assert plain.rows.one("SELECT telescope FROM stacking_jobs")["telescope"] == named


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
        assert stack["visibility"] == "private", "its owner has not said that it may be seen"
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
        "date_obs_end": None, "n_stars_detected": None,
        "telescope": "S50_8a95aa90", "filter_name": "LP", "eq_mode": 1, "engine": "native 0.1",
        "worker_name": None, "thumbnail_path": None,
    }  # fmt: skip
    assert {name: stack[name] for name in expected} == expected
    # It is not solved, and the header of a Seestar is of date.
    assert (stack["ra_deg"], stack["dec_deg"]) == pytest.approx((148.3693, 69.1936), abs=1e-3)
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
