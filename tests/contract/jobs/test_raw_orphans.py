"""cleanup --orphans: raw files that uploads left without a row when they were killed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.jobs.support import Queue
from tests.support.cleanups import clean_up
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

HOUR = 3600


def left_behind(folder: Path, hours: float, letter: str = "a") -> Path:
    """Write a raw file as the site names it, last written so many hours ago."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (letter * 32 + ".fits")
    path.write_bytes(b"0123456789")
    written = time.time() - hours * HOUR
    os.utime(path, (written, written))
    return path


@pytest.fixture
def kept(queue: Queue) -> Path:
    """An old raw file with a row."""
    (path,) = queue.raw_paths(queue.add_job())
    os.utime(path, (1.0, 1.0))
    return path


def test_raws_without_a_row_are_found_and_deleted_on_demand(
    site: SiteUnderTest, kept: Path
) -> None:
    orphan = left_behind(kept.parent, hours=49)

    looked = site.cleanup("--orphans")
    assert "raw files without a row: 1 (10 bytes), deleted: 0;" in looked
    assert f"orphan\t{kept.parent.parent.name}/{kept.parent.name}/{orphan.name}\t10" in looked
    assert orphan.exists()
    clean_up(site)
    assert orphan.exists()

    said = clean_up(site, "--orphans", "--delete")
    assert "raw files without a row: 1 (10 bytes), deleted: 1;" in said
    assert not orphan.exists()
    assert kept.exists()
    assert "raw files without a row: 0 " in clean_up(site, "--orphans", "--delete")


def test_raws_that_may_still_get_their_row_are_kept(site: SiteUnderTest, kept: Path) -> None:
    young = left_behind(kept.parent, hours=47)
    foreign = kept.parent / "notes.txt"
    foreign.write_bytes(b"x")
    os.utime(foreign, (1.0, 1.0))

    assert "raw files without a row: 0 " in clean_up(site, "--orphans", "--delete")
    assert young.exists()
    assert foreign.exists()


def test_raws_of_a_session_newer_than_the_backup_are_kept_unless_insisted(
    site: SiteUnderTest, kept: Path
) -> None:
    newer = [
        left_behind(kept.parent.parent / "s987654", hours=100),
        left_behind(kept.parent.parent.parent / "u987654" / kept.parent.name, hours=100),
    ]

    said = clean_up(site, "--orphans", "--delete")
    assert "raw files without a row: 0 (0 bytes), deleted: 0; kept: 0 for a later run, 2 of" in said
    assert said.count("unknown session\t") == 2
    assert all(path.exists() for path in newer)

    clean_up(site, "--orphans", "--delete", "--include-unknown")
    assert not any(path.exists() for path in newer)


def test_more_than_one_batch_is_looked_up(site: SiteUnderTest, kept: Path, rows: Rows) -> None:
    for number in range(1100):
        path = kept.parent / f"{number:032x}.fits"
        path.write_bytes(b"x")
        os.utime(path, (1.0, 1.0))

    assert "raw files without a row: 1100 " in clean_up(site, "--orphans", "--delete")
    assert list(kept.parent.iterdir()) == [kept]
    assert rows.one("SELECT COUNT(*) AS n FROM raw_files WHERE deleted_at IS NULL")["n"] == 1


def test_an_age_of_zero_hours_still_spares_uploads_in_progress(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site(CROWDSKY_ORPHAN_MIN_AGE_HOURS="0")
    queue = Queue(site, site.rows)
    (path,) = queue.raw_paths(queue.add_job())
    arriving = left_behind(path.parent, hours=0)
    old = left_behind(path.parent, hours=1.1, letter="b")

    assert "raw files without a row: 1 " in clean_up(site, "--orphans", "--delete")
    assert arriving.exists()
    assert not old.exists()
