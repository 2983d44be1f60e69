"""cleanup --orphans: files in storage that the database does not refer to."""

from __future__ import annotations

import os
from collections import Counter

from tests.contract.jobs.archives import DAYS_AGO, NOW, Archive
from tests.contract.jobs.support import stack_file
from tests.contract.jobs.volunteers import RIGHT, operator, volunteer


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


def test_a_second_file_of_a_name_waits_until_the_first_has_left_the_trash(
    archive: Archive,
) -> None:
    _, left = archive.leave()
    archive.age()
    archive.site.cleanup("--orphans", "--delete")
    names = archive.trash()
    for path in left:
        path.write_bytes(b"another one")
    archive.age()
    assert "moved to trash: 0;" in archive.site.cleanup("--orphans", "--delete")
    assert all(path.read_bytes() == b"another one" for path in left if path.name in names)
    assert archive.trash() == names

    archive.rows.execute("UPDATE trashed_objects SET trashed_at = '2026-01-01 00:00:00'")
    archive.site.cleanup()
    archive.site.cleanup()
    archive.age()
    assert f"moved to trash: {len(names)};" in archive.site.cleanup("--orphans", "--delete")
    assert archive.trash() == names


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
    assert archive.site.cleanup("--trash") == "the trash is empty\n"


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
