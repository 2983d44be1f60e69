"""A clock that is wrong while cleanup runs: nothing goes early, and nothing waits for ever."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from demo.services import Database, ServiceError, Site
from tests.contract.jobs.support import Queue, Worker
from tests.contract.jobs.test_monitoring import log_in
from tests.contract.site.subs import sub
from tests.contract.site.support import Browser
from tests.support.set_clock import VARIABLE, SetClock, missing_libraries
from tests.support.sites import SiteUnderTest

HOUR = 3600
DAY = 24 * HOUR
MONTH = 30 * DAY
STORED = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Night:
    """A site with an open upload and a failed job, both of an hour ago by the true clock."""

    site: SiteUnderTest
    clock: SetClock
    owner: Browser
    upload: str
    raws: list[Path]

    def is_whole(self) -> bool:
        """Whether all raws are there, and no row says otherwise."""
        gone = self.site.rows.all("SELECT id FROM raw_files WHERE deleted_at IS NOT NULL")
        return gone == [] and all(path.is_file() for path in self.raws)

    def restart(self) -> None:
        """Let the runs until now belong to an earlier start of the machine."""
        sql = "UPDATE cleanup_runs SET boot_id = 'an earlier one', wall = wall - ?"
        self.site.rows.execute(sql, min(uptime(), DAY))


def hours_ago(hours: float) -> str:
    """The true time so many hours ago, as the database stores it."""
    return (datetime.now(UTC) - timedelta(hours=hours)).strftime(STORED)


def uptime() -> int:
    """Seconds since this machine was started."""
    return int(float(Path("/proc/uptime").read_text().split()[0]))


@pytest.fixture
def site(tmp_path: Path, database: Database | None, set_clock: SetClock) -> Iterator[SiteUnderTest]:
    """A site that lives by the clock; its disk does too, as on one machine."""
    settings = {name: value for name, value in set_clock.for_php.items() if name != "NO_FAKE_STAT"}
    with SiteUnderTest(tmp_path / "site", database, settings) as running:
        yield running


@pytest.fixture
def set_clock(tmp_path: Path) -> SetClock:
    """A clock that is right until it is set."""
    if missing := missing_libraries():
        pytest.skip(f"{', '.join(missing)} is not installed; ./dev test installs it")
    if VARIABLE in os.environ:
        pytest.skip("on another day, clocks do not agree to begin with")
    return SetClock(tmp_path / "clock")


@pytest.fixture
def night(site: SiteUnderTest, set_clock: SetClock) -> Night:
    """The night, after a first cleanup by the true clock."""
    owner = log_in(site, "owner", admin=False)
    upload = owner.start()
    owner.put(upload, sub())
    queue = Queue(site, site.rows)
    failed = queue.add_job(status="failed", completed_at=hours_ago(1))
    raws = [*(site.data_dir / "raws").rglob("*.fits")]
    assert len(raws) == 2
    assert queue.raw_paths(failed)[0] in raws
    site.cleanup()
    return Night(site, set_clock, owner, upload, raws)


def finish(night: Night) -> None:
    """The owner goes on with the upload, and tries the failed job again."""
    night.owner.put(night.upload, sub(), "Light_2.fit")
    night.owner.finalize(night.upload)
    rows = night.site.rows
    rows.execute("UPDATE stacking_jobs SET status = 'pending' WHERE status = 'failed'")
    worker = Worker(night.site, night.site.create_worker_key("w"))
    for _ in range(2):
        lease = worker.claim()
        report = worker.archive(lease)
        assert worker.report("complete_job", lease, **report).status_code == 200


@pytest.mark.parametrize("runs", [1, 20])
@pytest.mark.parametrize("is_restarted", [False, True], ids=["", "restarted"])
def test_a_clock_that_is_ahead_deletes_nothing(night: Night, runs: int, is_restarted: bool) -> None:
    night.clock.set(uptime() + MONTH + 2 * DAY)
    if is_restarted:
        night.restart()
    for number in range(runs):
        with pytest.raises(ServiceError, match="NOTHING DELETED BY ITS AGE: the "):
            night.site.cleanup()
        if number == 0:
            # What the site writes meanwhile, it dates by the wrong clock: that proves nothing.
            Worker(night.site, night.site.create_worker_key("early")).try_claim()
    night.clock.set(0)
    night.site.cleanup()
    night.site.cleanup()
    assert night.is_whole()
    finish(night)


def test_a_clock_that_was_set_back_deletes_nothing_when_it_is_right_again(night: Night) -> None:
    night.clock.set(-MONTH)
    for _ in range(2):
        with pytest.raises(
            ServiceError, match=r"the clock went back by (29|30) days|behind that of its"
        ):
            night.site.cleanup()
    night.clock.set(0)
    for _ in range(2):
        night.site.cleanup()
    assert night.is_whole()
    finish(night)


def test_what_is_due_goes_six_hours_later(tmp_path: Path, database: Database | None) -> None:
    settings = {"CROWDSKY_CLEANUP_CONFIRM_HOURS": "6"}
    with SiteUnderTest(tmp_path / "site", database, settings) as site:
        queue = Queue(site, site.rows)
        left = queue.add_raw(queue.add_session("uploading"), None, "a.fit", b"x" * 2880)
        assert "expired sessions: 0 " in site.cleanup()
        assert "due and left for a later run: 1" in site.cleanup()
        site.rows.execute("UPDATE due_marks SET proven_seconds = proven_seconds - ?", 6 * HOUR - 60)
        assert "due and left for a later run: 1" in site.cleanup()
        assert left.path.exists()
        site.rows.execute("UPDATE due_marks SET proven_seconds = proven_seconds - 60")
        assert "expired sessions: 1 " in site.cleanup()
        assert not left.path.exists()
        site.cleanup()
        assert site.rows.all("SELECT * FROM due_marks") == []


def test_an_upload_that_was_found_due_goes_on_when_its_owner_comes_back(night: Night) -> None:
    rows = night.site.rows
    rows.execute(
        "UPDATE upload_sessions SET last_activity_at = ? WHERE status = 'uploading'", hours_ago(25)
    )
    assert "due and left for a later run: 1" in night.site.cleanup()
    night.owner.put(night.upload, sub(), "Light_1.fit")
    assert "due and left for a later run: 0" in night.site.cleanup()
    assert rows.all("SELECT * FROM due_marks") == []
    assert night.is_whole()
    finish(night)


def away_for(night: Night, days: int) -> None:
    """The machine was switched off that long, and has just been started."""
    rows = night.site.rows
    rows.execute("UPDATE cleanup_runs SET wall = wall - ?", days * DAY)
    then = hours_ago(24 * days)
    for change in (
        "upload_sessions SET last_activity_at",
        "raw_files SET created_at",
        "job_events SET at",
        "workers SET last_seen_at",
    ):
        rows.execute(f"UPDATE {change} = ?", then)
    night.restart()


def clock_finding(site: Site) -> str:
    """What readiness reports about the clock."""
    answer = requests.get(f"{site.api_url}/health.php", params={"ready": "1"}, timeout=30)
    finding: str = answer.json()["checks"]["clock"]
    assert (answer.status_code == 200) == (finding == "ok")
    return finding


@pytest.mark.parametrize("way_out", ["the command", "the address", "time"])
def test_a_site_that_was_off_for_six_weeks_is_not_stuck(night: Night, way_out: str) -> None:
    site, rows = night.site, night.site.rows
    away_for(night, 42)
    assert clock_finding(site) == "ok"
    for _ in range(2):
        with pytest.raises(
            ServiceError, match=r"If the clock is right, run cleanup --clock-is-right"
        ):
            site.cleanup()
    assert night.is_whole()
    assert "nothing shows that this time has passed" in clock_finding(site)
    assert "nothing is deleted by its age" in (site.data_dir / "log/crowdsky.log").read_text()
    boss = log_in(site, "boss", admin=True)
    assert "Cleanup deletes nothing by its age: " in boss.get("admin.php").text
    match way_out:
        case "the command":
            site.cleanup("--clock-is-right")
        case "the address":
            key = site.create_worker_key("cron", scopes=["cleanup"])
            answer = Worker(site, key).get("cleanup", clock_is_right="1")
            assert "NOTHING DELETED" not in answer.text
        case _:
            # As much time as the longest wait, failed_raw_days, in which the machine ran.
            rows.execute(
                "UPDATE cleanup_runs SET proven_seconds = proven_seconds - ? WHERE doubt IS NULL",
                MONTH,
            )
            site.cleanup()
    assert clock_finding(site) == "ok"
    assert "expired sessions: 1 " in site.cleanup()


def test_a_site_in_use_may_be_cleaned_up_once_a_week(night: Night) -> None:
    away_for(night, 7)
    for hours in range(12, 7 * 24, 12):
        night.site.rows.insert(
            "job_events", job_id=1, at=hours_ago(hours), event="claimed", actor="w"
        )
    night.site.cleanup()
    assert "expired sessions: 1 " in night.site.cleanup()


def test_the_search_for_raws_without_a_row_needs_a_clock_that_is_right(night: Night) -> None:
    orphan = night.raws[0].with_name("f" * 32 + ".fits")
    orphan.write_bytes(b"x")
    os.utime(orphan, (time.time() - 3 * DAY,) * 2)
    assert "kept: 1 for a later run" in night.site.cleanup("--orphans", "--delete")
    night.clock.set(MONTH)
    said = night.site.cleanup("--orphans", "--delete")
    assert "nothing is deleted: the " in said
    assert orphan.exists()
    night.clock.set(0)
    assert "deleted: 1;" in night.site.cleanup("--orphans", "--delete")
    assert not orphan.exists()
