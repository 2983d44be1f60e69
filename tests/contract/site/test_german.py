"""Whatever somebody who has chosen German sees is German: every page, in all states of its data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.jobs.measured import complete
from tests.contract.jobs.support import NOW, Worker
from tests.contract.jobs.volunteers import Result
from tests.contract.site.subs import sub
from tests.contract.site.support import PASSWORD, Browser, claim_first
from tests.support import planted_stars
from tests.support.marked_texts import DATA, MarkedSite, not_german
from tests.support.rows import Rows
from tests.support.site_pages import ADMIN, IDS, NOBODY, PAGES, Page

pytestmark = pytest.mark.one_database


class Night:
    """A site with something in every state."""

    def __init__(self, site: MarkedSite) -> None:
        self.site, self.rows = site, site.rows
        self.ann, self.admin, self.guest = Browser(site), Browser(site), Browser(site)
        for name in ("ann", "bea", "cem", "dora"):
            site.create_user(name, PASSWORD, admin=name == "bea")
        self.ann.log_in("ann")
        self.admin.log_in("bea")
        self.worker = Worker(site, site.create_worker_key("dome", trusted=True), "stacker")
        for browser in (self.ann, self.admin, self.guest):
            browser.http.cookies.set("language", "de")
        for fill in (self.stars, self.jobs, self.stacks, self.uploads, self.people):
            fill()

    def job(self, **cards: str) -> int:
        """Upload a sub and return its job."""
        job: int = self.ann.upload(sub({"OBJECT": "'M 94'", **cards}))["job_ids"][0]
        return job

    def stars(self) -> None:
        """Light curves, a variable star with a period, one without, and a series."""
        owner = self.rows.one("SELECT id FROM users WHERE username = 'ann'")["id"]
        field = planted_stars.stars(12, planted_stars.sine(0.55, 0.4))
        planted_stars.plant(self.rows, owner, field, planted_stars.epochs(12, 4, 1))
        self.rows.execute(
            "UPDATE stacked_frames SET visibility = 'public', object_name = 'M 94',"
            " thumbnail_path = '/x.png', object_key = 'm94'"
        )
        found = {
            "band": "G", "score": 50.0, "excess_mag": 0.3, "n_points": 5, "n_nights": 4,
            "amplitude_mag": 1.0, "amplitude_error_mag": 0.01,
        }  # fmt: skip
        period = {
            "period_d": 0.55,
            "period_error_d": 0.0021,
            "period_fap": 0.02,
            "t0_bjd": 2461200.0,
        }
        eclipse = {"depth_mag": 0.2, "duration_d": 0.1, "trend_mag_per_d": 0.001}
        kinds = (
            ("periodic", period | eclipse),
            ("irregular", {"remark": "only 40% of the phases were observed"}),
            ("constant", {"remark": "a period needs 10 points, not 5"}),
        )
        for star, (kind, more) in enumerate(kinds, start=1):
            self.rows.insert(
                "variable_candidates", calibration_id=1, star_id=star, kind=kind, **found, **more
            )

    def jobs(self) -> None:
        """A job in each state, and one that says little."""
        failed = claim_first(self.rows, self.worker, self.job())
        reason = (
            "none of the 3 subs could be used: its stars are blurred: 8.3 px wide where 4.1 px"
            " are usual (2 of them); no star was found in it (1 of them); look at the subs: clouds,"
            " dew, or a telescope that was moved"
        )
        said = {"error_message": reason, "retryable": False, "stage": "stack"}
        assert self.worker.report("fail_job", failed, **said).ok
        again = claim_first(self.rows, self.worker, self.job())
        said = {"error_message": "the worker was told to stop", "retryable": True, "stage": "stack"}
        assert self.worker.report("fail_job", again, **said).ok
        cancelled = {"csrf_token": self.ann.token(), "job_id": self.job(), "action": "cancel"}
        assert self.ann.post("job.php", cancelled).status_code == 303
        running = claim_first(self.rows, self.worker, self.job())
        beat = {"stage": "stack", "progress": 0.4, "message": "aligning 2 of 5"}
        assert self.worker.report("heartbeat", running, **beat).ok
        self.job(TELESCOP="'DWARF 3 '")
        self.job()

    def stacks(self) -> None:
        """Stacks that are solved, not solved, damaged and at the wrong place; rescans of them."""
        ids = []
        told = (
            {"notes": ["made of a single sub: nothing could be averaged or rejected"]},
            {
                "solution": None, "photometry": None, "objects": [],
                "unsolved_reason": "not solved: only 3 stars in the picture, 8 are needed;"
                " clouds, a closed lid, daylight?",
            },
            {
                "object_mismatch": "the frames are named M 94, but M 94 is 3.2 degrees from the"
                " middle of the picture, which is at RA 10.500, Dec +20.100",
                "notes": ["2 of 15 subs left out, each for the same reason: its stars are trailed"
                          " (ellipticity 0.42)"],
            },
        )  # fmt: skip
        for report in told:
            lease = claim_first(self.rows, self.worker, self.job())
            ids.append(complete(self.worker, lease, **report)[0])
        lease = claim_first(self.rows, self.worker, self.job())
        done = self.worker.report("complete_job", lease, **self.worker.archive(lease))
        ids.append(done.json()["stack_id"])
        for stack in ids[:2]:
            form = {"csrf_token": self.ann.token(), "action": "rescan", "stack_id": stack}
            assert self.ann.post("stack.php", {**form, "solver": ""}).status_code == 303
        self.rows.execute("UPDATE stacked_frames SET damaged_at = ? WHERE id = ?", NOW, ids[3])
        form = {"csrf_token": self.ann.token(), "action": "series", "stack_id": ids[0]}
        self.ann.post("stack.php", {**form, "seconds": "60"})

    def uploads(self) -> None:
        """Uploads that wait, are of a chunk that was stacked before, or were discarded."""
        body = sub()
        first = self.ann.upload(body)
        done = "UPDATE stacking_jobs SET status = 'completed' WHERE id = ?"
        self.rows.execute(done, first["job_ids"][0])
        self.ann.upload(body, sub())
        session = self.ann.start()
        self.ann.put(session, sub())
        other = self.ann.start()
        form = {"csrf_token": self.ann.token(), "session_token": other}
        self.ann.post("upload.php?action=discard", form)

    def people(self) -> None:
        """Workers and keys of all levels, a volunteer who asks, a held result, locked accounts."""
        cem = Browser(self.site)
        cem.log_in("cem")
        cem.post("volunteer.php", {"csrf_token": cem.token(), "action": "ask", "note": ""})
        helper = Worker(self.site, self.site.create_worker_key("helper", scopes=["volunteer"]))
        lease = claim_first(self.rows, helper, self.job())
        Result().complete(helper, lease)
        self.rows.execute("UPDATE held_results SET finding = 'the centre lies 3.2 arcsec away'")
        self.site.create_worker_key("tester")
        self.rows.execute("UPDATE api_keys SET revoked_at = ? WHERE name = 'tester'", NOW)
        self.rows.execute(
            "UPDATE api_keys SET quarantined_at = ?, quarantine_reason = ? WHERE name = 'helper'",
            NOW, "job 3: only 4 of the 30 brightest stars are where they should be",
        )  # fmt: skip
        self.rows.execute("UPDATE users SET is_active = 0 WHERE username = 'dora'")
        for page, key in (("account.php", "scopes[]"), ("admin_keys.php", "read_all")):
            browser = self.ann if page == "account.php" else self.admin
            form = {"csrf_token": browser.token(), "form_action": "create_key", "name": "dome"}
            browser.post(page, {**form, key: "read" if key == "scopes[]" else "1"})


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Night]:
    """A site in pseudo-German."""
    with MarkedSite(tmp_path_factory.mktemp("marked"), sqlite_template) as site:
        yield Night(site)


def addresses(rows: Rows) -> Iterator[tuple[Page, str]]:
    """Every page with several ids; those of jobs, stacks and uploads differ most."""
    for page in PAGES:
        wanted = re.search(r"\{(\w+)\}", page.address)
        if wanted is None:
            yield page, page.address
            continue
        query = re.sub(r"M(?:AX|IN)\((.*?)\) AS id", r"DISTINCT \1 AS id", IDS[wanted[1]])
        most = 14 if page.name in ("job", "stack", "one-upload") else 3
        for row in rows.all(f"{query} ORDER BY 1 DESC LIMIT {most}"):
            yield page, page.address.format(**{wanted[1]: row["id"]})


def test_every_page_is_german(night: Night) -> None:
    found: dict[str, str] = {}
    readers = {NOBODY: night.guest, ADMIN: night.admin}
    for page, address in addresses(night.rows):
        answer = readers.get(page.reader, night.ann).get(address)
        assert answer.headers["Content-Type"].startswith("text/html"), address
        for text in not_german(answer.text, DATA):
            found.setdefault(text, address)
    assert "\n".join(f"{address}: {text}" for text, address in found.items()) == ""


WRONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("login.php", {"form_action": "login", "username": "ann", "password": "wrong"}),
    ("login.php", {"form_action": "register", "username": "x", "password": "correct horse"}),
    ("login.php", {"form_action": "register", "username": "eve", "password": "short"}),
    ("reset.php", {"form_action": "set", "code": "wrong", "password": "correct horse"}),
    ("confirm.php", {"code": "wrong"}),
    ("account.php", {"form_action": "password", "password": "wrong", "new_password": "x"}),
    ("account.php", {"form_action": "create_key", "name": ""}),
    ("account.php", {"form_action": "zone", "telescope": "x", "time_zone": "x"}),
    ("account.php", {"form_action": "nonsense"}),
    ("job.php", {"job_id": "1", "action": "delete", "csrf_token": "wrong"}),
    ("job.php", {"job_id": "1", "action": "requeue"}),
    ("job.php", {"job_id": "999", "action": "cancel"}),
    ("admin.php", {}),
    ("stack.php", {"action": "rescan", "stack_id": "999"}),
    ("upload_form.php", {}),
    ("volunteer.php", {"action": "revoke"}),
    ("stacks_download.php", {"form": "zip"}),
)

NOWHERE = (
    "stack.php?id=999999", "stack.php", "job.php?id=999999", "status.php?session=nothing",
    "no/such/page", "admin.php", "download.php?id=999", "stacks.php?from=nonsense",
    "star.php?id=999", "star.php?id=1&period=x", "upload.php?action=nothing",
    "job.php?id=1&view=subs",
)  # fmt: skip


def test_every_refusal_is_german(night: Night) -> None:
    found: dict[str, str] = {}
    for address in NOWHERE:
        answer = night.ann.get(address)
        assert 400 <= answer.status_code < 500, address
        assert "⟦Meine Nächte⟧" in answer.text, f"{address} lost the navigation"
        for text in not_german(answer.text, DATA):
            found.setdefault(text, address)
    for page, fields in WRONG:
        token = (
            night.guest.token(page)
            if page in ("login.php", "reset.php", "confirm.php")
            else night.ann.token()
        )
        browser = night.guest if page in ("login.php", "reset.php", "confirm.php") else night.ann
        answer = browser.post(page, {"csrf_token": token, **fields})
        if answer.status_code == 303:
            answer = browser.get(answer.headers["Location"])
        assert "⟦" in answer.text, (page, answer.status_code)
        for text in not_german(answer.text, DATA):
            found.setdefault(text, f"{page} {fields}")
    assert "\n".join(f"{address}: {text}" for text, address in found.items()) == ""
