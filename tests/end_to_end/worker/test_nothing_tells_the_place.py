"""Where a telescope stands, by numbers, names or local time, is told to nobody but its owner.

Three subs have it in every field that there is. Strangers and volunteers look at them, a trusted
worker quotes them in every message, and two jobs are stacked. Then everything that others can read
is searched for the marks.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
import requests
from astropy.io import fits

from demo.services import ServiceError
from tests.contract.jobs.support import Worker
from tests.contract.site.support import PASSWORD, Browser
from tests.faults.actors import Situation
from tests.faults.calls import CALLS
from tests.support.observatory import Observatory

pytestmark = pytest.mark.slow

LATITUDE, LONGITUDE = 48.1371, 11.5754
MARKS = (
    b"48.137",
    b"11.575",
    b"Musterdorf",
    b"232046",
    struct.pack(">d", LATITUDE),
    struct.pack("<d", LATITUDE),
)
"""What tells the place: numbers, also as pixels or columns have them, a name, and local time."""

NAMES = [f"Light_Musterdorf_10.0s_IRCUT_20250327-232046_{number}.fit" for number in range(3)]
CARDS: dict[str, Any] = {
    "SITELAT": (LATITUDE, "latitude of Musterdorf"),
    "SITELONG": (LONGITUDE, "Musterdorf"),
    "OBSGEO-B": LATITUDE,
    "GEOLAT": "48.1371 N",
    "BREITE": "48.1371",
    "OBSERVAT": "Musterdorf",
    "SITENAME": "Musterdorf",
    "OBSERVER": "A. Person, Musterdorf",
    "OBJECT": ("Musterdorf garden 48.1371", "in Musterdorf"),
    "TELESCOP": "Dome of Musterdorf",
    "INSTRUME": "Seestar of Musterdorf",
    "FILTER": "Musterdorf glass",
    "DATE-LOC": ("2025-03-27T23:20:46", "232046 local"),
    "LOCALTM": "232046",
    "FILENAME": NAMES[0],
    "GAIN": (80, "set at 48.1371 N"),
}
SAID = f"{NAMES[1]} of {CARDS['OBJECT'][0]} by {CARDS['TELESCOP']}, {CARDS['FILTER']}: no stars"
"""A message that quotes what a worker reads."""

OWNERS = {"raw_files", "stacking_jobs", "stacked_frames", "job_events", "stack_solutions", "epochs"}
"""Tables of which others see single columns, on the pages that are searched."""

ARCHIVED = "download"
"""A file as it is archived is not hidden from the operator of the archive, who has it anyway."""


def marked(path: Path, folder: Path, name: str, hours: int) -> Path:
    """A sub with all the marks, taken that much later than another one."""
    with fits.open(path) as hdus:
        header = hdus[0].header
        moment = datetime.fromisoformat(header["DATE-OBS"]) + timedelta(hours=hours)
        header["DATE-OBS"] = moment.isoformat()
        # Frames with the same pixels would be one exposure.
        hdus[0].data = np.roll(hdus[0].data, 2 * hours, axis=1)
        for keyword, value in CARDS.items():
            header[keyword] = value
        header.add_comment("seen from Musterdorf, 48.1371 N")
        header.add_history("232046 in Musterdorf")
        header["HIERARCH ESO TEL GEOLAT"] = LATITUDE
        made = folder / str(hours) / name
        made.parent.mkdir(parents=True, exist_ok=True)
        hdus.writeto(made)
    return made


class Search:
    """Keeps where a mark was found."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.looked = 0

    def look(self, where: str, *contents: bytes | str) -> None:
        """Search text or bytes."""
        for content in contents:
            body = content.encode() if isinstance(content, str) else content
            self.looked += 1
            self.found += [f"{where}: {mark!r}" for mark in MARKS if mark in body]

    def answer(self, where: str, answer: requests.Response) -> None:
        """Search an answer with its headers."""
        self.look(where, answer.content, repr(dict(answer.headers)))


