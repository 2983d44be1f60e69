"""cleanup --orphans and --verify: the storage and the database say the same, on both storages."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.services import ServiceError, Site, WebDavServer
from tests.contract.jobs.support import PNG, Queue, Worker, stack_file
from tests.contract.jobs.volunteers import RIGHT, operator, volunteer
from tests.support.rows import Rows

NOW = time.time()
DAYS_AGO = NOW - 3 * 86400


@dataclass(frozen=True)
class Archive:
    """A site, the folder in which its stacks end, and a worker."""

    site: Site
    root: Path
    rows: Rows
    queue: Queue
    worker: Worker

    def complete(self) -> tuple[int, Path]:
        """Complete a job; return it and the file of its stack."""
        job = self.queue.add_job()
        lease = self.worker.claim()
        assert lease["job_id"] == job
        report = self.worker.archive(lease)
        assert self.worker.report("complete_job", lease, **report).status_code == 200
        return job, self.file(report["ucloud_path"])

    def leave(self) -> tuple[dict[str, Any], list[Path]]:
        """Let a run store its results and then give up; return its lease and the files."""
        self.queue.add_job()
        lease = self.worker.claim()
        paths = [
            self.worker.upload(lease, body, kind).json()["path"]
            for kind, body in (("stack", stack_file()), ("thumbnail", PNG))
        ]
        self.worker.report("fail_job", lease, error_message="x", retryable=False)
        return lease, [self.file(path) for path in paths]

    def file(self, path: str) -> Path:
        """Return where a path of the storage is on disk."""
        return self.root / path.lstrip("/")

    def files(self) -> set[Path]:
        """Return everything in the storage but the site's mark and what is in trash."""
        base = self.root / "crowdsky"
        return {
            path
            for path in self.root.rglob("*")
            if path.is_file() and not {base / "site", base / "trash"} & set(path.parents)
        }

    def trash(self) -> list[str]:
        """Return the names of the files in trash, as they were before."""
        found = self.root.glob("crowdsky/trash/**/*.*")
        return sorted(path.name.split("_", 1)[1] for path in found)

    def age(self) -> None:
        """Make everything in the storage three days old."""
        for path in self.files():
            os.utime(path, (DAYS_AGO, DAYS_AGO))


@pytest.fixture(params=["local", "wsgidav", pytest.param("apache", marks=pytest.mark.every)])
def archive(request: pytest.FixtureRequest, make_site: Callable[..., Site]) -> Archive:
    """An empty archive on each storage and each database."""
    server = {"wsgidav": "wsgi_dav", "apache": "apache_dav"}.get(request.param)
    share: WebDavServer | None = request.getfixturevalue(server) if server else None
    settings = {}
    if share is not None:
        settings = {
            "CROWDSKY_STORAGE": "webdav",
            "CROWDSKY_WEBDAV_URL": share.url,
            "CROWDSKY_WEBDAV_TOKEN": share.token,
        }
    site = make_site(**settings)
    rows = site.rows
    root = site.data_dir / "stacks" if share is None else share.root
    worker = Worker(site, site.create_worker_key("w"))
    return Archive(site, root, rows, Queue(site, rows), worker)


def test_what_nothing_refers_to_is_found_and_deleted_on_demand(archive: Archive) -> None:
    _, kept = archive.complete()
    lease, left = archive.leave()
    cut_off = left[0].with_name(left[0].name + ".0123456789ab.part")
    cut_off.write_bytes(b"half")
    archive.age()

    looked = archive.site.cleanup("--orphans")
    assert "dry run, nothing changed; orphans: 3 " in looked
    assert "deleted: 0, moved to trash: 0; kept: 1 in the archive" in looked
    assert all(f"/{path.relative_to(archive.root)}\t" in looked for path in [*left, cut_off])
    assert archive.files() == {kept, *left, cut_off}

    said = archive.site.cleanup("--orphans", "--delete")
    assert "orphans: 3 " in said
    assert "deleted: 1, moved to trash: 2;" in said
    assert archive.files() == {kept}
    assert archive.trash() == sorted(path.name for path in left)
    assert Counter(archive.rows.events(lease["job_id"])[-3:]) == {
        "orphan deleted": 1,
        "orphan moved to trash": 2,
    }
    assert "orphans: 0 " in archive.site.cleanup("--orphans", "--delete")


