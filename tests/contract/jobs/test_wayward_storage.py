"""Storage that returns old content, loses what it confirmed, or lists late, as object stores do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.services import ServiceError, WebDavServer
from tests.contract.jobs.measured import companions
from tests.contract.jobs.support import Queue, Worker, stack_file
from tests.contract.site.subs import taken_at
from tests.contract.site.support import PASSWORD, Browser
from tests.support.cleanups import clean_up
from tests.support.described import described_stack, lose_database
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest
from tests.support.wayward_share import WaywardShare

SUBS = tuple(taken_at(f"2025-03-27T01:20:{second:02d}") for second in (10, 21, 32))
NO_GRACE = {"CROWDSKY_RAW_GRACE_HOURS": "0", "CROWDSKY_RETRY_BACKOFF_SECONDS": "0"}
AT_ONCE = {"CROWDSKY_ORPHAN_MIN_AGE_HOURS": "0"}


@pytest.fixture
def share(webdav: WebDavServer) -> Iterator[WaywardShare]:
    """A share that can go wrong."""
    with WaywardShare(webdav) as running:
        yield running


class Archive:
    """A site on such a share with one owner, who has uploaded three subs, and a worker."""

    def __init__(self, site: SiteUnderTest, share: WaywardShare) -> None:
        self.site = site
        self.share = share
        self.rows: Rows = site.rows
        site.create_user("owner", PASSWORD)
        site.create_user("boss", PASSWORD, admin=True)
        self.owner, self.boss = Browser(site), Browser(site)
        self.owner.log_in("owner")
        self.boss.log_in("boss")
        self.job: int = self.owner.upload(*SUBS)["job_ids"][0]
        self.worker = Worker(site, site.create_worker_key("stacker"))

    def store(self, lease: dict[str, Any], body: bytes | None = None) -> dict[str, Any]:
        """Store a stack of the three subs and return the fields of its completion."""
        body = body or stack_file(frames=3, exposure=30.0)
        counts = {"n_frames_input": 3, "n_frames_aligned": 3, "total_exptime": 30.0}
        return {**self.worker.archive(lease, body), **counts}

    def complete(self) -> str:
        """Complete the job and return the path of its stack."""
        lease = self.worker.claim()
        fields = self.store(lease)
        answer = self.worker.report("complete_job", lease, **fields)
        assert answer.status_code == 200, answer.text
        path: str = fields["ucloud_path"]
        return path

    def file(self, path: str) -> Path:
        """Return where a path of the storage really is."""
        return self.share.share.root / path.lstrip("/")

    def verify(self) -> str:
        """Read the archive back, and return what was found."""
        self.rows.execute("UPDATE stacked_frames SET verified_at = '2026-01-01 00:00:00'")
        try:
            return self.site.cleanup("--verify")
        except ServiceError as error:
            return f"{error}"

    def raws(self) -> int:
        """How many raw frames are stored."""
        found = (self.site.data_dir / "raws").rglob("*.fits")
        return sum(path.is_file() for path in found)

    def told(self) -> list[bool]:
        """Whether three pages of the owner and one of an admin report the damage."""
        stack = self.rows.one("SELECT id FROM stacked_frames")["id"]
        return [
            "missing from the archive or damaged" in self.owner.get("stack.php", id=stack).text,
            "missing from the archive or damaged" in self.owner.get("job.php", id=self.job).text,
            "Damaged in the archive" in self.owner.get("stacks.php").text,
            "1 stack is missing from storage or damaged" in self.boss.get("admin.php").text,
        ]


@pytest.fixture
def archive(make_site: Callable[..., SiteUnderTest], share: WaywardShare) -> Archive:
    """A site without a grace period on such a share."""
    return Archive(make_site(**share.settings(), **NO_GRACE, **AT_ONCE), share)


def overwrite(archive: Archive, path: str, older: bytes) -> None:
    """Let a name have had other content before, which the share remembers."""
    body = archive.file(path).read_bytes()
    archive.file(path).write_bytes(older)
    archive.share.remember(path)
    archive.file(path).write_bytes(body)


@pytest.mark.parametrize(
    ("size", "methods", "words"),
    [
        (64, ("GET", "HEAD"), "differs from what was archived"),
        (32, ("GET", "HEAD"), "bytes in storage, not"),
        (32, ("GET",), "differs from what was archived"),
    ],
    ids=["same size", "another size", "HEAD is new"],
)
def test_old_content_is_found_and_the_raws_stay(
    archive: Archive, size: int, methods: tuple[str, ...], words: str
) -> None:
    path = archive.complete()
    overwrite(archive, path, stack_file(size=size, frames=3, exposure=30.0))
    archive.share.return_old(path, *methods)

    found = archive.verify()

    assert "missing: 0, changed: 1" in found and words in found
    assert archive.told() == [True] * 4
    assert "stack not verified" in archive.rows.events(archive.job)
    log = (archive.site.data_dir / "log" / "crowdsky.log").read_text()
    assert f"ERROR verify, job {archive.job}: the stack {path}" in log
    with pytest.raises(ServiceError, match="stacks NOT verified: 1"):
        clean_up(archive.site)
    assert archive.raws() == 3
    assert archive.rows.job(archive.job)["status"] == "pending", "it can be stacked again"

    archive.share.recover()
    clean_up(archive.site)
    assert archive.told() == [False] * 4
    assert archive.rows.job(archive.job)["status"] == "completed"
    assert archive.raws() == 0


def test_old_content_is_no_completion(archive: Archive) -> None:
    lease = archive.worker.claim()
    fields = archive.store(lease)
    overwrite(archive, fields["ucloud_path"], stack_file(frames=3, exposure=30.0))
    archive.share.return_old(fields["ucloud_path"])

    refused = archive.worker.report("complete_job", lease, **fields)

    assert (refused.status_code, refused.json()["code"]) == (422, "not_stored")
    assert archive.rows.job(archive.job)["status"] == "processing"
    archive.share.recover()
    assert archive.worker.report("complete_job", lease, **fields).status_code == 200


def test_no_public_copy_is_made_of_old_content(archive: Archive) -> None:
    path = archive.complete()
    stack = archive.rows.one("SELECT id FROM stacked_frames")["id"]
    overwrite(archive, path, stack_file(frames=3, exposure=30.0))
    archive.share.return_old(path)

    refused = archive.owner.get("download.php", id=stack, form="public")

    assert refused.status_code == 404
    assert archive.rows.all("SELECT stack_id FROM public_stacks") == []
    archive.share.recover()
    copy = archive.owner.get("download.php", id=stack, form="public")
    kept = archive.rows.one("SELECT sha256 FROM public_stacks")["sha256"]
    assert hashlib.sha256(copy.content).hexdigest() == kept


@pytest.mark.parametrize("still_confirmed", [False, True])
def test_a_file_that_is_lost_after_it_was_confirmed_is_missed(
    archive: Archive, still_confirmed: bool
) -> None:
    path = archive.complete()
    archive.share.remember(path)
    archive.share.forget(path)
    if still_confirmed:
        archive.share.return_old(path, "HEAD")

    found = archive.verify()

    assert ("missing: 0, changed: 1" if still_confirmed else "missing: 1, changed: 0") in found
    assert archive.told() == [True] * 4
    with pytest.raises(ServiceError, match="stacks NOT verified: 1"):
        clean_up(archive.site)
    assert archive.raws() == 3
    archive.share.recover()
    archive.complete()
    assert archive.told() == [False] * 4
    clean_up(archive.site)
    assert archive.raws() == 0


def test_a_late_listing_is_reported_and_costs_nothing(archive: Archive) -> None:
    first = archive.worker.claim()
    run = archive.store(first)["ucloud_path"]
    archive.share.remember(run)
    archive.worker.report("release_job", first, reason="x")
    path = archive.complete()
    archive.share.list_late(path.rsplit("/", 1)[0])

    found = archive.verify()

    assert "stacks intact: 1, missing: 0" in found and "1 of the intact are not listed" in found
    assert archive.told() == [False] * 4
    assert archive.rows.events(archive.job)[-1] == "stack not listed"
    assert "the storage does not list it" in archive.owner.get("job.php", id=archive.job).text
    assert "the storage does not list it" in archive.boss.get("job.php", id=archive.job).text
    log = (archive.site.data_dir / "log" / "crowdsky.log").read_text()
    assert "the storage does not list it" in log

    # What is listed and gone is no orphan, and what is there and not listed stays.
    archive.file(run).unlink()
    assert "deleted: 0, moved to trash: 0" in archive.site.cleanup("--orphans", "--delete")
    assert archive.file(path).is_file()
    archive.share.recover()
    assert "not listed" not in archive.verify()
    clean_up(archive.site)
    assert archive.raws() == 0 and archive.file(path).is_file()


def test_adoption_looks_for_what_a_late_listing_lacks(
    make_site: Callable[..., SiteUnderTest], share: WaywardShare, tmp_path: Path
) -> None:
    site = make_site(**share.settings())
    queue = Queue(site, site.rows)
    worker = Worker(site, site.create_worker_key("w", trusted=True))
    queue.add_job(3)
    lease = worker.claim()
    hashes = [row["sha256"] for row in site.rows.all("SELECT sha256 FROM raw_files")]
    body = described_stack(
        tmp_path, hashes, lease["archive_facts"], None, ARCHID=lease["archive_id"]
    )
    run = worker.archive(lease, body)["ucloud_path"]
    share.remember(run)
    folder = run.rsplit("/", 1)[0]
    # Later the stack and its companions got their final names; the listing knows only the run's.
    found = companions(worker, lease)
    final = run.replace(f".{lease['attempt_tag']}", "")
    for name in (run, *found.values()):
        path = share.share.root / name.lstrip("/")
        path.with_name(path.name.replace(f".{lease['attempt_tag']}", "")).write_bytes(
            path.read_bytes()
        )
    share.list_late(folder)
    lose_database(site.rows)

    said = site.cleanup("--adopt")

    assert said.splitlines()[-1].startswith("adopted: 1; 0 in the archive already, 1 left")
    row = site.rows.one("SELECT * FROM stacked_frames")
    assert row["ucloud_path"] == final
    names = (row["thumbnail_path"], row["overlay_path"], row["stars_path"])
    assert names == tuple(
        found[f"{kind}_path"].replace(f".{lease['attempt_tag']}", "")
        for kind in ("thumbnail", "overlay", "stars")
    )
    share.recover()
    assert "adopted: 0; 1 in the archive already" in site.cleanup("--adopt")


def test_adoption_believes_no_size_of_a_late_listing(
    make_site: Callable[..., SiteUnderTest], share: WaywardShare, tmp_path: Path
) -> None:
    site = make_site(**share.settings())
    Queue(site, site.rows).add_job(3)
    worker = Worker(site, site.create_worker_key("w", trusted=True))
    lease = worker.claim()
    hashes = [row["sha256"] for row in site.rows.all("SELECT sha256 FROM raw_files")]
    report = {"n_frames_input": 3, "n_frames_aligned": 2, "notes": ["a note"]}
    archive = lease["archive_id"]
    body = described_stack(tmp_path, hashes, lease["archive_facts"], report, ARCHID=archive)
    run = worker.archive(lease, body)["ucloud_path"]
    file = share.share.root / run.lstrip("/")
    file.write_bytes(body[:2880])
    share.remember(run)
    file.write_bytes(body)
    share.list_late(run.rsplit("/", 1)[0])
    lose_database(site.rows)

    assert "adopted: 1;" in site.cleanup("--adopt")

    row = site.rows.one("SELECT file_size_bytes, notes FROM stacked_frames")
    assert row["file_size_bytes"] == len(body)
    assert json.loads(row["notes"]) == ["a note"], "its parts are read to the end"


def test_a_second_site_that_sees_the_first_late_deletes_nothing(
    make_site: Callable[..., SiteUnderTest],
    share: WaywardShare,
    share_settings: dict[str, str],
    tmp_path: Path,
    sqlite_template: Path,
) -> None:
    first = make_site(**share_settings)
    Queue(first, first.rows).add_job()
    worker = Worker(first, first.create_worker_key("w"))
    lease = worker.claim()
    worker.archive(lease)
    worker.report("fail_job", lease, error_message="x", retryable=False)
    first.cleanup()
    files = set(share.share.root.rglob("*.fits"))
    share.list_nothing("/crowdsky/site")
    second = SiteUnderTest(
        tmp_path / "second", None, {**share.settings(), **AT_ONCE}, sqlite_template
    )
    with second:
        found = second.cleanup("--orphans", "--delete")
        assert "deleted: 0, moved to trash: 0" in found
        share.recover()
        with pytest.raises(ServiceError, match="whose stacks these are"):
            second.cleanup("--orphans", "--delete", "--include-unknown")
    assert set(share.share.root.rglob("*.fits")) == files
