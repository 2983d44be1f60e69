"""Fixtures of the site's tests: browsers with a login, a worker, a finished stack."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.jobs.measured import complete
from tests.contract.jobs.support import Worker
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
