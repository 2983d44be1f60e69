"""Volunteers, and results whose figures can be chosen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.contract.jobs.measured import measurement, solution
from tests.contract.jobs.support import Worker, stack_file
from tests.contract.site.support import PASSWORD, Browser
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest


@dataclass(frozen=True)
class Result:
    """What a stack and the report on it say; the pixels are noise, different every time.

    Attributes:
        sky: level of all planes in ADU.
        shift: of all stars in pixels.
        site: whether the header tells where the telescope stands.
    """

    sky: float = 1000.0
    shift: float = 0.0
    site: bool = False

    def stack(self) -> bytes:
        """The FITS file."""
        levels = [(f"SKYLVL{plane}", self.sky) for plane in "RGB"]
        noise = [(f"SKYRMS{plane}", 12.5) for plane in "RGB"]
        place = [("SITELAT", 48.1371)] if self.site else []
        return stack_file(cards=(*levels, *noise, *place))

    def stars(self) -> bytes:
        """The star list, brightest first."""
        listed = [
            {"x": 40.0 * n + self.shift, "y": 900.0 - 30.0 * n, "flux": 9000.0 / n}
            for n in range(1, 31)
        ]
        return json.dumps({"width": 1080, "height": 1920, "stars": listed}).encode()

    def report(self, worker: Worker, lease: dict[str, Any]) -> dict[str, Any]:
        """Upload everything and return the fields of the completion."""
        stored = worker.upload(lease, self.stars(), kind="stars")
        assert stored.status_code == 200, stored.text
        return {
            **worker.archive(lease, self.stack()),
            **measurement(solution=solution()),
            "stars_path": stored.json()["path"],
            "total_exptime": 10.0,
        }

    def complete(self, worker: Worker, lease: dict[str, Any]) -> dict[str, Any]:
        """Complete the job, which must be taken; return the answer."""
        answer = worker.report("complete_job", lease, **self.report(worker, lease))
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


RIGHT = Result()
WRONG = Result(sky=1100.0)


def volunteer(site: SiteUnderTest, name: str) -> Worker:
    """A worker with a volunteer's key."""
    return Worker(site, site.create_worker_key(name, scopes=["volunteer"]), name)


def finds_nothing(worker: Worker) -> bool:
    """Whether there is no work for this worker."""
    answer = worker.get("next_job", worker_id=worker.name)
    assert answer.status_code in (200, 204), answer.text
    return bool(answer.status_code == 204)


def operator(site: SiteUnderTest) -> Browser:
    """An admin who has logged in."""
    site.create_user("operator", PASSWORD, admin=True)
    browser = Browser(site)
    browser.log_in("operator")
    return browser


def keys(rows: Rows) -> dict[str, dict[str, Any]]:
    """What the site thinks of each key, by its name."""
    return {row["name"]: row for row in rows.all("SELECT * FROM api_keys")}


def states(rows: Rows, job: int) -> list[str]:
    """What became of the results that had to wait, in order."""
    found = rows.all("SELECT state FROM held_results WHERE job_id = ? ORDER BY id", job)
    return [row["state"] for row in found]
