"""A whole small observatory for end-to-end tests of the worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo.services import WebDavServer
from tests.contract.jobs.support import Queue
from tests.support.fault_proxy import FaultProxy
from tests.support.held_worker import HOLD
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest
from tests.support.worker_process import WorkerProcess


@dataclass
class Observatory:
    """Everything a job needs, with proxies that can fail before the site and the share."""

    site: SiteUnderTest
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
        return add_job(self.queue, self.subs if subs is None else subs, object_name)

    def settings(self, *, webdav: bool = True) -> dict[str, str]:
        """The settings of a worker that does not solve: small fields take seconds to give up."""
        settings = {
            "INDEX_DIR": str(self.share.root / "no index files"),
            "API_BASE_URL": self.to_site.url,
            "WORKER_API_KEY": self.key,
            "POLL_INTERVAL": "1",
            "LOG_LEVEL": "debug",
        }
        if webdav:
            settings["UCLOUD_WEBDAV_URL"] = self.to_share.url
            settings["UCLOUD_SHARE_TOKEN"] = self.share.token
        return settings

    def hold(self) -> dict[str, str]:
        """The setting of a worker whose jobs do not get beyond their stacking; `let_go` ends it."""
        self._hold_file.touch()
        return {HOLD: str(self._hold_file)}

    def let_go(self) -> None:
        """Let held jobs go on."""
        self._hold_file.unlink()

    @property
    def _hold_file(self) -> Path:
        return self.share.root.with_name("hold")

    def expire(self, job: int) -> None:
        """Let the lease of a worker that is gone run out, after its last heartbeat."""
        self.to_site.settle("heartbeat")
        self.rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1 WHERE id = ?", job)

    def stored(self) -> set[str]:
        """Names of all files in the share."""
        return {
            path.name for path in self.share.root.glob("crowdsky/stacks/**/*") if path.is_file()
        }

    def raws_are_there(self, job: int) -> bool:
        """Whether every raw of the job is still on disk."""
        paths = self.queue.raw_paths(job)
        return bool(paths) and all(path.is_file() for path in paths)


def add_job(queue: Queue, subs: list[Path], object_name: str) -> int:
    """Queue a job with these subs on any site and return its id."""
    job = queue.add_job(
        frames=0,
        frame_count=len(subs),
        total_bytes=sum(path.stat().st_size for path in subs),
        object_name=object_name,
        # A worker that is running already must not see it before its subs.
        status="cancelled",
    )
    session = queue.add_session()
    for path in subs:
        queue.add_raw(session, job, path.name, path.read_bytes())
    queue.rows.execute("UPDATE stacking_jobs SET status = 'pending' WHERE id = ?", job)
    return job
