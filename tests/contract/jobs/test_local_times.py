"""Subs with local times: who gets them, what is said of their clock, and what their owner sets."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

from crowdsky.frames.frame_time import frame_time
from crowdsky.frames.frames import read_light_frame
from crowdsky.frames.header_clock import ToldClock
from tests.contract.jobs.support import Worker
from tests.contract.site.subs import sub
from tests.contract.site.support import PASSWORD, Browser
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest
from worker.site.records import RawFile

DWARF = {"TELESCOP": "'DWARF 3 '", "INSTRUME": "'DWARF 3 '", "BAYERPAT": "'RGGB    '"}


def dwarf(shown: str, comment: str = "Time end of exposure", **cards: str) -> bytes:
    """Return a sub of a Dwarf 3 whose clock showed this at the end of 10 seconds."""
    return sub({**DWARF, "DATE-OBS": f"'{shown}' / {comment}", **cards})


@pytest.fixture
def owner(site: SiteUnderTest) -> Browser:
    """Somebody who has a Dwarf 3."""
    site.create_user("owner", PASSWORD)
    browser = Browser(site)
    browser.log_in("owner")
    return browser


def set_zone(owner: Browser, zone: str, telescope: str = "DWARF 3") -> Any:
    """Send the form of the account page."""
    fields = {"csrf_token": owner.token(), "telescope": telescope, "time_zone": zone}
    return owner.post("account.php", fields)


def listed(worker: Worker) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Claim a job as a worker that reads clocks; return its lease and files."""
    lease = worker.claim(clocks="1")
    token = {"X-Lease-Token": lease["lease_token"]}
    return lease, worker.get("job_files", token, job_id=lease["job_id"]).json()["files"]


def test_an_older_worker_gets_no_local_times(
    owner: Browser, worker: Worker, other_worker: Worker, rows: Rows
) -> None:
    local = owner.upload(dwarf("2025-07-02T23:15:10"))["job_ids"][0]

    assert worker.try_claim() is None
    plain = owner.upload(sub())["job_ids"][0]
    assert worker.claim()["job_id"] == plain
    assert other_worker.claim(clocks="1")["job_id"] == local
    assert rows.job(plain)["header_clock"] is None


def test_the_clock_comes_with_the_frame(owner: Browser, worker: Worker, rows: Rows) -> None:
    owner.upload(dwarf("2025-07-02T23:15:10.5"))
    unknown = {"local": True, "at_end": True, "utc_offset_minutes": None}
    banner = "writes local time into its subs"
    assert banner in owner.get("upload.php").text
    lease, (file,) = listed(worker)
    assert file["clock"] == unknown
    assert file["fits_date_obs"] == "2025-07-02 23:15:00"
    assert lease["chunk_key"].startswith("20250702.93_"), "its own clock, whatever the zone"

    page = owner.get("job.php", id=lease["job_id"]).text
    assert "Time zone: not known" in page
    assert "2025-07-02 23:15:00 local time" in page
    admin = Browser(owner.site)
    admin.site.create_user("admin", PASSWORD, admin=True)
    admin.log_in("admin")
    assert "23:15:00" not in admin.get("job.php", id=lease["job_id"]).text
    assert set_zone(owner, "Europe/Vienna").headers["Location"] == "account.php"
    assert "<option selected>Europe/Vienna</option>" in owner.get("account.php").text
    assert banner not in owner.get("upload.php").text
    token = {"X-Lease-Token": lease["lease_token"]}
    (file,) = worker.get("job_files", token, job_id=lease["job_id"]).json()["files"]
    assert file["clock"] == {**unknown, "utc_offset_minutes": 120}
    assert set_zone(owner, "").headers["Location"] == "account.php"
    assert rows.all("SELECT * FROM telescope_zones") == []


