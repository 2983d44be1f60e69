"""The pages of nights ask the database by index, however many jobs there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.archive_rows import insert, scattered
from tests.support.php_questions import ask_php
from tests.support.sites import SiteUnderTest

SCRIPT = Path(__file__).with_name("nights_search.php")
COUNT = 1500
BEGAN_MS = int(1000 * datetime(2026, 1, 1, tzinfo=UTC).timestamp())


def ask(site: SiteUnderTest, *wishes: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask in one process; see nights_search.php."""
    return ask_php(site, SCRIPT, wishes)


def rows_read(plan: list[dict[str, Any]], engine: str) -> list[dict[str, Any]]:
    """Steps of a plan that read a whole table or index, or sort what they have found."""
    if engine == "sqlite":
        return [step for step in plan if step["detail"].startswith(("SCAN", "USE TEMP"))]
    sorts = ("filesort", "temporary")
    return [
        step
        for step in plan
        if step["type"] in ("ALL", "index") or any(word in (step["Extra"] or "") for word in sorts)
    ]


@pytest.fixture
def archive(site: SiteUnderTest) -> SiteUnderTest:
    """An archive of two owners, whose jobs three workers have done."""
    owners = [site.rows.add_user(name, "correct horse") for name in ("ann", "bob")]
    insert(site.rows, scattered(1, COUNT, owners))
    site.rows.execute(
        "INSERT INTO raw_files (upload_session_id, user_id, job_id, filename, file_size_bytes,"
        " sha256, created_at) SELECT upload_session_id, user_id, id, 'a.fit', 1, '', created_at"
        " FROM stacking_jobs"
    )
    blocks: dict[str, list[int]] = {}
    for number, row in enumerate(site.rows.all("SELECT id FROM stacking_jobs ORDER BY id")):
        # Nights of a place where midnight is at 8 h UTC: from 2 h to 14 h.
        hours = 24 * (number // 6) + 2 + 12 * (number % 6) / 5
        moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
        block = f"{moment:%Y%m%d}.{(60 * moment.hour + moment.minute) // 15:02d}"
        blocks.setdefault(block, []).append(row["id"])
    for block, ids in blocks.items():
        marks = ", ".join("?" * len(ids))
        query = f"UPDATE stacking_jobs SET time_block = ? WHERE id IN ({marks})"  # noqa: S608
        site.rows.execute(query, block, *ids)
    site.rows.execute(
        "UPDATE stacking_jobs SET status = 'completed', total_bytes = 1000,"
        " worker_name = CASE id % 3 WHEN 0 THEN 'barn' WHEN 1 THEN 'loft' ELSE 'attic' END,"
        " stage_times = ?, completed_at = '2026-01-01 00:05:00'",
        f'{{"claimed": {BEGAN_MS}, "stack": {BEGAN_MS + 1000}}}',
    )
    return site


def test_the_time_left_is_asked_by_index(archive: SiteUnderTest, engine: str) -> None:
    job = archive.rows.one("SELECT MAX(id) AS id FROM stacking_jobs WHERE worker_name = 'barn'")
    archive.rows.execute(
        "UPDATE stacking_jobs SET status = 'processing', stage = 'claimed' WHERE id = ?",
        job["id"],
    )

    (answer,) = ask(archive, {"job": job["id"]})

    assert answer["found"] == 300.0
    assert answer["plans"]
    for plan in answer["plans"]:
        assert rows_read(plan, engine) == []
        names = [step.get("key") or step.get("detail", "") for step in plan]
        assert any("stacking_jobs_runs" in name for name in names)


def test_nights_are_found_from_page_to_page_by_index(archive: SiteUnderTest, engine: str) -> None:
    user = archive.rows.one("SELECT MIN(id) AS id FROM users")["id"]
    until, seen, nights = None, [], []
    while True:
        (answer,) = ask(archive, {"user": user, "until": until})
        found = answer["found"]
        assert 0 < len(found["nights"]) <= 14
        nights += found["nights"]
        seen += found["jobs"]
        if len(nights) < 100:  # the first pages and one far from the newest
            for plan in answer["plans"]:
                assert rows_read(plan, engine) == [], plan
        until = found["earlier"]
        if until is None:
            break

    kept = "SELECT id FROM stacking_jobs WHERE user_id = ?"
    assert sorted(seen) == sorted(row["id"] for row in archive.rows.all(kept, user))
    assert nights == sorted(set(nights), reverse=True)
    # The evening of the place is on the day before that of UTC, and no night is split.
    assert nights[-1] == "20241231"
    assert len(nights) == COUNT // 6
    assert len(seen) == 3 * len(nights)
