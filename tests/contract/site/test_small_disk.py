"""A disk that is really small: subs are refused before the results of waiting jobs lack room."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from demo.services import Database, WebDavServer
from tests.contract.jobs.support import PNG, Worker, stack_file
from tests.contract.jobs.test_monitoring import log_in, scrape
from tests.contract.site.subs import taken_at
from tests.contract.site.support import Browser
from tests.support.sites import SiteUnderTest

MB = 1_000_000
SIDE = 1000
PIXELS = SIDE * SIDE
SHAPE = {"NAXIS1": f"{SIDE:>20}", "NAXIS2": f"{SIDE:>20}"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mounts a disk of so many MB that is removed afterwards; skips where that is not allowed."""
    with ExitStack() as mounted:

        def mount(size: int) -> Path:
            folder = tmp_path / "disk"
            folder.mkdir()
            options = f"size={size * MB}"
            command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
            if shutil.which("mount") is None or subprocess.run(command, check=False).returncode:
                pytest.skip("a disk can only be mounted by root")
            mounted.callback(subprocess.run, ["umount", "-l", str(folder)], check=True)
            return folder

        yield mount


@pytest.fixture
def small_site(
    small_disk: Callable[[int], Path], database: Database | None
) -> Iterator[Callable[..., SiteUnderTest]]:
    """Starts a site whose data folder is on a small disk."""
    with ExitStack() as running:

        def start(size: int, **settings: str) -> SiteUnderTest:
            env = {"CROWDSKY_MIN_FREE_BYTES": "80000000", **settings}
            return running.enter_context(SiteUnderTest(small_disk(size) / "site", database, env))

        yield start


def of_block(number: int) -> bytes:
    """A sub of a quarter of an hour of its own."""
    hour, quarter = divmod(number, 4)
    moment = f"2025-03-27T{hour:02d}:{15 * quarter:02d}:32.955368"
    return taken_at(moment, **SHAPE)[:2880] + os.urandom(2 * PIXELS) + bytes(-2 * PIXELS % 2880)


def fill(owner: Browser) -> tuple[int, requests.Response]:
    """Send subs of one job each until one is refused; returns how many were taken."""
    session = owner.start()
    for number in range(96):
        answer = owner.put(session, of_block(number), f"Light_{number}.fit")
        if answer.status_code != 200:
            assert owner.finalize(session).status_code == 200
            return number, answer
    raise AssertionError("the disk is not small")


def free_space(site: SiteUnderTest) -> str:
    """What readiness reports about the disk."""
    answer = requests.get(f"{site.api_url}/health.php", params={"ready": "1"}, timeout=30)
    finding: str = answer.json()["checks"]["free_space"]
    return finding


def test_the_results_of_all_waiting_jobs_fit(small_site: Callable[..., SiteUnderTest]) -> None:
    site = small_site(400)
    owner = log_in(site, "owner", admin=False)
    assert free_space(site) == "ok"

    taken, refused = fill(owner)

    assert taken > 5
    assert (refused.status_code, refused.json()["code"]) == (507, "insufficient_storage")
    assert "keeps for the results of" in refused.json()["error"]
    assert "can be finalized" in refused.json()["error"]
    assert "for the results of waiting jobs" in free_space(site)
    log = (site.data_dir / "log" / "crowdsky.log").read_text()
    errors = [line for line in log.splitlines() if " ERROR " in line]
    assert "subs will soon be refused" in errors[0]
    assert "subs are refused" in errors[1]
    assert len(errors) == 2
    metrics = scrape(site)
    assert metrics["crowdsky_results_expected_bytes"] == (taken + 1) * (28 * PIXELS + (4 << 20))
    assert metrics["crowdsky_subs_free_bytes"] < 30 * PIXELS + (4 << 20), "one sub and its result"

    worker = Worker(site, site.create_worker_key("w"))
    overlay = PNG + os.urandom(9 * PIXELS)
    for _ in range(taken):
        lease = worker.claim()
        assert worker.upload(lease, overlay, kind="overlay").status_code == 200
        report = worker.archive(lease, stack_file(size=SIDE))
        completed = worker.report("complete_job", lease, **report)
        assert completed.status_code == 200, completed.text
    assert scrape(site)["crowdsky_results_expected_bytes"] == 0


def test_results_that_pass_through_the_spool_need_room_for_one(
    small_site: Callable[..., SiteUnderTest], wsgi_dav: WebDavServer
) -> None:
    site = small_site(
        250,
        CROWDSKY_STORAGE="webdav",
        CROWDSKY_WEBDAV_URL=wsgi_dav.url,
        CROWDSKY_WEBDAV_TOKEN=wsgi_dav.token,
    )
    taken, refused = fill(log_in(site, "owner", admin=False))
    assert refused.status_code == 507
    assert taken > 50, "only running jobs and one more result need room here"


def test_other_shapes_are_expected_as_they_are(site: SiteUnderTest) -> None:
    owner = log_in(site, "owner", admin=True)
    assert scrape(site)["crowdsky_results_expected_bytes"] == 0
    owner.upload(*(of_block(number) for number in range(3)))
    expected = 28 * PIXELS + (4 << 20)
    assert scrape(site)["crowdsky_results_expected_bytes"] == 4 * expected
    lease = Worker(site, site.create_worker_key("w")).claim()
    assert scrape(site)["crowdsky_results_expected_bytes"] == 4 * expected
    site.rows.execute("UPDATE stacking_jobs SET status = 'failed' WHERE id = ?", lease["job_id"])
    assert scrape(site)["crowdsky_results_expected_bytes"] == 3 * expected
