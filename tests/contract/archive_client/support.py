"""An archive with stacks of one field, for programs that read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crowdsky import Client
from crowdsky.net.retry import Waits
from tests.contract.clients.support import Client as Program
from tests.contract.clients.support import small_sub
from tests.contract.jobs.support import Worker, stack_file
from tests.support.sites import SiteUnderTest

PIXEL = 33810
PLACE = (193.04166, 40.970556)
OWNER, PASSWORD = "ann", "pass word 1"


class Archive:
    """A site whose owner's stacks are public, and the worker that makes them."""

    def __init__(self, site: SiteUnderTest) -> None:
        self.site = site
        site.create_user(OWNER, PASSWORD)
        site.rows.execute("UPDATE users SET stacks_public = 1")
        self.program = Program(site, OWNER, PASSWORD)
        self.worker = Worker(site, site.create_worker_key("stacker", trusted=True))

    def add(
        self,
        moment: str = "2025-03-27T01:20:32",
        stars: Sequence[dict[str, Any]] = (),
        **report: Any,
    ) -> int:
        """Upload a sub of this DATE-OBS, stack it with these stars, and return the stack's id."""
        self.program.upload(small_sub(FILTER="'LP'", **{"DATE-OBS": f"'{moment}.955'"}))
        lease = self.worker.claim(clocks="1")
        body = json.dumps({"width": 64, "height": 48, "positions": "p", "stars": list(stars)})
        stored = self.worker.upload(lease, body.encode(), kind="stars").json()["path"]
        answer = self.worker.report(
            "complete_job",
            lease,
            **{
                **self.worker.archive(lease, stack_file()),
                "stars_path": stored,
                "total_exptime": 10.0,
                "date_obs_start": f"{moment}.955",
                "date_obs_end": f"{moment[:-2]}42.955",
                "ra_deg": PLACE[0],
                "dec_deg": PLACE[1],
                "n_stars_detected": len(stars),
                **report,
            },
        )
        assert answer.status_code == 200, answer.text
        number: int = answer.json()["stack_id"]
        return number


def star(ra: float, dec: float, flux: float, **more: Any) -> dict[str, Any]:
    """Return a star of a star list."""
    shape = {"a": 1.5, "b": 1.25, "flag": 0, "peak": flux / 10.0}
    return {"x": 10.5, "y": 20.25, "flux": flux, **shape, "ra": ra, "dec": dec, **more}


def reader(url: str, key: str, folder: Path) -> Client:
    """Return a client that does not wait between tries."""
    waits = Waits(lambda _: None, lambda: 0.0, lambda: 0.5)
    return Client(url, key, download_dir=folder / "stacks", waits=waits)
