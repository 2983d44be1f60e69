"""cleanup --verify: what the database refers to reads back from storage."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.services import ServiceError, Site, WebDavServer
from tests.contract.jobs.archives import Archive
from tests.contract.jobs.support import Queue, Worker, stack_file
from tests.support.light_rows import LightRows

OLD = "2026-01-01 00:00:00"


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


def test_stacks_of_the_same_second_are_read_once_each(archive: Archive) -> None:
    """As after an adoption; those of a clock that was ahead are read too."""
    for _ in range(3):
        archive.complete()
    for moment in (datetime.now(UTC), datetime.now(UTC) + timedelta(days=2)):
        archive.rows.execute(
            "UPDATE stacked_frames SET verified_at = ?", f"{moment:%Y-%m-%d %H:%M:%S}"
        )
        assert "stacks intact: 3, missing: 0" in archive.site.cleanup("--verify")
        assert "stacks intact: 3, missing: 0" in archive.site.cleanup("--verify")
    assert "stacks intact: 2," in archive.site.cleanup("--verify", "--limit", "2")


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
    ("arguments", "sentence"),
    [
        (["--orphan"], "There is no option --orphan here"),
        (["--delete"], "--delete goes with --orphans only"),
        (["--limit", "5"], "--limit goes with --verify only"),
        (["--verify", "--orphans"], "--orphans cannot be combined with --verify"),
        (["--orphans", "--dry-run"], "--dry-run does not go with --orphans"),
        (["--verify", "--limit"], "--limit needs a value"),
        (["all"], "'all' is not an option"),
        (["--"], "There is no option -- here"),
    ],
)
def test_a_misspelt_option_starts_nothing(
    sqlite_site: Site, arguments: list[str], sentence: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        sqlite_site.cleanup(*arguments)
    assert f"code 64 and said: {sentence}\nUsage: php cleanup.php" in str(caught.value)
    with pytest.raises(ServiceError, match="--limit needs a whole number, not 'many'"):
        sqlite_site.cleanup("--verify", "--limit", "many")


@pytest.fixture
def others(archive: Archive) -> dict[str, Path]:
    """The files of a series and of a calibration, by the table that names them."""
    job, stack = archive.complete()
    row = archive.rows.one("SELECT id, ucloud_path FROM stacked_frames WHERE job_id = ?", job)
    light = LightRows(archive.rows)
    calibration = light.calibration(light.field(), 1, {}, created_at=OLD)
    archive.rows.insert(
        "series", stack_id=row["id"], seconds=60, job_id=job, path="", created_at=OLD,
        completed_at=OLD, n_parts=3,
    )  # fmt: skip
    archive.rows.execute("UPDATE calibrations SET job_id = ? WHERE id = ?", job, calibration)
    files = {}
    for table in ("series", "calibrations"):
        files[table] = stack.with_name(f"{table}.fits")
        body = table.encode() * 500
        files[table].write_bytes(body)
        archive.rows.execute(
            f"UPDATE {table} SET path = ?, file_size_bytes = ?, sha256 = ?",  # noqa: S608
            row["ucloud_path"].replace(stack.name, f"{table}.fits"),
            len(body),
            hashlib.sha256(body).hexdigest(),
        )
    return files


def test_series_and_calibrations_are_read_back_in_turns(
    archive: Archive, others: dict[str, Path]
) -> None:
    first = archive.site.cleanup("--verify", "--limit", "1", "--older-than", "7")
    assert "series and calibrations intact: 1, missing: 0" in first
    read = {table: archive.rows.one(f"SELECT verified_at FROM {table}") for table in others}  # noqa: S608
    assert read["calibrations"]["verified_at"] > OLD
    assert read["series"]["verified_at"] is None
    for intact in (1, 0):
        done = archive.site.cleanup("--verify", "--limit", "1", "--older-than", "7")
        assert f"series and calibrations intact: {intact}, missing: 0" in done
    assert "series and calibrations intact: 2," in archive.site.cleanup("--verify")
    archive.rows.execute("UPDATE series SET sha256 = NULL")
    assert "series and calibrations intact: 1," in archive.site.cleanup("--verify")


def test_damage_of_series_and_calibrations_is_told(
    archive: Archive, others: dict[str, Path]
) -> None:
    whole = others["calibrations"].read_bytes()
    others["calibrations"].write_bytes(whole[:-1] + b"!")
    others["series"].unlink()

    for _ in range(2):
        with pytest.raises(ServiceError) as caught:
            archive.site.cleanup("--verify", "--older-than", "1")
        said = str(caught.value)
        assert "code 1" in said
        assert "series and calibrations intact: 0, missing: 1, changed: 1, could not" in said
        assert "the calibration /" in said
        assert "calibrations.fits differs from what was archived" in said
        assert "series.fits is missing from storage" in said
    job = archive.rows.one("SELECT job_id FROM series")["job_id"]
    assert archive.rows.events(job)[-1] == "file not verified"
    others["calibrations"].write_bytes(whole[:-1])
    with pytest.raises(ServiceError, match="bytes in storage, not"):
        archive.site.cleanup("--verify")
    others["calibrations"].write_bytes(whole)
    others["series"].write_bytes(b"series" * 500)
    assert "series and calibrations intact: 2," in archive.site.cleanup("--verify")
