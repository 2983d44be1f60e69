"""The journal on a real disk: private, whole or absent, bounded, and for one site only."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.jobs import JOB
from worker.disk.journal import KEPT_SECONDS, Entry, Journal
from worker.site.records import Job

SITE = "https://sky.example/api"
NOW = 1_700_000_000.0
BODY = {"job_id": 12, "ucloud_path": "/crowdsky/stacks/x.fits", "notes": ["größer"]}


def job(job_id: int = 12, tag: str = "a1-01234567") -> Job:
    return replace(JOB, job_id=job_id, attempt_tag=tag)


def write(journal: Journal, job_id: int = 12, tag: str = "a1-01234567") -> Entry:
    entry = journal.write(job(job_id, tag), BODY, claimed_ago=60.0, lease_left=240.0)
    assert entry is not None
    return entry


def test_a_completion_outlives_its_process(tmp_path: Path) -> None:
    written = write(Journal(tmp_path, SITE, now=lambda: NOW))
    (entry,) = Journal(tmp_path, SITE, now=lambda: NOW + 5.0).waiting()
    assert entry == written
    assert entry.body == BODY
    assert (entry.claimed_at, entry.lease_ends_at) == (NOW - 60.0, NOW + 240.0)
    assert entry.since == "2023-11-14 22:13 UTC"
    assert "f" * 64 not in repr(entry)


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    write(Journal(tmp_path, SITE))
    (path,) = (tmp_path / "journal").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_job_still_reports_itself_does_not_wait(tmp_path: Path) -> None:
    journal = Journal(tmp_path, SITE)
    entry = write(journal)
    assert journal.waiting() == ()
    assert journal.count() == 1
    journal.leave(entry)
    assert journal.waiting() == (entry,)
    journal.drop(entry)
    assert journal.waiting() == ()
    assert list((tmp_path / "journal").iterdir()) == []
    journal.drop(entry)  # another process was faster


def test_the_oldest_comes_first(tmp_path: Path) -> None:
    now = NOW
    journal = Journal(tmp_path, SITE, now=lambda: now)
    for number in (30, 4, 11):
        now += 1.0
        journal.leave(write(journal, number))
    assert [entry.job_id for entry in journal.waiting()] == [30, 4, 11]


def test_the_doctor_lists_what_waits(tmp_path: Path) -> None:
    journal = Journal(tmp_path, SITE, now=lambda: NOW)
    assert journal.summary() == "no completion waits to be delivered"
    for number in range(1, 8):
        journal.leave(write(journal, number))
    assert journal.summary().startswith("waiting to be delivered when the worker runs: job 1 since")
    assert journal.summary().endswith("job 5 since 2023-11-14 22:13 UTC and 2 more")


def test_another_sites_completions_are_left_alone(tmp_path: Path) -> None:
    write(Journal(tmp_path, "https://other.example/api"))
    assert Journal(tmp_path, SITE).waiting() == ()
    assert len(Journal(tmp_path, "https://other.example/api").waiting()) == 1


def test_another_keys_completions_wait_for_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    entry = write(Journal(tmp_path, SITE, key="old-key"))
    changed = Journal(tmp_path, SITE, key="new-key")
    assert [changed.waiting() for _ in range(3)] == [()] * 3
    assert caplog.text.count("waits for a worker with the key that claimed it") == 1
    assert "WORKER_API_KEY" in caplog.text
    assert Journal(tmp_path, SITE, key="old-key").waiting() == (entry,)
    assert Journal(tmp_path, SITE).waiting() == (entry,), "the doctor lists all"


def test_another_keys_completions_do_not_wait_for_ever(tmp_path: Path) -> None:
    write(Journal(tmp_path, SITE, now=lambda: NOW, key="old-key"))
    later = Journal(tmp_path, SITE, now=lambda: NOW + KEPT_SECONDS + 1.0, key="new-key")
    assert later.waiting() == ()
    assert later.count() == 0


def test_a_key_is_not_written_down(tmp_path: Path) -> None:
    write(Journal(tmp_path, SITE, key="some-secret-key"))
    (path,) = (tmp_path / "journal").iterdir()
    assert "some-secret-key" not in path.read_text("utf-8")


def test_completions_of_older_versions_are_anybodys(tmp_path: Path) -> None:
    entry = write(Journal(tmp_path, SITE))
    (path,) = (tmp_path / "journal").iterdir()
    older = json.loads(path.read_bytes())
    del older["key_mark"]
    path.write_text(json.dumps(older), "utf-8")
    assert Journal(tmp_path, SITE, key="new-key").waiting() == (entry,)


def test_nothing_waits_for_ever(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(Journal(tmp_path, SITE, now=lambda: NOW))
    assert Journal(tmp_path, SITE, now=lambda: NOW + KEPT_SECONDS - 1.0).count() == 1
    assert Journal(tmp_path, SITE, now=lambda: NOW + KEPT_SECONDS + 1.0).waiting() == ()
    assert "2023-11-14" in caplog.text
    assert list((tmp_path / "journal").iterdir()) == []


@pytest.mark.parametrize("text", [b"", b'{"site": "https', b"[]", b'{"site": 5}', b"\xff\xfe"])
def test_a_damaged_file_harms_nobody(
    tmp_path: Path, text: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(tmp_path, SITE)
    journal.leave(write(journal))
    damaged = tmp_path / "journal" / "job-5-a1-00000000.json"
    damaged.write_bytes(text)
    assert [entry.job_id for entry in journal.waiting()] == [12]
    assert not damaged.exists()
    assert damaged.name in caplog.text


def test_a_name_cannot_lead_elsewhere(tmp_path: Path) -> None:
    """The tag becomes part of a file name; the site gives it, and files may be edited."""
    journal = Journal(tmp_path, SITE)
    journal.leave(write(journal))
    (path,) = (tmp_path / "journal").iterdir()
    data = json.loads(path.read_bytes())
    path.write_text(json.dumps({**data, "attempt_tag": "../../x"}))
    assert journal.waiting() == ()


def test_a_journal_that_cannot_be_written_costs_no_job(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "journal").write_text("a file where the folder should be")
    journal = Journal(tmp_path, SITE)
    assert journal.write(job(), BODY, claimed_ago=0.0, lease_left=1.0) is None
    assert "could not write the completion down" in caplog.text
    assert journal.waiting() == ()


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files cannot be removed, as on a broken disk."""

    def refuse(path: Path, **_: bool) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    monkeypatch.setattr(Path, "unlink", refuse)


