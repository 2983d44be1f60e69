"""What operators see of work, workers and storage over time, counted by indexes."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.contract.jobs.measured import complete
from tests.contract.jobs.support import Worker
from tests.contract.site.subs import sub, taken_at
from tests.contract.site.support import Browser, claim_first
from tests.support.php_questions import ask_php
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

PHP_API = Path(__file__).parents[3] / "php_api"
SCRIPT = Path(__file__).with_name("site_figures.php")
PERIODS = {"day": (24, 1), "week": (28, 6), "month": (30, 24)}
TABLES = ("job_runs", "rejected_subs", "storage_levels")
AT_ONCE = 400
GB = 10**9


def stored(moment: datetime) -> str:
    """A time as the database stores it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def insert_runs(rows: Rows, runs: list[dict[str, Any]]) -> None:
    """Insert rows of job_runs, many at once."""
    for first in range(0, len(runs), AT_ONCE):
        part = runs[first : first + AT_ONCE]
        rows.run([{"insert": "job_runs", "values": run} for run in part])


def scattered_runs(now: datetime, count: int, days: int) -> list[dict[str, Any]]:
    """Make runs of four workers all over the last days; every fifth failed."""
    rng = random.Random(7)
    runs = []
    for number in range(count):
        ended = now - timedelta(seconds=rng.randrange(days * 86400))
        seconds = rng.randrange(20, 400)
        is_done = number % 5 != 0
        runs.append(
            {
                "job_id": number + 1,
                "kind": "rescan" if number % 4 == 0 else "stack",
                "attempt": 1,
                "api_key_id": 1,
                "worker_name": f"barn-{number % 4}",
                "waited_seconds": rng.randrange(0, 9000),
                "claimed_at": stored(ended - timedelta(seconds=seconds)),
                "ended_at": stored(ended),
                "seconds": seconds,
                "outcome": "completed" if is_done else "fail, will retry",
                "frames_used": rng.randrange(5, 60) if is_done else None,
            }
        )
    return runs


def full_scans(plan: list[dict[str, Any]], engine: str) -> list[dict[str, Any]]:
    """Steps of a plan that read all of a table which grows with every job."""
    if engine == "sqlite":
        return [
            step for step in plan if step["detail"].startswith(tuple(f"SCAN {t}" for t in TABLES))
        ]
    return [step for step in plan if step["type"] in ("ALL", "index") and step["table"] in TABLES]


