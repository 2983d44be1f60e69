"""Fixtures of the site's tests: browsers with a login, a worker, a finished stack."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.jobs.measured import complete
from tests.contract.jobs.support import PNG, Worker, stack_file
from tests.contract.site.stacked import MakeStored, Stacked, sub_for
from tests.contract.site.subs import sub
from tests.contract.site.support import PASSWORD, Browser, claim_first
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

MakeStack = Callable[..., int]


@pytest.fixture
def rows(site: SiteUnderTest) -> Rows:
    """The site's database."""
    return site.rows


@pytest.fixture
def visitor(site: SiteUnderTest) -> Browser:
    """A browser that is not logged in."""
    return Browser(site)


@pytest.fixture
def new_user(site: SiteUnderTest) -> Callable[..., Browser]:
    """Make an account and return a browser that is logged in to it."""

    def make(*, admin: bool = False) -> Browser:
        name = f"user-{secrets.token_hex(5)}"
        site.create_user(name, PASSWORD, admin=admin)
        browser = Browser(site)
        assert browser.log_in(name).status_code == 302
        return browser

    return make


@pytest.fixture
def user(new_user: Callable[..., Browser]) -> Browser:
    """A browser with the login of a user."""
    return new_user()


@pytest.fixture
def admin(new_user: Callable[..., Browser]) -> Browser:
    """A browser with the login of an admin."""
    return new_user(admin=True)


@pytest.fixture
def worker(site: SiteUnderTest) -> Worker:
    """A worker with a key."""
    return Worker(site, site.create_worker_key("stacker"))


@pytest.fixture
def make_stack(user: Browser, rows: Rows, worker: Worker) -> MakeStack:
    """Upload a sub as the user, stack and measure it as a worker, and return the stack's id."""

    def make(*, measures: bool = True, **report: Any) -> int:
        job_id = user.upload(sub({"OBJECT": "'M 94'"}))["job_ids"][0]
        lease = claim_first(rows, worker, job_id)
        if measures:
            return complete(worker, lease, **report)[0]
        answer = worker.report("complete_job", lease, **worker.archive(lease))
        stack_id: int = answer.json()["stack_id"]
        return stack_id

    return make


@pytest.fixture
def make_stored(user: Browser, rows: Rows, worker: Worker) -> MakeStored:
    """Upload a sub as the user, stack it as a worker without measuring, and return the files."""

    def make(body: bytes | None = None, **cards: str) -> Stacked:
        body = stack_file() if body is None else body
        job_id = user.upload(sub_for(body, cards))["job_ids"][0]
        rows.execute("UPDATE stacking_jobs SET priority = 9 WHERE id = ?", job_id)
        lease = worker.claim()
        report = worker.archive(lease, body)
        thumbnail = worker.upload(lease, PNG, kind="thumbnail").json()
        answer = worker.report(
            "complete_job",
            lease,
            **report,
            thumbnail_path=thumbnail["path"],
            thumbnail_size_bytes=len(PNG),
            total_exptime=10.0,
            date_obs_start="2025-03-27T01:20:32.955",
            date_obs_end="2025-03-27T01:20:42.955",
            ra_deg=193.04,
            dec_deg=40.97,
            engine="native",
            notes=["Only one sub was usable."],
        )
        assert answer.status_code == 200, answer.text
        stored = (report["ucloud_path"], thumbnail["path"])
        folder = user.site.data_dir / "stacks"
        paths = tuple(path for name in stored for path in folder.rglob(Path(name).name))
        assert len(paths) == 2
        return Stacked(answer.json()["stack_id"], job_id, body, paths)

    return make