@pytest.mark.parametrize(
    ("cards", "start"),
    [
        ({"shown": "2025-07-02T23:15:10.5"}, "2025-07-02T21:15:00.500000"),
        ({"shown": "2025-07-02T23:15:10.5", "comment": "start"}, "2025-07-02T21:15:10.500000"),
        ({"shown": "2025-07-02T23:15:10.5+01:00"}, "2025-07-02T22:15:00.500000"),
        ({"shown": "2025-07-02T23:15:10.5", "TIMESYS": "'UTC     '"}, "2025-07-02T23:15:00.500000"),
        ({"shown": "2025-10-26T02:30:10"}, None),
    ],
)
def test_a_volunteer_reads_the_true_time(
    owner: Browser, worker: Worker, tmp_path: Path, cards: dict[str, Any], start: str | None
) -> None:
    owner.upload(dwarf("2025-07-01T22:00:00"))
    set_zone(owner, "Europe/Vienna")
    owner.upload(dwarf(**cards))
    for _ in range(2):
        lease, (file,) = listed(worker)
        token = {"X-Lease-Token": lease["lease_token"]}
        content = worker.get("download_raw", token, file_id=file["id"]).content
        assert "DATE-OBS" in fits.open(io.BytesIO(content))[0].header
        assert b"end of exposure" not in content
    path = tmp_path / "a.fits"
    path.write_bytes(content)

    header = read_light_frame(path, RawFile.from_json(file).clock).header

    read = header.date_obs and header.date_obs.replace(tzinfo=None).isoformat()
    assert read == start


def test_the_answer_to_a_file_asks_for_the_zone(owner: Browser) -> None:
    session = owner.start()
    first = owner.put(session, dwarf("2025-07-02T23:15:10")).json()
    set_zone(owner, "Europe/Vienna")
    second = owner.put(session, dwarf("2025-07-02T23:15:25")).json()

    assert (first["clock"], first["needs_time_zone"]) == ("local", True)
    assert first["date_obs"] == "2025-07-02T23:15:00"
    assert second["clock"] == "local"
    assert "needs_time_zone" not in second


def test_the_notice_is_on_the_page_of_those_subs_only(owner: Browser, rows: Rows) -> None:
    notice = "writes local time into its subs"
    body = dwarf("2025-07-02T23:15:10")
    local = owner.upload(body)
    plain = owner.upload(sub())
    copy = owner.upload(body)

    def shown(upload: dict[str, Any]) -> bool:
        return notice in owner.get("status.php", session=upload["session"]).text

    assert shown(local)
    assert not shown(plain)
    assert not shown(copy), "nothing of it is stacked"
    rows.execute(
        "UPDATE stacking_jobs SET status = 'completed', completed_at = created_at WHERE id = ?",
        local["job_ids"][0],
    )
    assert not shown(local), "a zone would come too late"
    other = owner.put(owner.start(), dwarf("2025-07-03T23:15:10", TELESCOP="'DWARF mini'"))
    assert other.json()["needs_time_zone"] is True


def test_a_zone_that_came_after_the_stack_does_not_seem_to_count(
    owner: Browser, worker: Worker
) -> None:
    owner.upload(dwarf("2025-07-02T23:15:10"))
    lease, _ = listed(worker)
    remark = frame_time({"DATE-OBS": "2025-07-02T23:15:10"}, 10.0, ToldClock(is_local=True)).remark
    done = worker.report("complete_job", lease, **worker.archive(lease), notes=[remark])
    stack = done.json()["stack_id"]

    def pages() -> list[str]:
        return [
            owner.get("job.php", id=lease["job_id"]).text,
            owner.get("stack.php", id=stack).text,
        ]

    assert all("upload its subs again" in page for page in pages())
    set_zone(owner, "Europe/Vienna")
    job, shown = pages()
    late = "The time zone Europe/Vienna was set after these subs were stacked and does not count"
    assert late in job and late in shown
    assert "Time zone: Europe/Vienna, set later," in " ".join(job.split())
    assert "when it was taken in UTC is unknown" in shown
    assert "utc-offset" not in shown
    assert "2025-07-02 23:15 local time" in shown
    assert "2025-07-02 23:15 local time" in owner.get("stacks.php").text
    admin = Browser(owner.site)
    admin.site.create_user("admin", PASSWORD, admin=True)
    admin.log_in("admin")
    seen = [admin.get("job.php", id=lease["job_id"]), admin.get("stack.php", id=stack)]
    assert not any("23:15" in page.text or "Vienna" in page.text for page in seen)


def test_only_known_telescopes_and_zones_are_taken(owner: Browser, rows: Rows) -> None:
    owner.upload(dwarf("2025-07-02T23:15:10"))

    assert set_zone(owner, "Europe/Vienna", telescope="DWARF mini").status_code == 400
    assert set_zone(owner, "Mars/Olympus").status_code == 400
    assert rows.all("SELECT * FROM telescope_zones") == []


def test_the_wide_camera_has_its_own_chunk(owner: Browser) -> None:
    tele = dwarf("2025-07-02T23:15:10", CAMERA="'TELE    '")
    wide = dwarf("2025-07-02T23:15:25", CAMERA="'WIDE    '")

    assert owner.upload(tele, wide)["jobs"] == 2
