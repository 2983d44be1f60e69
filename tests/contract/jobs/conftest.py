"""Fixtures of the job API's tests: a queue, and two workers and an operator with their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from demo.services import Site, WebDavServer
from tests.contract.jobs.adopting import Observatory
from tests.contract.jobs.archives import Archive
from tests.contract.jobs.rescans import new_operator
from tests.contract.jobs.support import Queue, Worker
from tests.support.mariadb import MariaDb
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest


@pytest.fixture
def rows(site: SiteUnderTest) -> Rows:
    """The site's database."""
    return site.rows


@pytest.fixture
def queue(site: SiteUnderTest, rows: Rows) -> Queue:
    """An empty queue on the site."""
    return Queue(site, rows)


@pytest.fixture
def worker(site: SiteUnderTest) -> Worker:
    """A worker with a key."""
    return Worker(site, site.create_worker_key("first"))


@pytest.fixture
def other_worker(site: SiteUnderTest) -> Worker:
    """A worker with another key."""
    return Worker(site, site.create_worker_key("second"), name="other")


@pytest.fixture
def operator(site: SiteUnderTest) -> Worker:
    """Somebody with a key for everything."""
    return new_operator(site)


@pytest.fixture(scope="session")
def tight_settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings of a site whose PHP has 8 MiB of memory."""
    folder = tmp_path_factory.mktemp("php")
    (folder / "tight.ini").write_text("memory_limit=8M\n")
    # The leading colon keeps the distribution's own folder of settings in use.
    return {"PHP_INI_SCAN_DIR": f":{folder}"}


@pytest.fixture
def tight_site(
    make_site: Callable[..., SiteUnderTest], tight_settings: dict[str, str]
) -> SiteUnderTest:
    """A site with so little memory that holding a file of that size ends in an error."""
    return make_site(**tight_settings)


@pytest.fixture
def open_second(
    request: pytest.FixtureRequest, engine: str, tmp_path: Path, sqlite_template: Path
) -> Iterator[Callable[[dict[str, str]], SiteUnderTest]]:
    """Start another fresh site with these settings, which runs at the same time."""
    with ExitStack() as running:

        def start(settings: dict[str, str]) -> SiteUnderTest:
            database = None
            if engine == "mariadb":
                server: MariaDb = request.getfixturevalue("mariadb")
                database = server.new_database()
            folder = tmp_path / "second"
            return running.enter_context(SiteUnderTest(folder, database, settings, sqlite_template))

        yield start


@pytest.fixture
def share_settings(webdav: WebDavServer) -> dict[str, str]:
    """The settings of a site that keeps its results in the WebDAV share."""
    return {
        "CROWDSKY_STORAGE": "webdav",
        "CROWDSKY_WEBDAV_URL": webdav.url,
        "CROWDSKY_WEBDAV_TOKEN": webdav.token,
    }


@pytest.fixture(params=["local", "webdav"])
def observatory(
    request: pytest.FixtureRequest, make_site: Callable[..., SiteUnderTest], tmp_path: Path
) -> Observatory:
    """An empty site on each storage and each database."""
    settings, root = {}, None
    if request.param == "webdav":
        share: WebDavServer = request.getfixturevalue("webdav")
        settings, root = request.getfixturevalue("share_settings"), share.root
    return Observatory.of(make_site(**settings), root, tmp_path)


@pytest.fixture
def plain(make_site: Callable[..., SiteUnderTest], tmp_path: Path) -> Observatory:
    """An empty site that keeps its stacks in a folder, on each database."""
    return Observatory.of(make_site(), None, tmp_path)


@pytest.fixture(params=["local", "wsgidav", pytest.param("apache", marks=pytest.mark.every)])
def archive(request: pytest.FixtureRequest, make_site: Callable[..., Site]) -> Archive:
    """An empty archive on each storage and each database."""
    server = {"wsgidav": "wsgi_dav", "apache": "apache_dav"}.get(request.param)
    share: WebDavServer | None = request.getfixturevalue(server) if server else None
    settings = {}
    if share is not None:
        settings = {
            "CROWDSKY_STORAGE": "webdav",
            "CROWDSKY_WEBDAV_URL": share.url,
            "CROWDSKY_WEBDAV_TOKEN": share.token,
        }
    site = make_site(**settings)
    rows = site.rows
    root = site.data_dir / "stacks" if share is None else share.root
    worker = Worker(site, site.create_worker_key("w"))
    return Archive(site, root, rows, Queue(site, rows), worker)
