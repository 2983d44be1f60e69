"""Fixtures of the job API's tests: a queue, and two workers and an operator with their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.services import Site, WebDavServer
from tests.contract.jobs.rescans import new_operator
from tests.contract.jobs.support import Queue, Rows, Worker
from tests.faults.quick_rows import QuickRows


@pytest.fixture
def rows(site: Site) -> Iterator[Rows]:
    """The site's database."""
    with QuickRows(site) as opened:
        yield opened


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


@pytest.fixture
def operator(site: Site) -> Worker:
    """Somebody with a key for everything."""
    return new_operator(site)


@pytest.fixture
def tight_site(make_site: Callable[..., Site], tmp_path: Path) -> Site:
    """A site whose PHP has 8 MiB of memory: holding a file of that size ends in an error."""
    settings = tmp_path / "php"
    settings.mkdir()
    (settings / "tight.ini").write_text("memory_limit=8M\n")
    # The leading colon keeps the distribution's own folder of settings in use.
    return make_site(PHP_INI_SCAN_DIR=f":{settings}")


@pytest.fixture
def share_settings(webdav: WebDavServer) -> dict[str, str]:
    """The settings of a site that keeps its results in the WebDAV share."""
    return {
        "CROWDSKY_STORAGE": "webdav",
        "CROWDSKY_WEBDAV_URL": webdav.url,
        "CROWDSKY_WEBDAV_TOKEN": webdav.token,
    }
