"""A stack that is lost can be made again, from its raws or from subs that are uploaded again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from demo.services import ServiceError
from tests.contract.jobs.measured import measurement
from tests.contract.jobs.support import Worker, stack_file
from tests.contract.site.subs import copy_of, taken_at
from tests.contract.site.support import PASSWORD, Browser
from tests.support.cleanups import clean_up
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

SUBS = tuple(taken_at(f"2025-03-27T01:20:{second:02d}") for second in (10, 21, 32))


class Archive:
    """A site without a grace period, its owner, and a worker."""

    def __init__(self, site: SiteUnderTest) -> None:
        self.site = site
        self.rows: Rows = site.rows
        site.create_user("owner", PASSWORD)
        self.owner = Browser(site)
        assert self.owner.log_in("owner").status_code == 302
        self.worker = Worker(site, site.create_worker_key("stacker"))

    def stack(self, frames: int, **more: Any) -> int:
        """Claim the only job, stack that many frames, and return the stack's id."""
        lease = self.worker.claim()
        body = stack_file(frames=frames, exposure=10.0 * frames)
        counts = {"n_frames_input": frames, "n_frames_aligned": frames}
        fields = {**self.worker.archive(lease, body), **counts, "total_exptime": 10.0 * frames}
        answer = self.worker.report("complete_job", lease, **fields, **more)
        assert answer.status_code == 200, answer.text
        stack_id: int = answer.json()["stack_id"]
        return stack_id

    def row(self) -> dict[str, Any]:
        """The only stack's row."""
        return self.rows.one("SELECT * FROM stacked_frames")

    def file(self) -> Path:
        """Where the only stack is."""
        path: str = self.row()["ucloud_path"]
        return self.site.data_dir / "stacks" / path.lstrip("/")

    def verify(self) -> None:
        """Read the archive back, which must find a damaged stack."""
        self.rows.execute("UPDATE stacked_frames SET verified_at = '2026-01-01 00:00:00'")
        with pytest.raises(ServiceError, match=r"missing: 1|changed: 1"):
            self.site.cleanup("--verify")

    def raws(self) -> int:
        """How many raw frames are stored."""
        return len(
            [path for path in (self.site.data_dir / "raws").rglob("*.fits") if path.is_file()]
        )


@pytest.fixture
def archive(make_site: Callable[..., SiteUnderTest]) -> Archive:
    """A site whose raws may go as soon as their stack is proven."""
    return Archive(make_site(CROWDSKY_RAW_GRACE_HOURS="0", CROWDSKY_RETRY_BACKOFF_SECONDS="0"))


@pytest.fixture
def lost(archive: Archive) -> tuple[Archive, int, int]:
    """An archive that has lost its only stack and the raws; also the ids of job and stack."""
    job = archive.owner.upload(*SUBS)["job_ids"][0]
    stack = archive.stack(3, **measurement())
    clean_up(archive.site)
    assert archive.raws() == 0
    archive.file().unlink()
    archive.verify()
    return archive, job, stack


def pages(archive: Archive, job: int, stack: int) -> list[str]:
    """What the owner and an admin see."""
    archive.site.create_user("boss", PASSWORD, admin=True)
    boss = Browser(archive.site)
    boss.log_in("boss")
    return [
        archive.owner.get("stack.php", id=stack).text,
        archive.owner.get("job.php", id=job).text,
        archive.owner.get("stacks.php").text,
        boss.get("admin.php").text,
    ]


def test_the_owner_uploads_the_subs_of_a_lost_stack_again(lost: tuple[Archive, int, int]) -> None:
    archive, job, stack = lost
    before = archive.row()
    assert before["damaged_at"] is not None
    assert "is missing from storage" in before["damage"]
    texts = pages(archive, job, stack)
    assert "Upload its subs again" in texts[0] and "Upload its subs again" in texts[1]
    assert "Damaged in the archive" in texts[2] and "1 stack is missing" in texts[3]
    assert f">stack {stack}</a>.\n" in texts[3]
    assert "form=cube" not in texts[0] and "stack[]" not in texts[2], "nothing to be had"

    told = archive.owner.upload(*SUBS)
    assert (told["job_ids"], told["skipped"]) == ([job], [])
    assert archive.raws() == 3
    assert "being stacked again" in archive.owner.get("stack.php", id=stack).text
    assert "3 subs" in archive.owner.get("job.php", id=job).text, "each is listed once"
    assert archive.stack(3) == stack

    after = archive.row()
    assert (after["damaged_at"], after["damage"], after["id"]) == (None, None, before["id"])
    assert after["ucloud_path"] != before["ucloud_path"]
    assert archive.owner.get("download.php", id=stack).content == archive.file().read_bytes()
    assert archive.rows.all("SELECT stack_id FROM stack_solutions") == [], "of the lost stack"
    whole = archive.owner.get("stack.php", id=stack).text
    assert "amaged" not in whole and "form=cube" in whole
    events = archive.rows.events(job)
    assert events[:2] == ["created", "claimed"] and "revived" in events
    assert archive.owner.upload(*SUBS)["skipped"] == [after["chunk_key"]], "stacked, this time"
    clean_up(archive.site)
    assert (archive.raws(), archive.file().is_file()) == (0, True)


