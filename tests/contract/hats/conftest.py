"""An archive with light curves, the command that queues its export, and a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.contract.hats.exporting import do_job
from tests.contract.jobs.support import Worker
from tests.support.light_rows import LightRows
from tests.support.sites import SiteUnderTest

MJD = 61000.25
RA, DEC = 192.9, 41.3


@dataclass
class Archive:
    """A field of ann's with a star in two calibrated public stacks, and what reads its export."""

    site: SiteUnderTest
    light: LightRows
    owner: int
    field: int
    star: int
    epochs: list[int]
    key: str

    def build(self) -> str:
        """Run ``hats.php build`` as cron would and return what it printed."""
        return self.site.run_php("hats.php", "build")

    def get(self, name: str, **headers: str) -> requests.Response:
        """Ask for a file of the export, with a key."""
        return requests.get(
            f"{self.site.api_url}/hats.php/{name}",
            headers={"Authorization": f"Bearer {self.key}", **headers},
            timeout=30,
        )

    def manifest(self) -> dict[str, Any]:
        """The list of all files."""
        answer = self.get("MANIFEST.json")
        assert answer.status_code == 200, answer.text
        listed: dict[str, Any] = answer.json()
        return listed


def fill(site: SiteUnderTest) -> Archive:
    """Put the archive into an empty site."""
    site.create_user("boss", "not used here", admin=True)
    owner = site.rows.add_user("ann", "not used here")
    light = LightRows(site.rows)
    field = light.field()
    star = light.star(RA, DEC, gaia_id=1234567890123456789)
    epochs = [light.epoch(field, owner, MJD + day) for day in range(2)]
    for number, epoch in enumerate(epochs):
        light.observe(star, epoch, 1000.0 + number)
    light.calibration(field, 1, {epochs[0]: 20.5}, [star])
    key = site.rows.add_data_key(reads_all=False)
    return Archive(site, light, owner, field, star, epochs, key)


@pytest.fixture
def archive(site: SiteUnderTest) -> Archive:
    """The archive on each database."""
    return fill(site)


@pytest.fixture
def worker(site: SiteUnderTest) -> Worker:
    """A worker with an ordinary key."""
    return Worker(site, site.create_worker_key("exporter"))


@pytest.fixture
def export(archive: Archive, worker: Worker) -> Callable[[], int]:
    """Queue what has changed, do all jobs as a worker does, and return their number."""
    return lambda: export_all(archive, worker)


def export_all(archive: Archive, worker: Worker) -> int:
    """Queue what has changed, do all jobs as a worker does, and return their number."""
    archive.build()
    number = 0
    while (lease := worker.try_claim(kinds="hats")) is not None:
        answer = do_job(worker, lease)
        assert answer.status_code == 200, answer.text
        number += 1
    return number
