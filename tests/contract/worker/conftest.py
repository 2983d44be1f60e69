"""Fixtures of the worker's tests on a real site: a queue, and the site behind the fault proxy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crowdsky.net.connection import Api
from demo.services import Site
from tests.contract.jobs.support import Queue, Rows
from tests.support.fault_proxy import FaultProxy


@pytest.fixture
def rows(sqlite_site: Site) -> Rows:
    """The site's database."""
    return Rows(sqlite_site)


@pytest.fixture
def queue(sqlite_site: Site, rows: Rows) -> Queue:
    """An empty queue on the site."""
    return Queue(sqlite_site, rows)


@pytest.fixture
def key(sqlite_site: Site) -> str:
    """A worker's key."""
    return sqlite_site.create_worker_key("attic")


@pytest.fixture
def proxy(sqlite_site: Site) -> Iterator[FaultProxy]:
    """A proxy before the job API that fails on request."""
    with FaultProxy(sqlite_site.api_url) as running:
        yield running


@pytest.fixture
def api(proxy: FaultProxy, key: str) -> Api:
    """The job API through the proxy."""
    return Api.connect(proxy.url, key)