def test_copies_of_the_subs_of_a_lost_stack_make_it_again(lost: tuple[Archive, int, int]) -> None:
    archive, job, stack = lost

    told = archive.owner.upload(*map(copy_of, SUBS), *SUBS)

    assert (told["job_ids"], told["skipped"], len(told["left_out"])) == ([job], [], 3)
    assert archive.raws() == 3
    assert archive.stack(3) == stack


def test_a_damaged_file_is_left_where_it_is(archive: Archive) -> None:
    job = archive.owner.upload(*SUBS)["job_ids"][0]
    stack = archive.stack(3)
    clean_up(archive.site)
    damaged = archive.file()
    damaged.write_bytes(damaged.read_bytes()[:-2880] + bytes(2880))
    archive.verify()

    assert archive.owner.upload(*SUBS)["job_ids"] == [job]
    assert archive.stack(3) == stack

    assert archive.file() != damaged
    assert damaged.is_file()
    assert archive.rows.all("SELECT path FROM replaced_objects") == []


def test_raws_that_are_still_there_are_stacked_again_by_themselves(archive: Archive) -> None:
    job = archive.owner.upload(*SUBS)["job_ids"][0]
    stack = archive.stack(3)
    archive.file().unlink()

    with pytest.raises(ServiceError, match="stacks NOT verified: 1"):
        clean_up(archive.site)

    assert archive.rows.job(job)["status"] == "pending"
    assert archive.raws() == 3
    assert archive.owner.upload(*SUBS)["job_ids"] == [job], "the copies are not stored twice"
    assert archive.raws() == 3
    assert archive.stack(3) == stack
    assert archive.row()["damaged_at"] is None
    clean_up(archive.site)
    assert archive.raws() == 0


def test_a_stack_that_reads_back_again_needs_no_run(archive: Archive) -> None:
    job = archive.owner.upload(*SUBS)["job_ids"][0]
    archive.stack(3)
    before = {**archive.row(), "verified_at": "2026-01-01 00:00:00"}
    away = archive.file().rename(archive.file().with_suffix(".away"))
    archive.verify()
    assert archive.rows.job(job)["status"] == "pending"
    away.rename(archive.file())

    clean_up(archive.site)

    assert archive.row() == before
    assert archive.rows.job(job)["status"] == "completed"
    assert "stack intact again" in archive.rows.events(job)
    assert archive.raws() == 0


def test_a_share_that_is_not_mounted_damages_nothing(archive: Archive) -> None:
    job = archive.owner.upload(*SUBS)["job_ids"][0]
    archive.stack(3)
    archive.site.cleanup()
    storage = archive.site.data_dir / "stacks"
    away = storage.rename(storage.with_name("unmounted"))
    storage.mkdir()

    archive.verify()

    assert archive.row()["damaged_at"] is None
    assert archive.rows.job(job)["status"] == "completed"
    assert archive.rows.events(job)[-1] == "stack not verified"
    storage.rmdir()
    away.rename(storage)
    assert "stacks intact: 1" in archive.site.cleanup("--verify")


def test_a_run_does_not_replace_what_reads_back_again(lost: tuple[Archive, int, int]) -> None:
    archive, job, stack = lost
    body = stack_file(frames=3, exposure=30.0)
    archive.owner.upload(*SUBS[:1])
    archive.file().write_bytes(body)
    # What was archived comes back while a worker has only one of its three subs.
    sha256 = hashlib.sha256(body).hexdigest()
    archive.rows.execute("UPDATE stacked_frames SET sha256 = ?", sha256)
    before = archive.row()

    assert archive.stack(1) == stack

    assert archive.row() == {**before, "damaged_at": None, "damage": None}
    found = archive.rows.job(job)
    assert (found["status"], found["frame_count"]) == ("completed", 3)
    assert archive.owner.upload(*SUBS)["skipped"] == [before["chunk_key"]]


def test_subs_that_the_new_stack_lacks_are_stacked_later(lost: tuple[Archive, int, int]) -> None:
    archive, job, stack = lost
    assert archive.owner.upload(SUBS[0])["job_ids"] == [job]
    lease = archive.worker.claim()
    running = archive.owner.upload(SUBS[1])
    assert running["job_ids"] != [job] and running["skipped"] == [], "not in the run's hands"
    assert archive.worker.report("release_job", lease).ok
    archive.rows.execute("UPDATE stacking_jobs SET priority = 9 WHERE id = ?", job)
    assert archive.stack(1) == stack
    clean_up(archive.site)

    later = archive.owner.upload(SUBS[0], SUBS[2])

    assert later["skipped"] == [] and later["job_ids"] != [job]
    assert archive.raws() >= 2
    assert archive.rows.one("SELECT frame_count FROM stacking_jobs WHERE id = ?", job) == {
        "frame_count": 1
    }


def test_owners_cannot_requeue_what_is_intact(archive: Archive) -> None:
    job = archive.owner.upload(*SUBS)["job_ids"][0]
    archive.stack(3)

    form = {"job_id": job, "action": "requeue", "csrf_token": archive.owner.token()}
    answer = archive.owner.post("job.php", form)

    assert answer.status_code == 409
    assert archive.rows.job(job)["status"] == "completed"
