"""A TAP service in this process, on the database of a site."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pyvo
import requests
from cheroot.wsgi import Server

from crowdsky.tap.jobs import JobStore
from crowdsky.tap.published import Published
from crowdsky.tap.run_query import QueryRunner
from crowdsky.tap.service import TapService
from crowdsky.tap.site_database import SiteDatabase
from demo.services import REPOSITORY
from tests.contract.vo.archive import Archive
from tests.support.mariadb import MariaDb
from tests.support.sites import SQLITE_FILE, SiteUnderTest


class _Bytes(io.BytesIO):
    def read(self, size: int | None = -1, decode_content: bool = True) -> bytes:
        """Return some bytes, which are decoded already."""
        return super().read(size)


class _WholeAnswers(requests.Session):
    """Reads each answer to its end: pyvo leaves connections open whose answers it does not need."""

    def send(self, *arguments: Any, **options: Any) -> requests.Response:
        """Send a request and read the answer."""
        answer = super().send(*arguments, **options)
        answer.raw = _Bytes(answer.content)
        return answer


@dataclass
class Clock:
    """Seconds that only a test changes."""

    seconds: float = 1_770_000_000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Service:
    """A running service."""

    url: str
    jobs: JobStore
    folder: Path
    clock: Clock
    client: pyvo.dal.TAPService


def database_of(site: SiteUnderTest) -> SiteDatabase:
    """Return how the service reaches the database of a site."""
    if site.database is None:
        return SiteDatabase(f"sqlite:{site.data_dir / SQLITE_FILE}")
    return SiteDatabase(site.database.dsn, site.database.user, site.database.password)


@pytest.fixture
def archive(site: SiteUnderTest) -> Archive:
    """An archive without stacks."""
    return Archive(site)


@pytest.fixture
def reader(site: SiteUnderTest, request: pytest.FixtureRequest) -> SiteDatabase:
    """The site's database; on MariaDB by an account that may read only what it must."""
    if site.database is None:
        return database_of(site)
    server: MariaDb = request.getfixturevalue("mariadb")
    guide = (REPOSITORY / "docs" / "virtual-observatory.md").read_text()
    grants = (
        guide.split("```sql\n")[1].split("```")[0].replace("CREATE USER", "CREATE OR REPLACE USER")
    )
    server.execute(grants.replace("crowdsky.", f"{site.database.user}.").replace("…", "secret"))
    return SiteDatabase(site.database.dsn, "crowdsky_tap", "secret")


@pytest.fixture
def tap(reader: SiteDatabase, archive: Archive, tmp_path: Path) -> Iterator[Service]:
    """A service on the archive."""
    clock = Clock()
    published = Published(reader, tmp_path / "copy", "https://sky.example.org", clock)
    runner = QueryRunner(published)
    jobs = JobStore(tmp_path / "jobs", runner, clock)
    server = Server(("127.0.0.1", 0), lambda environ, start: application(environ, start))
    server.prepare()
    url = f"http://127.0.0.1:{server.bind_addr[1]}"
    application = TapService(url, runner, jobs)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        with _WholeAnswers() as session:
            client = pyvo.dal.TAPService(url, session=session)
            yield Service(url, jobs, tmp_path, clock, client)
    finally:
        server.stop()
        thread.join()
        jobs.close()
