"""Fixtures for every test: the site on both databases, a WebDAV share, the real frames."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from crowdsky.base.kernel_cache import choose_folder
from demo.services import Database, Site, WebDavServer
from tests.support.apache_dav import ApacheDav
from tests.support.apache_dav import missing_programs as apache_missing
from tests.support.kernels import compile_in_background, ensure_kernels
from tests.support.mariadb import MariaDb, missing_programs
from tests.support.real_subs import VARIABLE, has_real_subs, real_subs_folder

# The first ones need no kernels, which are compiled meanwhile.
SLOW_FILES = (
    "test_endpoint_fuzz.py",
    "test_fault_matrix.py",
    "test_other_days.py",
    "test_queue_property.py",
    "test_rescan_results.py",
    "test_results.py",
    "test_rescan.py",
    "test_refused_completion.py",
    "test_worker_jobs.py",
    "test_measured_jobs.py",
    "test_worker_kills.py",
    "test_sandbox.py",
    "test_sandbox_misbehaving.py",
    "test_demo.py",
    "test_volunteers.py",
    "test_warm_start.py",
    "test_solvers.py",
    "test_both_engines.py",
    "test_worker_stops.py",
    "test_apache_share.py",
    "test_soak_short.py",
    "test_main.py",
)

COMPILING = pytest.StashKey[subprocess.Popen[bytes]]()


def pytest_configure(config: pytest.Config) -> None:
    """Let all processes share their compiled kernels."""
    choose_folder(config.rootpath / ".pytest_cache" / "kernels")
    # Files begin in the order below, not those with the most tests first.
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let slow files begin early: one at the end would keep all other processes waiting."""
    places = {name: place for place, name in enumerate(SLOW_FILES)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile them while the first tests run, where several processes share the work."""
    if session.config.getoption("numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        session.config.stash[COMPILING] = compile_in_background()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing running, also when the tests are over before that."""
    if (compiling := config.stash.get(COMPILING, None)) is not None:
        compiling.kill()
        compiling.wait()


@pytest.fixture(scope="session")
def kernels() -> None:
    """The kernels are compiled: nothing waits for that inside a limited time."""
    ensure_kernels()


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


@pytest.fixture(params=["sqlite", "mariadb"])
def database(request: pytest.FixtureRequest) -> Database | None:
    """An empty database, once SQLite (the site's default: None) and once MariaDB."""
    if request.param == "sqlite":
        return None
    server: MariaDb = request.getfixturevalue("mariadb")
    return server.new_database()


@pytest.fixture
def make_site(database: Database | None, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Start the site on ``database`` with the given CROWDSKY_* settings; may be called once."""
    with ExitStack() as running:

        def start(**settings: str) -> Site:
            return running.enter_context(Site(tmp_path / "site", database, env=settings))

        yield start


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A fresh site with default settings, on each database."""
    return make_site()


@pytest.fixture
def sqlite_site(tmp_path: Path) -> Iterator[Site]:
    """A fresh site on SQLite only, for tests that do not depend on the database."""
    with Site(tmp_path / "sqlite-site") as running:
        yield running


@pytest.fixture
def wsgi_dav(tmp_path: Path) -> Iterator[WebDavServer]:
    """An empty WebDAV share on WsgiDAV."""
    with WebDavServer(tmp_path / "share") as running:
        yield running


@pytest.fixture
def apache_dav() -> Iterator[WebDavServer]:
    """An empty WebDAV share on Apache's mod_dav, for tests of the protocol itself."""
    if missing := apache_missing():
        pytest.skip(f"{', '.join(missing)} is not installed; ./dev test installs it")
    with ApacheDav() as running:
        yield running


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
