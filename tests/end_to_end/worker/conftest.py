"""A whole small observatory: site, share, queue with real subs, and workers on demand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from crowdsky.solving.catalogue import CatalogueUnavailableError, StarCatalogue
from crowdsky.solving.tycho2 import open_tycho2
from demo.services import WebDavServer
from tests.contract.jobs.support import Queue
from tests.support.fault_proxy import FaultProxy
from tests.support.observatory import Observatory
from tests.support.sites import SiteUnderTest
from tests.support.star_fields import INDEX_DIR
from tests.support.worker_process import WorkerProcess, small_subs, starless_subs, starry_subs

LEASE_SECONDS = 20
"""Seconds; a busy machine keeps such a lease, and a worker hears soon enough what became of it."""


@pytest.fixture(scope="session")
def subs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three small subs that stack well."""
    return small_subs(tmp_path_factory.mktemp("subs"))


@pytest.fixture(scope="session")
def cloudy_subs(tmp_path_factory: pytest.TempPathFactory, subs: list[Path]) -> list[Path]:
    """Three subs without a star."""
    return starless_subs(tmp_path_factory.mktemp("cloudy") / "subs", subs)


@pytest.fixture(scope="session")
def star_catalogue() -> StarCatalogue:
    """Tycho-2; skips where there are no index files."""
    try:
        return open_tycho2(INDEX_DIR)
    except CatalogueUnavailableError as error:
        pytest.skip(f"{error}")


@pytest.fixture(scope="session")
def starry(tmp_path_factory: pytest.TempPathFactory, star_catalogue: StarCatalogue) -> list[Path]:
    """Three whole subs that can be solved."""
    assert len(star_catalogue)
    return starry_subs(tmp_path_factory.mktemp("starry"))


@pytest.fixture
def lease_seconds() -> int:
    """Seconds of a lease; a module may have others."""
    return LEASE_SECONDS


@pytest.fixture
def observatory(
    tmp_path: Path, webdav: WebDavServer, subs: list[Path], lease_seconds: int
) -> Iterator[Observatory]:
    """A site that stores on the share; all workers are ended with the test."""
    with opened(tmp_path, webdav, subs, lease_seconds=lease_seconds) as built:
        yield built


@contextmanager
def opened(
    folder: Path,
    webdav: WebDavServer,
    subs: list[Path],
    key: str = "",
    lease_seconds: int = LEASE_SECONDS,
) -> Iterator[Observatory]:
    """An observatory in a folder, which may hold the site of an earlier one with its key."""
    settings = {
        "CROWDSKY_STORAGE": "webdav",
        "CROWDSKY_WEBDAV_URL": webdav.url,
        "CROWDSKY_WEBDAV_TOKEN": webdav.token,
        "CROWDSKY_LEASE_SECONDS": str(lease_seconds),
        "CROWDSKY_RETRY_BACKOFF_SECONDS": "0",
        "CROWDSKY_VOLUNTEER_KNOWN_ANSWER_EVERY": "1",
    }
    with ExitStack() as running:
        site = running.enter_context(SiteUnderTest(folder / "site", env=settings))

        def start(place: str, *arguments: str, **more: str) -> WorkerProcess:
            options = {**built.settings(), **more}
            worker = WorkerProcess(folder / place, options, *arguments)
            return running.enter_context(worker)

        built = Observatory(
            site=site,
            share=webdav,
            rows=site.rows,
            queue=Queue(site, site.rows),
            to_site=running.enter_context(FaultProxy(site.api_url)),
            to_share=running.enter_context(FaultProxy(webdav.url)),
            subs=subs,
            key=key or site.create_worker_key("attic"),
            start=start,
        )
        yield built


@pytest.fixture(scope="session")
def solved_once(tmp_path_factory: pytest.TempPathFactory, starry: list[Path]) -> tuple[Path, str]:
    """A folder with a site and a share, where one night was stacked and solved; and the key."""
    folder = tmp_path_factory.mktemp("solved")
    with WebDavServer(folder / "share") as share, opened(folder, share, starry) as built:
        built.add_job(starry, object_name="M 81")
        worker = built.start("attic", "--once", INDEX_DIR=str(INDEX_DIR))
        assert worker.exit_code() == 0, worker.log
        return folder, built.key


@pytest.fixture
def solved(
    tmp_path: Path, solved_once: tuple[Path, str], starry: list[Path]
) -> Iterator[Observatory]:
    """An observatory of its own for every test, in which one night was stacked and solved."""
    before, key = solved_once
    for name in ("site", "share"):
        shutil.copytree(before / name, tmp_path / name)
    with WebDavServer(tmp_path / "share") as share, opened(tmp_path, share, starry, key) as built:
        yield built
