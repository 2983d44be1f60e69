"""Fixtures for every test: the site on both databases, a WebDAV share, the real frames."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crowdsky.solving.catalogue import CatalogueUnavailableError, StarCatalogue
from crowdsky.solving.tycho2 import open_tycho2
from demo.services import Database, Site, WebDavServer
from tests.support import tiers
from tests.support.apache_dav import ApacheDav
from tests.support.apache_dav import missing_programs as apache_missing
from tests.support.mariadb import MariaDb, missing_programs
from tests.support.real_subs import VARIABLE, has_real_subs, real_subs_folder
from tests.support.sites import SQLITE_FILE, SitePool, SiteUnderTest
from tests.support.star_fields import INDEX_DIR
from tests.support.termination import stop_on_sigterm


def pytest_configure(config: pytest.Config) -> None:
    """Let files begin in the order in which they are sorted, not those with the most tests."""
    config.option.loadscopereorder = False
    stop_on_sigterm()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that runs both tiers."""
    parser.addoption(tiers.ALL, action="store_true", help="run the variants marked 'every' too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose the tier and the order."""
    tiers.mark_variants(items)
    tiers.deselect_second_tier(config, items)
    tiers.sort_slow_first(items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand on what only the process that prints can tell."""
    tiers.hand_count_on(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of pytest-xdist hands on, unless it has crashed."""
    tiers.take_count_over(node.config, getattr(node, "workeroutput", {}))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how many tests were left out."""
    tiers.print_count(config, terminalreporter)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """One MariaDB server for the whole test session; each test gets a database of its own."""
    if missing := missing_programs():
        pytest.skip(f"MariaDB is not installed (no {', '.join(missing)}); ./dev test installs it")
    server = MariaDb()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with nothing but the schema."""
    folder = tmp_path_factory.mktemp("sqlite-template")
    Site(folder).run_php("migrate.php")
    return folder / SQLITE_FILE


@pytest.fixture(params=["sqlite", "mariadb"])
def engine(request: pytest.FixtureRequest) -> str:
    """Name of the database engine; a test that asks for it runs on both."""
    name: str = request.param
    return name


@pytest.fixture
def database(engine: str, request: pytest.FixtureRequest) -> Database | None:
    """An empty database for a site of the test's own, None for SQLite in its data folder."""
    if engine == "sqlite":
        return None
    server: MariaDb = request.getfixturevalue("mariadb")
    return server.new_database()


@pytest.fixture(scope="module")
def sites(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, sqlite_template: Path
) -> Iterator[SitePool]:
    """The servers of a module, each started when a test first wants its settings."""

    def shared_database() -> Database:
        server: MariaDb = request.getfixturevalue("mariadb")
        return server.shared_database

    pool = SitePool(lambda: tmp_path_factory.mktemp("site"), sqlite_template, shared_database)
    try:
        yield pool
    finally:
        pool.close()


@pytest.fixture
def borrow_site(sites: SitePool) -> Iterator[Callable[..., SiteUnderTest]]:
    """Get a site on an engine with the given CROWDSKY_* settings, as if fresh."""
    yield sites.borrow
    sites.take_back()


@pytest.fixture
def make_site(
    engine: str, borrow_site: Callable[..., SiteUnderTest]
) -> Callable[..., SiteUnderTest]:
    """Get a fresh site with the given CROWDSKY_* settings, on each engine."""
    return lambda **settings: borrow_site(engine, settings)


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A fresh site with default settings, on each engine."""
    return make_site()


@pytest.fixture
def sqlite_site(borrow_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A fresh site on SQLite only, for tests that do not depend on the database."""
    return borrow_site("sqlite", {})


@pytest.fixture
def own_site(tmp_path: Path, sqlite_template: Path) -> Iterator[SiteUnderTest]:
    """A site on SQLite for a test that leaves more behind than rows and files."""
    with SiteUnderTest(tmp_path / "own-site", template=sqlite_template) as running:
        yield running


@pytest.fixture(scope="module")
def wsgi_dav_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDavServer]:
    """A WebDAV share on WsgiDAV, which takes half a second to start."""
    with WebDavServer(tmp_path_factory.mktemp("dav") / "share") as running:
        yield running


@pytest.fixture
def wsgi_dav(wsgi_dav_of_module: WebDavServer) -> WebDavServer:
    """An empty WebDAV share on WsgiDAV."""
    empty(wsgi_dav_of_module)
    return wsgi_dav_of_module


@pytest.fixture(scope="module")
def apache_dav_of_module() -> Iterator[WebDavServer]:
    """A WebDAV share on Apache's mod_dav."""
    if missing := apache_missing():
        pytest.skip(f"{', '.join(missing)} is not installed; ./dev test installs it")
    with ApacheDav() as running:
        yield running


@pytest.fixture
def apache_dav(apache_dav_of_module: WebDavServer) -> WebDavServer:
    """An empty WebDAV share on Apache's mod_dav, for tests of the protocol itself."""
    empty(apache_dav_of_module)
    return apache_dav_of_module


def empty(share: WebDavServer) -> None:
    """Remove everything from a share, and start it again if a test has stopped it."""
    share.root.chmod(0o755)
    for path in share.root.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    if not share.is_running():
        share.start()


@pytest.fixture
def webdav(wsgi_dav: WebDavServer) -> WebDavServer:
    """An empty WebDAV share."""
    return wsgi_dav


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue is full: whoever knocks hears nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for line in waiting:
            line.setblocking(False)
            line.connect_ex(address)
        yield address[1]
        for line in waiting:
            line.close()


@pytest.fixture(scope="session")
def real_subs() -> Path:
    """The folder with the real nights; skips the test where they are missing."""
    folder = real_subs_folder()
    if not has_real_subs(folder):
        pytest.skip(f"no real Seestar subs in {folder}; set {VARIABLE} to a folder with nights")
    return folder


@pytest.fixture(scope="session")
def tycho() -> StarCatalogue:
    """Return the star catalogue, decoded once per process; skip where it is not installed."""
    try:
        return open_tycho2(INDEX_DIR)
    except CatalogueUnavailableError as error:
        pytest.skip(f"{error}")
