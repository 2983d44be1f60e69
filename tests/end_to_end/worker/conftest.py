"""A whole small observatory: site, share, queue with real subs, and workers on demand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.jobs.support import Queue, Rows
from tests.support.fault_proxy import FaultProxy
from tests.support.observatory import Observatory
from tests.support.star_fields import INDEX_DIR
from tests.support.worker_process import WorkerProcess, small_subs, starless_subs, starry_subs
from worker.demo.services import Site, WebDavServer
from worker.solving.catalogue import CatalogueUnavailableError, StarCatalogue, open_tycho2

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
def observatory(tmp_path: Path, webdav: WebDavServer, subs: list[Path]) -> Iterator[Observatory]:
    """A site that stores on the share; all workers are ended with the test."""
    settings = {
        "CROWDSKY_STORAGE": "webdav",
        "CROWDSKY_WEBDAV_URL": webdav.url,
        "CROWDSKY_WEBDAV_TOKEN": webdav.token,
        "CROWDSKY_LEASE_SECONDS": str(LEASE_SECONDS),
        "CROWDSKY_RETRY_BACKOFF_SECONDS": "0",
        "CROWDSKY_VOLUNTEER_KNOWN_ANSWER_EVERY": "1",
    }
    with ExitStack() as running:
        site = running.enter_context(Site(tmp_path / "site", env=settings))
        rows = Rows(site)

        def start(folder: str, *arguments: str, **more: str) -> WorkerProcess:
            options = {**built.settings(), **more}
            worker = WorkerProcess(tmp_path / folder, options, *arguments)
            return running.enter_context(worker)

        built = Observatory(
            site=site,
            share=webdav,
            rows=rows,
            queue=Queue(site, rows),
            to_site=running.enter_context(FaultProxy(site.api_url)),
            to_share=running.enter_context(FaultProxy(webdav.url)),
            subs=subs,
            key=site.create_worker_key("attic"),
            start=start,
        )
        yield built