def upload(owner: Browser, subs: Iterable[Path]) -> int:
    """Upload subs as the page does, with their names; returns the job's id."""
    session = owner.start()
    for path in subs:
        answer = owner.http.put(
            f"{owner.site.base_url}/upload.php",
            params={"action": "file", "session_token": session},
            data=path.read_bytes(),
            headers={"Accept": "*/*", "X-Filename": quote(path.name)},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["filename"] == path.name
    done = owner.finalize(session)
    assert done.status_code == 200, done.text
    [job] = done.json()["job_ids"]
    number: int = job
    return number


def look_at_job(worker: Worker, search: Search, who: str) -> dict[str, Any]:
    """Claim the job and ask everything that a worker can ask; returns the lease."""
    lease = worker.claim()
    token = {"X-Lease-Token": lease["lease_token"]}
    listed = worker.get("job_files", token, job_id=lease["job_id"])
    search.look(f"{who}: claim", json.dumps(lease))
    search.answer(f"{who}: list", listed)
    for file in listed.json()["files"]:
        search.answer(f"{who}: raw", worker.get("download_raw", token, file_id=file["id"]))
    search.answer(f"{who}: stack", worker.get("job_stack", token, job_id=lease["job_id"]))
    search.answer(f"{who}: heartbeat", worker.report("heartbeat", lease, stage="stack"))
    return lease


def situations(observatory: Observatory) -> Iterator[Situation]:
    """Everything that pages can show of the two jobs."""
    rows = observatory.rows.all(
        "SELECT s.id, s.job_id, u.session_token FROM stacked_frames s JOIN stacking_jobs j"
        " ON j.id = s.job_id JOIN upload_sessions u ON u.id = j.upload_session_id ORDER BY s.id"
    )
    for row in rows:
        file = observatory.rows.all("SELECT id FROM raw_files WHERE job_id = ?", row["job_id"])[0]
        yield Situation(
            lease={"job_id": row["job_id"], "lease_token": ""},
            file_id=file["id"],
            done_id=row["job_id"],
            stack_id=row["id"],
            session=row["session_token"],
            victim_id=1,
            key_id=1,
        )


def look_at_pages(observatory: Observatory, search: Search, who: str, visitor: Any) -> None:
    """Ask for every page and every answer that there is to a GET."""
    for number, situation in enumerate(situations(observatory)):
        for name, call in CALLS.items():
            method, path = call.target.split()
            if method != "GET" or (who == "admin" and name == ARCHIVED and number == 1):
                continue
            query = call.query(situation)
            answer = (
                visitor.get(path, **query)
                if isinstance(visitor, Browser)
                else visitor.get(path.removeprefix("api/").removesuffix(".php"), **query)
            )
            search.answer(f"{who}: {name}, stack {number}", answer)


def test_nobody_else_can_read_where_it_was(observatory: Observatory, tmp_path: Path) -> None:
    site, search = observatory.site, Search()
    for name, is_admin in (("owner", False), ("other", False), ("boss", True)):
        site.create_user(name, PASSWORD, admin=is_admin)
    people = {name: Browser(site) for name in ("owner", "other", "boss")}
    for name, browser in people.items():
        assert browser.log_in(name).status_code == 302
    trusted = Worker(site, site.create_worker_key("dome", trusted=True), "dome")
    strangers = {
        "stranger": Worker(site, site.create_worker_key("stranger"), "stranger"),
        "volunteer": Worker(site, site.create_worker_key("volunteer", scopes=["volunteer"]), "v"),
    }
    nights = [
        [
            marked(path, tmp_path, name, hours)
            for path, name in zip(observatory.subs, NAMES, strict=True)
        ]
        for hours in (0, 2)
    ]

    # The first night is looked at by everybody, and stacked by a stranger.
    first = upload(people["owner"], nights[0])
    for who, worker in strangers.items():
        lease = look_at_job(worker, search, who)
        search.answer(f"{who}: release", worker.report("release_job", lease, reason="enough"))
    own = Search()
    lease = look_at_job(trusted, own, "trusted")
    assert len(own.found) > len(MARKS), "or the marks are nowhere"
    trusted.report("heartbeat", lease, stage="stack", message=SAID)
    look_at_pages_of_running(people, search, first)
    trusted.report("fail_job", lease, error_message=SAID, retryable=True)
    attic = observatory.start("attic", "--once")
    assert attic.exit_code() == 0, attic.log
    search.look("log of a stranger's worker", attic.log)

    # The second night is stacked by a trusted worker, which writes the names into the stack.
    upload(people["owner"], nights[1])
    lease = trusted.claim()
    trusted.report("release_job", lease, reason=SAID)
    key = site.create_worker_key("cellar", trusted=True)
    cellar = observatory.start("cellar", "--once", WORKER_API_KEY=key)
    assert cellar.exit_code() == 0, cellar.log
    quoted = json.dumps([SAID])
    observatory.rows.execute("UPDATE stacked_frames SET notes = ? WHERE job_id <> ?", quoted, first)
    assert observatory.rows.one("SELECT COUNT(*) AS n FROM stacked_frames")["n"] == 2

    look_at_pages(observatory, search, "nobody", Browser(site))
    look_at_pages(observatory, search, "other", people["other"])
    look_at_pages(observatory, search, "admin", people["boss"])
    for who, worker in strangers.items():
        look_at_pages(observatory, search, who, worker)
    look_at_public_stacks(observatory, search, people["other"])
    operator = Worker(site, site.create_worker_key("desk", scopes=["admin", "cleanup"]), "desk")
    missed = operator.post("rescan", unmeasured=True, dry_run=True)
    search.answer("operator: what is not measured", missed)
    search.look("cleanup", site.cleanup(), site.cleanup("--verify"))
    for situation in situations(observatory):
        copy = people["owner"].get("download.php", id=situation.stack_id, form="public")
        assert copy.status_code == 200
        search.answer("public copy", copy)
        # And the owner is told, or there is nothing to be hidden.
        page = people["owner"].get("job.php", id=situation.done_id).text
        assert NAMES[0] in page and "Musterdorf garden" in page
    search.look("log of the site", *texts(site.data_dir / "log"), site.log_path.read_bytes())
    look_at_damage(observatory, search, people["boss"])
    look_at_tables(observatory, search)
    assert search.found == [], "\n".join(search.found)
    assert search.looked > 300


def look_at_public_stacks(observatory: Observatory, search: Search, other: Browser) -> None:
    """Look at everything again when the owner has made the stacks public, also with a key."""
    rows, site = observatory.rows, observatory.site
    rows.execute("UPDATE users SET stacks_public = 1")
    reader = Worker(site, rows.add_data_key(reads_all=True), "reader")
    look_at_pages(observatory, search, "nobody, public", Browser(site))
    look_at_pages(observatory, search, "other, public", other)
    look_at_pages(observatory, search, "reader, public", reader)
    stacks = rows.all("SELECT id, key_pixel, ra_deg, dec_deg FROM stacked_frames")
    for stack in stacks:
        place = {"id": stack["id"], "ra": stack["ra_deg"], "dec": stack["dec_deg"]}
        for answer in (
            reader.get("download_frame", id=stack["id"]),
            reader.get("cutout", **place),
            reader.get("cutout", **place, format="png"),
            reader.get("frame_stars", id=stack["id"]),
            reader.get("frames_by_healpix", healpix=stack["key_pixel"]),
            reader.get("search", ra=place["ra"], dec=place["dec"], radius=1),
            reader.get("bulk_list"),
            reader.get("stars", ra=place["ra"], dec=place["dec"], radius=2),
        ):
            search.answer("reader, public", answer)
        copy = reader.get("download_frame", id=stack["id"])
        assert copy.status_code == 200, copy.text
        assert copy.content.startswith(b"SIMPLE  =")
        listed = reader.get("search").json()["stacks"]
        assert len(listed) == len(stacks) and listed[0]["object_name"] is None
    for star in rows.all("SELECT DISTINCT star_id FROM star_observations"):
        for form in ("json", "votable", "aavso"):
            answer = reader.get("light_curve", star=star["star_id"], format=form)
            search.answer("reader, light curve", answer)
    rows.execute("UPDATE users SET stacks_public = 0")


def look_at_pages_of_running(people: dict[str, Browser], search: Search, job: int) -> None:
    """Look at what is shown while a trusted worker reports progress."""
    assert NAMES[1] in people["owner"].get("job.php", id=job).text
    for page, query in (("admin.php", {}), ("admin_workers.php", {}), ("job.php", {"id": job})):
        search.answer(f"admin: {page}, running", people["boss"].get(page, **query))


def look_at_damage(observatory: Observatory, search: Search, admin: Browser) -> None:
    """Look at names in the storage, and at what is said when a stack is missing there."""
    root = observatory.share.root
    search.look("names in the storage", *(f"{path.relative_to(root)}" for path in root.rglob("*")))
    rows = observatory.rows.all("SELECT ucloud_path, job_id FROM stacked_frames")
    observatory.rows.execute("UPDATE stacked_frames SET verified_at = '2026-01-01 00:00:00'")
    for row in rows:
        (root / row["ucloud_path"][1:]).unlink()
    with pytest.raises(ServiceError) as found:
        observatory.site.cleanup("--verify")
    assert "missing: 2" in str(found.value)
    search.look("verify", str(found.value))
    for row in rows:
        search.answer("admin: job page, damaged", admin.get("job.php", id=row["job_id"]))
    search.answer("admin: queue, damaged", admin.get("admin.php"))
    search.look("log of the site, damaged", *texts(observatory.site.data_dir / "log"))


def look_at_tables(observatory: Observatory, search: Search) -> None:
    """Search the tables that are not about the things of one owner."""
    tables = observatory.rows.all("SELECT name FROM sqlite_master WHERE type = 'table'")
    names = {row["name"] for row in tables} - OWNERS
    assert {"workers", "api_keys", "held_results", "trashed_objects"} <= names
    for name in sorted(names):
        search.look(f"table {name}", json.dumps(observatory.rows.all(f"SELECT * FROM {name}")))  # noqa: S608


def texts(folder: Path) -> list[bytes]:
    """Contents of all files in a folder."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