def test_work_is_counted_in_its_part_and_by_index(site: SiteUnderTest, engine: str) -> None:
    now = datetime.now(UTC)
    runs = scattered_runs(now, 3000, 90)
    insert_runs(site.rows, runs)
    steps = []
    for number, run in enumerate(runs[::10]):
        values = {"job_id": run["job_id"], "at": run["ended_at"], "cause": "cloud", "n": number % 9}
        steps.append({"insert": "rejected_subs", "values": values})
        level = {"at": run["ended_at"], "raw_bytes": 1, "archive_bytes": 2, "free_bytes": 3}
        steps.append({"insert": "storage_levels", "values": level})
    site.rows.run(steps)
    figures = ("work", "waits", "rejected", "levels")
    wishes = [{"figure": figure, "of": of} for of in PERIODS for figure in figures]

    answers = ask_php(site, SCRIPT, (*wishes, {"figure": "workers"}, {"figure": "steps"}))

    for wish, answer in zip([*wishes, {}, {}], answers, strict=True):
        assert answer["plans"]
        for plan in answer["plans"]:
            assert not full_scans(plan, engine), json.dumps([wish, plan])
    for at, (parts, hours) in enumerate(PERIODS.values()):
        work, waits = (answers[len(figures) * at + figure]["found"] for figure in (0, 1))
        width = 3600 * hours
        first = work["starts"][0]
        assert work["starts"] == [first + part * width for part in range(parts)]
        assert first % width == 0 and 0 <= now.timestamp() - work["starts"][-1] < width + 60
        done, failed, frames = [0] * parts, [0] * parts, [0] * parts
        for run in runs:
            ended = datetime.fromisoformat(run["ended_at"]).replace(tzinfo=UTC).timestamp()
            part = int((ended - first) // width)
            if part >= 0 and run["outcome"] == "completed":
                done[part] += 1
                frames[part] += run["frames_used"]
            elif part >= 0:
                failed[part] += 1
        assert [sum(of) for of in zip(*work["done"].values(), strict=True)] == done
        assert work["frames"] == frames
        assert work["failed"] == failed
        taken = sorted(run["waited_seconds"] for run in runs if inside(run["claimed_at"], first))
        assert sum(of["n"] for of in waits) == len(taken)
        for of in waits:
            assert (of["median"] is None) == (of["n"] == 0)
            assert of["n"] == 0 or of["median"] <= of["p90"] <= taken[-1] + 600
    week = answers[-2]["found"]
    assert sorted(week) == [f"1 barn-{number}" for number in range(4)]


def inside(time: str, first: float) -> bool:
    """Whether a stored time is not before a second."""
    return datetime.fromisoformat(time).replace(tzinfo=UTC).timestamp() >= first


def test_runs_are_recorded_with_their_stages(
    site: SiteUnderTest, admin: Browser, user: Browser, worker: Worker
) -> None:
    rows = site.rows
    bodies = [taken_at(f"2025-03-27T01:20:{second}") for second in (10, 20, 30)]
    (job,) = user.upload(*bodies)["job_ids"]
    lease = claim_first(rows, worker, job)
    assert (
        worker.report("fail_job", lease, error_message="no stars", retryable=True).status_code
        == 200
    )
    rows.execute("UPDATE stacking_jobs SET not_before = 1000 * ? WHERE id = ?", 1_700_000_000, job)
    lease = claim_first(rows, worker, job)
    for stage in ("download", "download", "stack", "upload"):
        worker.report("heartbeat", lease, stage=stage, progress=0.5, message="")
    notes = ["2 of 3 subs left out: its stars are trailed (ellipticity 0.61) (2 of them)"]

    complete(worker, lease, n_frames_input=3, n_frames_aligned=1, notes=notes)

    first, second = rows.all("SELECT * FROM job_runs WHERE job_id = ? ORDER BY id", job)
    assert (first["outcome"], first["frames_used"]) == ("fail, will retry", None)
    assert (second["outcome"], int(second["frames_used"])) == ("completed", 1)
    assert int(first["waited_seconds"]) < 60 < int(second["waited_seconds"])
    assert second["ended_at"] is not None and int(second["seconds"]) < 60
    assert list(json.loads(second["stages"])) == ["claimed", "download", "stack", "upload"]
    assert rows.one("SELECT cause, n FROM rejected_subs") == {"cause": "trailed", "n": 2}
    page = admin.get("job.php", id=job).text
    told, raw = page.split("As the site has recorded it", 1)
    for words in ("Try 2, worker tester", "Downloading", "no stars", "taken by a worker"):
        assert words in told, words
    assert re.search(r"\d\d:\d\d:\d\d UTC</time>", told)
    for code in (r"\ba1-[0-9a-f]{8}\b", "user:", "worker:", r"\.fits"):
        assert not re.search(code, told), code
        assert re.search(code, raw), code
    assert f"user {user.name}" in told
    assert "As the site has recorded it" not in user.get("job.php", id=job).text


def test_jobs_of_an_older_site_have_their_last_run(
    site: SiteUnderTest, engine: str, make_stack: Callable[..., int], user: Browser
) -> None:
    rows = site.rows
    make_stack()
    waiting, failed = user.upload(*(taken_at(f"2025-03-28T0{n}:00:00") for n in (1, 2)))["job_ids"]
    rows.execute("UPDATE stacking_jobs SET started_at = '2026-01-01 00:00:00'")
    rows.execute("UPDATE stacking_jobs SET completed_at = '2026-01-01 00:01:30', kind = kind")
    rows.execute("UPDATE stacking_jobs SET status = 'failed' WHERE id = ?", failed)
    rows.execute("DELETE FROM job_runs")
    (path,) = (PHP_API / "migrations" / engine).glob("[0-9]*[0-9]_runs.sql")
    backfill = re.search(r"^INSERT .*?;", path.read_text(), re.MULTILINE | re.DOTALL)
    assert backfill

    for _ in range(2):
        rows.execute(backfill[0].rstrip(";"))

    found = {int(row["job_id"]): row for row in rows.all("SELECT * FROM job_runs")}
    assert waiting not in found
    done = found.pop(min(found))
    assert (done["outcome"], int(done["seconds"]), done["waited_seconds"]) == (
        "completed",
        90,
        None,
    )
    assert int(done["frames_used"]) == 1
    assert [(row["outcome"], row["frames_used"]) for row in found.values()] == [
        ("fail, given up", None)
    ]


@pytest.mark.one_database
def test_a_run_ends_however_its_job_does(user: Browser, rows: Rows, worker: Worker) -> None:
    bodies = [taken_at(f"2025-03-27T0{hour}:00:00") for hour in range(2)]
    released, cancelled = user.upload(*bodies)["job_ids"]
    lease = claim_first(rows, worker, released)
    worker.report("release_job", lease, reason="stopped")
    claim_first(rows, worker, cancelled)
    fields = {"csrf_token": user.token(), "job_id": cancelled, "action": "cancel"}
    assert user.post("job.php", fields).status_code == 303

    found = rows.all("SELECT job_id, outcome, ended_at FROM job_runs ORDER BY id")
    assert [(int(row["job_id"]), row["outcome"]) for row in found] == [
        (released, "released"),
        (cancelled, "cancelled"),
    ]
    assert all(row["ended_at"] for row in found)


@pytest.mark.one_database
def test_the_summary_shows_what_needs_attention_and_figures(
    admin: Browser, user: Browser, rows: Rows
) -> None:
    job = user.upload(sub())["job_ids"][0]
    rows.execute("UPDATE stacking_jobs SET status = 'failed' WHERE id = ?", job)
    insert_runs(rows, scattered_runs(datetime.now(UTC), 200, 6))

    page = admin.get("admin_summary.php", of="week").text

    assert re.search(r'class="urgent"><a href="admin.php\?state=failed"><strong>1</strong>', page)
    cells = re.findall(
        r'data-value="(\d+)"', page.split("Jobs per 6 hours")[2].split("</table>")[0]
    )
    assert sum(map(int, cells)) == 200
    assert "160 done, 40 failed tries" in page
    assert "Jobs per hour" in admin.get("admin_summary.php").text
    assert "Aufträge je Tag" in german(admin, "admin_summary.php", of="month")
    for name in ("admin_summary.php", "admin_storage.php"):
        assert user.get(name).status_code == 403
    assert admin.get("admin_summary.php", of="century").status_code == 400
    assert admin.get("login.php").headers["Location"] == "admin_summary.php"


def german(browser: Browser, page: str, **query: Any) -> str:
    """A page in German."""
    headers = {"Accept": "text/html", "Accept-Language": "de"}
    text: str = browser.get(page, headers=headers, **query).text
    return text


def test_storage_is_shown_by_what_it_is_kept_for(
    site: SiteUnderTest, admin: Browser, user: Browser, make_stack: Callable[..., int]
) -> None:
    rows = site.rows
    stack = make_stack()
    rows.execute("UPDATE stacked_frames SET file_size_bytes = ? WHERE id = ?", 3 * GB, stack)
    failed, _ = user.upload(*(taken_at(f"2025-03-28T0{n}:00:00") for n in (1, 2)))["job_ids"]
    rows.execute(
        "UPDATE stacking_jobs SET status = 'failed', completed_at = ? WHERE id = ?",
        "2026-01-02 03:04:05",
        failed,
    )
    rows.execute("UPDATE raw_files SET file_size_bytes = ? WHERE job_id = ?", 5 * GB, failed)

    page = admin.get("admin_storage.php").text

    assert re.search(r"failed or was cancelled</td>\s*<td[^>]*>1</td>\s*<td[^>]*>5.0 GB", page)
    assert "2026-02-01 03:04 UTC" in page, "30 days later"
    assert re.search(rf"<td>{user.name}</td><td>1</td><td>3.0 GB</td>", page)
    assert "When the disk will be full is unknown" in page
    assert "Speicher" in german(admin, "admin_storage.php")


@pytest.mark.one_database
def test_a_forecast_needs_measurements(site: SiteUnderTest, admin: Browser) -> None:
    rows = site.rows
    site.cleanup()
    site.cleanup()
    (level,) = rows.all("SELECT * FROM storage_levels")
    assert int(level["free_bytes"]) > 0
    free = int(level["free_bytes"])

    def told(then: int, hours: int) -> str:
        rows.execute("DELETE FROM storage_levels")
        at = stored(datetime.now(UTC) - timedelta(hours=hours))
        rows.insert("storage_levels", at=at, raw_bytes=0, archive_bytes=0, free_bytes=then)
        text: str = admin.get("admin_storage.php").text
        return text

    # Others use the same disk meanwhile: the rate is far above what they do.
    assert re.search(
        r"last 6 days \(.* a day\) the disk is full in about [5-7] days", told(2 * free, 144)
    )
    assert "has not become fuller in the last 6 days" in told(free // 2, 144)
    assert "is unknown" in told(2 * free, 20)
    assert "is unknown" in told(2 * free, 24 * 8)


@pytest.mark.one_database
def test_workers_are_sorted_by_what_they_did(admin: Browser, worker: Worker, rows: Rows) -> None:
    key = rows.one("SELECT id FROM api_keys")["id"]
    seen = {"version": "1.0", "first_seen_at": "2026-01-01 00:00:00"}
    for number in range(3):
        at = f"2026-01-0{number + 1} 00:00:00"
        rows.insert(
            "workers", api_key_id=key, worker_name=f"barn-{number}", last_seen_at=at, **seen
        )
    runs = scattered_runs(datetime.now(UTC), 60, 5)
    for run in runs:
        run["api_key_id"] = key
        run["worker_name"] = "barn-2" if run["job_id"] < 10 else "barn-1"
    insert_runs(rows, runs)

    def names(**query: Any) -> list[str]:
        return re.findall(r"worker=(barn-\d)", admin.get("admin_workers.php", **query).text)

    assert names() == ["barn-2", "barn-1", "barn-0"]
    assert names(sort="name") == ["barn-0", "barn-1", "barn-2"]
    assert names(sort="jobs")[0] == "barn-1"
    assert names(sort="failed")[-1] == "barn-0"
    assert admin.get("admin_workers.php", sort="odd").status_code == 400