@pytest.mark.usefixtures("stuck")
def test_an_answered_completion_that_cannot_be_removed_is_not_delivered_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(tmp_path, SITE)
    (tmp_path / "journal").mkdir()
    entry = Entry(SITE, 12, "t", "a1-0", 300.0, NOW, NOW, NOW, BODY)
    journal.drop(entry)
    (tmp_path / "journal" / entry.filename).touch()
    assert journal.waiting() == ()
    assert caplog.text.count("could not remove") == 1


@pytest.mark.usefixtures("stuck")
def test_what_cannot_be_removed_is_looked_at_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / "job-1-a1-0.json").write_bytes(b"[]")
    journal = Journal(tmp_path, SITE)
    assert [journal.waiting() for _ in range(3)] == [()] * 3
    assert caplog.text.count("could not remove") == 1


def test_a_completion_that_cannot_be_read_is_named_once_and_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(path: Path) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    journal = Journal(tmp_path, SITE)
    entry = write(journal)
    journal.leave(entry)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", refuse)
        assert [journal.waiting() for _ in range(3)] == [()] * 3
    assert caplog.text.count("could not read the completion") == 1
    assert journal.waiting() == (entry,)


def test_a_journal_that_cannot_be_listed_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _: str) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    journal = Journal(tmp_path, SITE)
    monkeypatch.setattr(Path, "glob", refuse)
    assert (journal.waiting(), journal.count()) == ((), 0)