def test_files_of_other_runs_are_deleted_when_the_stack_is_proven(archive: Archive) -> None:
    job = archive.queue.add_job()
    lease = archive.worker.claim()
    archive.worker.archive(lease)
    archive.worker.report("release_job", lease, reason="x")
    lease = archive.worker.claim()
    report = archive.worker.archive(lease)
    assert archive.worker.report("complete_job", lease, **report).status_code == 200
    kept = archive.file(report["ucloud_path"])
    body = kept.read_bytes()
    assert len(archive.files()) == 2
    kept.write_bytes(body[:-1])
    archive.age()
    assert "deleted: 0, moved to trash: 1;" in archive.site.cleanup("--orphans", "--delete")
    assert "stack not verified" in archive.rows.events(job)

    kept.write_bytes(body)
    entry = archive.site.cleanup("--trash").split("\t")[0]
    assert "restored\t/crowdsky/stacks/" in archive.site.cleanup("--trash", "--restore", entry)
    assert archive.trash() == []
    archive.age()
    assert "deleted: 1, moved to trash: 0;" in archive.site.cleanup("--orphans", "--delete")
    assert archive.files() == {kept}


def test_the_trash_is_emptied_after_its_time(archive: Archive) -> None:
    archive.leave()
    archive.age()
    archive.site.cleanup("--orphans", "--delete")
    assert len(archive.trash()) == 2
    listed = archive.site.cleanup("--trash")
    assert listed.count("nothing refers to it") == 2

    assert "trash: 0," in archive.site.cleanup()
    archive.rows.execute("UPDATE trashed_objects SET trashed_at = '2026-01-01 00:00:00'")
    assert "trash: 0," in archive.site.cleanup()
    assert "trash: 2," in archive.site.cleanup("--dry-run")
    assert len(archive.trash()) == 2
    assert "trash: 2," in archive.site.cleanup()

    assert archive.trash() == []
    assert archive.site.cleanup("--trash") == ""


def test_what_may_still_be_wanted_is_kept(archive: Archive) -> None:
    archive.leave()
    young = archive.files()
    for path in young:
        os.utime(path, (NOW, NOW))  # the disk may have another clock
    assert "kept: 0 in the archive, 0 of running jobs, 2 too young" in archive.site.cleanup(
        "--orphans", "--delete"
    )
    assert archive.files() == young

    job = archive.queue.add_job(priority=9)
    lease = archive.worker.claim()
    assert lease["job_id"] == job
    archive.worker.upload(lease, stack_file())
    first = archive.files() - young
    archive.worker.report("release_job", lease, reason="x")
    again = archive.worker.claim()
    archive.worker.upload(again, stack_file())
    for path in archive.files() - young:
        os.utime(path, (DAYS_AGO, DAYS_AGO))

    said = archive.site.cleanup("--orphans", "--delete")

    assert "orphans: 0 " in said
    assert "2 of running jobs, 2 too young" in said
    assert first < archive.files()
    assert len(archive.files()) == 4


def test_files_of_other_sites_and_other_programs_are_kept(archive: Archive) -> None:
    _, kept = archive.complete()
    tag = kept.name.removesuffix(".fits").rsplit(".", 1)[1]
    others = [
        kept.with_name("notes.txt"),
        kept.with_name("stack_20260101.00_192.7_+41.1_1.fits.bak"),
        archive.root / "elsewhere" / "stack_x_1.fits",
        archive.root / "crowdsky" / "stack_x_1.fits",
    ]
    newer = [
        kept.with_name(kept.name.replace(tag, "a1-00000000")),
        kept.with_name(kept.name.replace("_1.a", "_4711.a")),
    ]
    for path in (*others, *newer):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    archive.age()

    said = archive.site.cleanup("--orphans", "--delete")
    assert "orphans: 0 " in said
    assert "2 of unknown runs, 2 with other names" in said
    assert said.count("unknown run\t") == 2
    assert archive.files() == {kept, *others, *newer}

    said = archive.site.cleanup("--orphans", "--delete", "--include-unknown")
    assert "deleted: 0, moved to trash: 2;" in said
    assert archive.files() == {kept, *others}
    assert archive.trash() == sorted(path.name for path in newer)


def test_results_of_a_deleted_job_are_orphans(archive: Archive) -> None:
    lease, left = archive.leave()
    archive.rows.execute("DELETE FROM raw_files")
    archive.rows.execute("DELETE FROM stacking_jobs WHERE id = ?", lease["job_id"])
    archive.age()

    assert "orphans: 2 " in archive.site.cleanup("--orphans")
    assert archive.files() == set(left)


def test_files_that_a_rescan_replaced_are_left_to_cleanup(archive: Archive) -> None:
    job, _ = archive.complete()
    _, left = archive.leave()
    stack = archive.rows.one("SELECT id FROM stacked_frames WHERE job_id = ?", job)["id"]
    archive.rows.insert(
        "replaced_objects",
        stack_id=stack,
        path=f"/{left[0].relative_to(archive.root)}",
        delete_due_at="2999-01-01 00:00:00",
    )
    archive.age()

    said = archive.site.cleanup("--orphans", "--delete")

    assert "orphans: 1 " in said
    assert "2 in the archive" in said
    assert left[0].exists()


