"""A whole small observatory: site, share, queue with real subs, and workers on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.jobs.support import Queue, Rows
from tests.support.fault_proxy import FaultProxy
from tests.support.worker_process import WorkerProcess, small_subs, starless_subs
from worker.demo.services import Site, WebDavServer

LEASE_SECONDS = 4


@dataclass
class Observatory:
    """Everything a job needs, with proxies that can fail before the site and the share."""

    site: Site
    share: WebDavServer
    rows: Rows
    queue: Queue
    to_site: FaultProxy
    to_share: FaultProxy
    subs: list[Path]
    key: str
    start: Callable[..., WorkerProcess]

    def add_job(self, subs: list[Path] | None = None, object_name: str = "M 81") -> int:
        """Queue a job with these subs and return its id."""
        paths = self.subs if subs is None else subs
        job = self.queue.add_job(
            frames=0,
            frame_count=len(paths),
            total_bytes=sum(path.stat().st_size for path in paths),
            object_name=object_name,
        )
        session = self.queue.add_session()
        for path in paths:
            self.queue.add_raw(session, job, path.name, path.read_bytes())
        return job

    def settings(self, *, webdav: bool = True) -> dict[str, str]:
        """The settings of a worker."""
        settings = {
            "API_BASE_URL": self.to_site.url,
            "WORKER_API_KEY": self.key,
            "POLL_INTERVAL": "1",
        }
        if webdav:
            settings["UCLOUD_WEBDAV_URL"] = self.to_share.url
            settings["UCLOUD_SHARE_TOKEN"] = self.share.token
        return settings

    def stored(self) -> set[str]:
        """Names of all files in the share."""
        return {path.name for path in self.share.root.rglob("*") if path.is_file()}

    def raws_are_there(self, job: int) -> bool:
        """Whether every raw of the job is still on disk."""
        paths = self.queue.raw_paths(job)
        return bool(paths) and all(path.is_file() for path in paths)


@pytest.fixture(scope="session")
def subs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three small subs that stack well."""
    return small_subs(tmp_path_factory.mktemp("subs"))


@pytest.fixture(scope="session")
def cloudy_subs(tmp_path_factory: pytest.TempPathFactory, subs: list[Path]) -> list[Path]:
    """Three subs without a star."""
    return starless_subs(tmp_path_factory.mktemp("cloudy") / "subs", subs)


@pytest.fixture
def observatory(tmp_path: Path, webdav: WebDavServer, subs: list[Path]) -> Iterator[Observatory]:
    """A site that stores on the share, with a short lease; all workers are ended with the test."""
    settings = {
        "CROWDSKY_STORAGE": "webdav",
        "CROWDSKY_WEBDAV_URL": webdav.url,
        "CROWDSKY_WEBDAV_TOKEN": webdav.token,
        "CROWDSKY_LEASE_SECONDS": str(LEASE_SECONDS),
        "CROWDSKY_RETRY_BACKOFF_SECONDS": "0",
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
