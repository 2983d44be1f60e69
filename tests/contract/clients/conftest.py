"""Fixtures of the client API's tests: an account with its password, and a worker."""

from __future__ import annotations

import pytest

from tests.contract.clients.support import PASSWORD, Client
from tests.contract.jobs.support import Worker
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest


@pytest.fixture
def rows(site: SiteUnderTest) -> Rows:
    """The site's database."""
    return site.rows


@pytest.fixture
def client(site: SiteUnderTest) -> Client:
    """A program with the password of an account."""
    site.create_user("ann", PASSWORD)
    return Client(site, "ann", PASSWORD)


@pytest.fixture
def worker(site: SiteUnderTest) -> Worker:
    """A worker with a key."""
    return Worker(site, site.create_worker_key("stacker", trusted=True))
