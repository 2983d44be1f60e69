"""Stacks that this database does not know stay: another site's, and those made after the backup."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.services import ServiceError, WebDavServer
from tests.contract.jobs.support import Queue, Worker, job_columns, stack_file
from tests.support.backups import Backup
from tests.support.cleanups import clean_up
from tests.support.sites import SiteUnderTest

AT_ONCE = {
    "CROWDSKY_RAW_GRACE_HOURS": "0",
    "CROWDSKY_FAILED_RAW_DAYS": "0",
    "CROWDSKY_RETRY_BACKOFF_SECONDS": "0",
}
"""Raws go with the next cleanup, and a job that was lost is given out with the next claim."""


@dataclass(frozen=True)
class Node:
    """A site, its share, a queue and a worker who stores directly on the share."""

    site: SiteUnderTest
    root: Path
    queue: Queue
    worker: Worker

    @classmethod
    def of(cls, site: SiteUnderTest, share: WebDavServer) -> Node:
        """Return the site with an account and a worker."""
        worker = Worker(site, site.create_worker_key("w"))
        return cls(site, share.root, Queue(site, site.rows), worker)

    def store(self, lease: dict[str, Any], *, final: bool, cards: bool = True) -> dict[str, Any]:
        """Store the stack of a run, under its final name if wanted; return the report."""
        named = (("ARCHID", lease["archive_id"]),) if cards else ()
        report = self.worker.archive(lease, stack_file(cards=named))
        if final:
            old = self.file(report["ucloud_path"])
            new = old.with_name(old.name.replace(f".{lease['attempt_tag']}", ""))
            old.rename(new)
            report["ucloud_path"] = f"/{new.relative_to(self.root)}"
        return report

    def complete(self, *, final: bool = True, frames: int = 1, cards: bool = True) -> Path:
        """Complete a new job and return the file of its stack."""
        self.queue.add_job(frames)
        lease = self.worker.claim()
        report = self.store(lease, final=final, cards=cards)
        assert self.worker.report("complete_job", lease, **report).status_code == 200
        return self.file(report["ucloud_path"])

    def file(self, path: str) -> Path:
        """Return where a path of the storage is on disk."""
        return self.root / path.lstrip("/")

    def fail(self, job: int | None = None) -> None:
        """Let a job fail for good."""
        job = job or self.queue.add_job()
        lease = self.worker.claim()
        assert lease["job_id"] == job
        self.worker.report("fail_job", lease, error_message="x", retryable=False)

    def clean_up(self, *arguments: str) -> str:
        """Run every cleanup that deletes, in doubt or not, with all files old enough."""
        self.site.rows.execute("UPDATE stacking_jobs SET completed_at = '2026-01-01 00:00:00'")
        for path in self.root.rglob("*"):
            os.utime(path, (time.time() - 9 * 86400,) * 2)
        said = ""
        for command in ((), (), ("--orphans", "--delete", *arguments)):
            try:
                said += self.site.cleanup(*command)
            except ServiceError as error:
                said += str(error)
        return said


@pytest.fixture
def first(
    make_site: Callable[..., SiteUnderTest], webdav: WebDavServer, share_settings: dict[str, str]
) -> Node:
    """A site with a share."""
    return Node.of(make_site(**share_settings, **AT_ONCE), webdav)


@pytest.fixture
def second(
    open_second: Callable[[dict[str, str]], SiteUnderTest],
    webdav: WebDavServer,
    share_settings: dict[str, str],
) -> Node:
    """Another one that was given the same share by mistake."""
    return Node.of(open_second(share_settings | AT_ONCE), webdav)


def forget_marks(share: WebDavServer) -> None:
    """Take all marks away, so that whoever comes next takes the storage for its own."""
    for mark in share.root.glob("crowdsky/site/*"):
        mark.unlink()


@pytest.mark.parametrize("cards", [True, False], ids=["ARCHID", "older worker"])
@pytest.mark.parametrize("marked", [True, False], ids=["marked", "not marked"])
def test_a_second_site_deletes_no_stack_of_the_first(
    first: Node, second: Node, webdav: WebDavServer, marked: bool, cards: bool
) -> None:
    stack = first.complete(cards=cards)
    assert "1 raws due" in clean_up(first.site)
    if not marked:
        forget_marks(webdav)

    second.fail()
    said = second.clean_up("--include-unknown")

    assert stack.exists(), "its raws are gone by plan"
    assert ("another site" in said) is marked
    assert list(webdav.root.glob("crowdsky/trash/**/*.*")) == []
    # Nor does the owner of the same job number.
    second.complete()
    second.clean_up()
    assert stack.exists()


def clone_whole_host(first: Node, second: Node, engine: str) -> None:
    """Make the second site a copy of the first, with a stack, database and secret included."""
    first.complete()
    first.site.cleanup()
    Backup(first.site.rows, engine).restore(second.site.rows)
    for name in ("secret", "raws/folder.id"):
        shutil.copyfile(first.site.data_dir / name, second.site.data_dir / name)


@pytest.mark.parametrize("final", [True, False], ids=["final name", "name of the run"])
def test_a_clone_deletes_no_stack_of_the_original(
    first: Node, second: Node, engine: str, final: bool
) -> None:
    clone_whole_host(first, second, engine)
    stack = first.complete(final=final)
    first.site.cleanup()
    clone = Node(
        second.site,
        second.root,
        first.queue,
        Worker(second.site, second.site.create_worker_key("c")),
    )
    job = clone.site.rows.insert("stacking_jobs", **job_like(first))

    clone.fail(job)
    assert "another copy of this database" in clone.clean_up("--include-unknown")

    assert stack.exists()
    assert first.clean_up().count("NOTHING DELETED") == 0


@pytest.mark.parametrize("final", [True, False], ids=["final name", "name of the run"])
def test_a_clone_without_doubt_moves_no_stack_that_it_has_not_made(
    first: Node, second: Node, engine: str, final: bool
) -> None:
    """The original has not cleaned up since, so that the clone has no doubt about itself."""
    clone_whole_host(first, second, engine)
    stack = first.complete(final=final)

    said = second.clean_up("--include-unknown")

    assert "another copy" not in said
    assert stack.exists()
    assert "another copy of this database" in first.clean_up()


def test_a_clone_with_a_data_folder_of_its_own_leaves_the_storage_alone(
    first: Node, second: Node, engine: str
) -> None:
    """The job ran when the database was copied, so that the clone knows the run."""
    first.site.cleanup()
    first.queue.add_job()
    lease = first.worker.claim()
    Backup(first.site.rows, engine).restore(second.site.rows)
    report = first.store(lease, final=False)
    assert first.worker.report("complete_job", lease, **report).status_code == 200
    stack = first.file(report["ucloud_path"])
    second.site.rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1")

    said = second.clean_up()

    assert "the data folder is not the one of this database" in said
    assert stack.exists()
    assert "1 raws due" in first.clean_up(), "nor has it taken the mark"


def job_like(node: Node) -> dict[str, Any]:
    """Return the columns of a pending job like the newest one of a site."""
    session = node.site.rows.all("SELECT MIN(id) AS id FROM upload_sessions")[0]["id"]
    return job_columns(node.queue.user_id, session)


@pytest.mark.parametrize("told", [True, False], ids=["site.php restored", "nothing said"])
def test_a_stack_made_after_the_backup_stays(first: Node, engine: str, told: bool) -> None:
    """Backup; 20 subs stacked, raws cleaned; restore; one more sub of that quarter of an hour."""
    first.complete()
    first.site.cleanup()
    backup = Backup(first.site.rows, engine)
    stack = first.complete(frames=20)
    assert "20 raws due" in clean_up(first.site)
    newest = first.site.rows.one("SELECT MAX(id) AS id FROM stacking_jobs")["id"]
    backup.restore(first.site.rows)
    if told:
        said = first.site.run_php("site.php", "restored")
        assert f"further jobs get numbers above {newest}" in said
        assert "custody: ok" in said

    job = first.queue.add_job()
    lease = first.worker.claim()
    report = first.store(lease, final=not stack.name.endswith(f"_{job}.fits"))
    assert first.worker.report("complete_job", lease, **report).status_code == 200
    said = first.clean_up("--include-unknown")

    assert (job > newest) is told
    assert stack.exists()
    assert first.file(report["ucloud_path"]).exists()
    assert ("another copy of this database" in said) is not told


@pytest.mark.parametrize("final", [True, False], ids=["final name", "name of the run"])
@pytest.mark.parametrize("told", [True, False], ids=["site.php restored", "nothing said"])
def test_the_stack_of_a_job_that_ran_at_backup_time_stays(
    first: Node, engine: str, final: bool, told: bool
) -> None:
    first.complete()
    first.site.cleanup()
    job = first.queue.add_job(3)
    lease = first.worker.claim()
    backup = Backup(first.site.rows, engine)
    report = first.store(lease, final=final)
    assert first.worker.report("complete_job", lease, **report).status_code == 200
    stack = first.file(report["ucloud_path"])
    assert "3 raws due" in clean_up(first.site)
    backup.restore(first.site.rows)
    if told:
        first.site.run_php("site.php", "restored")

    first.site.rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1 WHERE id = ?", job)
    first.fail(job)
    first.clean_up("--include-unknown")

    assert stack.exists(), "the raws are gone, so this is the only copy"


def test_a_job_stacked_once_more_after_a_restore_lets_go_of_its_other_run(
    first: Node, engine: str
) -> None:
    """Its raws were in the backup, and its own stack is proven."""
    first.queue.add_job(3)
    lease = first.worker.claim()
    backup = Backup(first.site.rows, engine)
    left = first.file(first.store(lease, final=False)["ucloud_path"])
    backup.restore(first.site.rows)
    first.site.run_php("site.php", "restored")
    first.site.rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1")

    again = first.worker.claim()
    report = first.store(again, final=True)
    assert first.worker.report("complete_job", again, **report).status_code == 200
    first.clean_up()

    assert not left.exists()
    assert first.file(report["ucloud_path"]).exists()


def test_a_restored_site_gives_no_number_out_twice(first: Node, engine: str) -> None:
    first.site.run_php("site.php", "show")
    backup = Backup(first.site.rows, engine)
    user = first.site.rows.add_user("later", "password")
    first.queue.add_session()
    stacks = first.root / "crowdsky" / "stacks" / f"user_{user}" / "M_31"
    stacks.mkdir(parents=True)
    (stacks / "stack_20260101.00_192.7_+41.1_4711.fits").write_bytes(b"x")
    (stacks / f"stack_20260101.00_192.7_+41.1_{10**16}.fits").write_bytes(b"x")
    (first.site.data_dir / "raws" / "u1" / "s815").mkdir(parents=True)
    backup.restore(first.site.rows)

    said = first.site.run_php("site.php", "restored")
    first.site.run_php("site.php", "restored")

    assert f"jobs get numbers above 4711, uploads above 815, accounts above {user}" in said
    assert first.site.rows.add_user("new", "password") > user
    job = first.queue.add_job()
    assert job == 4712
    assert first.site.rows.job(job)["upload_session_id"] == 816
    shown = first.site.run_php("site.php", "show")
    former = shown.split("former ids: ")[1].splitlines()[0].split(", ")
    assert len(former) == 2


def test_a_restored_database_does_not_take_another_sites_storage_over(
    first: Node, second: Node
) -> None:
    first.site.cleanup()

    with pytest.raises(ServiceError, match="another site"):
        second.site.run_php("site.php", "restored")

    assert "custody: ok" in first.site.run_php("site.php", "show")
    with pytest.raises(ServiceError, match=r"code 64.*Usage"):
        second.site.run_php("site.php", "restore")
    with pytest.raises(ServiceError, match="16 hex digits"):
        second.site.run_php("site.php", "restored", "--continues", "x")


@pytest.mark.parametrize("final", [True, False], ids=["final name", "name of the run"])
def test_an_empty_database_continues_an_archive_that_lost_its_own(
    first: Node, second: Node, final: bool
) -> None:
    stack = first.complete(final=final)
    first.site.cleanup()
    archive = first.site.run_php("site.php", "show").split()[2].rstrip(",")

    said = second.site.run_php("site.php", "restored", "--continues", archive)

    assert "custody: ok" in said
    assert f"former ids: {archive}" in said or f", {archive}" in said
    job = second.queue.add_job()
    assert job > int(stack.name.removesuffix(".fits").split("_")[4].split(".")[0])
    second.fail(job)
    second.clean_up("--include-unknown")
    assert stack.exists()


def test_the_ids_from_before_a_restore_are_continued_too(first: Node, second: Node) -> None:
    """Stacks bear the id that the archive had when they were made."""
    former = first.site.run_php("site.php", "show").split()[2].rstrip(",")
    first.site.run_php("site.php", "restored")
    latest = first.site.run_php("site.php", "show").split()[2].rstrip(",")
    for text in ("not JSON", '{"former_ids": ["../x", 7]}', '{"former_ids": 3}', "[]"):
        with pytest.raises(ServiceError, match="another site"):
            second.site.run_php("site.php", "restored")
        unreadable = first.root / "crowdsky" / "site" / f"mark_{latest}_{'0' * 16}.json"
        unreadable.write_text(text)

    said = second.site.run_php("site.php", "restored", "--continues", latest)

    assert "custody: ok" in said
    ids = second.site.rows.all("SELECT archive_id FROM archive_ids WHERE is_current IS NULL")
    assert {former, latest} <= {row["archive_id"] for row in ids}
    assert all(len(row["archive_id"]) == 16 for row in ids)
    second.queue.add_job()
    oldest = second.worker.claim()["oldest_archive_id"]
    assert oldest == former, "the units in the files of that archive"


def test_an_archive_with_stacks_keeps_the_units_of_its_telescopes(
    first: Node, second: Node
) -> None:
    lost = first.site.run_php("site.php", "show").split()[2].rstrip(",")
    second.queue.add_job()
    lease = second.worker.claim()
    report = second.store(lease, final=True)
    assert second.worker.report("complete_job", lease, **report).status_code == 200

    second.site.run_php("site.php", "restored", "--continues", lost)
    second.queue.add_job()
    assert second.worker.claim()["oldest_archive_id"] == lease["archive_id"]