def test_results_that_wait_for_a_second_opinion_are_kept(archive: Archive) -> None:
    helper = volunteer(archive.site, "anna")
    job = archive.queue.add_job()
    RIGHT.complete(helper, helper.claim())
    held = archive.files()
    assert {path.suffix for path in held} == {".fits", ".json"}
    archive.age()

    assert "orphans: 0 " in archive.site.cleanup("--orphans", "--delete")
    assert archive.files() == held

    admin = operator(archive.site)
    form = {"csrf_token": admin.token(), "action": "reject"}
    waiting = archive.rows.one("SELECT id FROM held_results WHERE job_id = ?", job)["id"]
    assert admin.post("admin_held.php", {**form, "held_id": waiting}).status_code == 303
    assert "moved to trash: 2;" in archive.site.cleanup("--orphans", "--delete")


def test_an_intact_archive_is_read_back(archive: Archive) -> None:
    for _ in range(2):
        archive.complete()
    old = "2026-01-01 00:00:00"
    archive.rows.execute("UPDATE stacked_frames SET verified_at = ?", old)

    assert "stacks intact: 1, missing: 0" in archive.site.cleanup("--verify", "--limit", "1")
    read = archive.rows.all("SELECT verified_at FROM stacked_frames ORDER BY id")
    assert [row["verified_at"] == old for row in read] == [False, True]

    assert "stacks intact: 1," in archive.site.cleanup("--verify", "--older-than", "7")
    assert "stacks intact: 0," in archive.site.cleanup("--verify", "--older-than", "7")


@pytest.mark.parametrize(
    ("damage", "count", "words"),
    [
        ("gone", "missing: 1, changed: 0", "is missing from storage"),
        ("shorter", "missing: 0, changed: 1", "bytes in storage, not"),
        ("flipped", "missing: 0, changed: 1", "differs from what was archived"),
    ],
)
def test_damage_is_told_in_every_way(archive: Archive, damage: str, count: str, words: str) -> None:
    job, path = archive.complete()
    archive.complete()
    old = "2026-01-01 00:00:00"
    archive.rows.execute("UPDATE stacked_frames SET verified_at = ?", old)
    body = path.read_bytes()
    path.unlink()
    if damage != "gone":
        path.write_bytes(body[:-1] + (b"" if damage == "shorter" else bytes([body[-1] ^ 1])))

    for run, intact in enumerate((1, 0)):
        with pytest.raises(ServiceError) as caught:
            archive.site.cleanup("--verify", "--older-than", "1")
        assert "code 1" in str(caught.value)
        assert f"stacks intact: {intact}, {count}" in str(caught.value), run
        assert words in str(caught.value)

    assert archive.rows.events(job) == ["claimed", "completed", "stack not verified", "revived"]
    row = archive.rows.one("SELECT verified_at FROM stacked_frames WHERE job_id = ?", job)
    assert row["verified_at"] == old
    log = (archive.site.data_dir / "log" / "crowdsky.log").read_text()
    assert f"ERROR verify, job {job}: the stack" in log


def test_a_storage_that_is_away_is_not_taken_for_an_empty_one(
    make_site: Callable[..., Site], webdav: WebDavServer, share_settings: dict[str, str]
) -> None:
    site = make_site(**share_settings)
    rows = site.rows
    worker = Worker(site, site.create_worker_key("w"))
    archive = Archive(site, webdav.root, rows, Queue(site, rows), worker)
    for _ in range(4):
        archive.complete()
    rows.execute("UPDATE stacked_frames SET verified_at = '2026-01-01 00:00:00'")
    webdav.stop()

    with pytest.raises(ServiceError, match="missing: 0, changed: 0, could not be read: 3; the st"):
        site.cleanup("--verify")
    with pytest.raises(ServiceError, match="storage is not available"):
        site.cleanup("--orphans", "--delete")


def test_big_stacks_are_verified_in_little_memory(tight_site: Site) -> None:
    rows = tight_site.rows
    queue = Queue(tight_site, rows)
    queue.add_job()
    worker = Worker(tight_site, tight_site.create_worker_key("w"))
    lease = worker.claim()
    report = worker.archive(lease, stack_file(size=2000))
    assert worker.report("complete_job", lease, **report).status_code == 200
    rows.execute("UPDATE stacked_frames SET verified_at = '2026-01-01 00:00:00'")

    assert report["file_size_bytes"] > 20 << 20
    assert "stacks intact: 1" in tight_site.cleanup("--verify")


@pytest.mark.parametrize(
    "arguments",
    [["--orphan"], ["--delete"], ["--orphans", "--dry-run"], ["--verify", "--limit"], ["all"]],
)
def test_a_misspelt_option_starts_nothing(sqlite_site: Site, arguments: list[str]) -> None:
    with pytest.raises(ServiceError, match=r"code 64 .*Usage: php cleanup.php"):
        sqlite_site.cleanup(*arguments)
    with pytest.raises(ServiceError, match="--limit needs a whole number, not 'many'"):
        sqlite_site.cleanup("--verify", "--limit", "many")
