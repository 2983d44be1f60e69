"""Fixtures of the job API's tests: a queue and two workers with keys of their own."""

from __future__ import annotations

import pytest

from tests.contract.jobs.support import Queue, Rows, Worker
from worker.demo.services import Site


@pytest.fixture
def rows(site: Site) -> Rows:
    """The site's database."""
    return Rows(site)


@pytest.fixture
def queue(site: Site, rows: Rows) -> Queue:
    """An empty queue on the site."""
    return Queue(site, rows)


@pytest.fixture
def worker(site: Site) -> Worker:
    """A worker with a key."""
    return Worker(site, site.create_worker_key("first"))


@pytest.fixture
def other_worker(site: Site) -> Worker:
    """A worker with another key."""
    return Worker(site, site.create_worker_key("second"), name="other")
