"""Where the fault matrix is played: a real site, share and worker, and what is seen at the end."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crowdsky.base.python_path import python_path
from demo.services import WebDavServer
from tests.contract.jobs.support import Queue, Worker
from tests.faults.forked_workers import ForkedWorker, ForkedWorkers
from tests.faults.quick_child import ANSWER
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.sites import SiteUnderTest

LEASE_SECONDS = 300
"""No lease runs out by itself, however slow the machine: a test says when one does."""

PATIENCE_SECONDS = 240.0
"""Nothing is waited for without end, and nothing that takes its time is a failure."""

ANSWER_SECONDS = 60.0
"""How long the worker waits for an answer: a busy machine must not look like a broken line."""

TABLES = (
    "archive_ids",
    "cleanup_runs",
    "due_marks",
    "job_events",
    "stacked_frames",
    "raw_files",
    "stacking_jobs",
    "upload_sessions",
)


@dataclass(frozen=True)
class Outcome:
    """What is seen when the worker has ended.

    Attributes:
        exit_code: of the worker.
        status, attempts: of the job.
        stacks: rows of the archive.
        said: the job's error message, or what the worker logged.
    """

    exit_code: int
    status: str
    attempts: int
    stacks: int
    said: str = field(compare=False, default="")


class Scene:
    """A site that stores on a share, lines to both that can fail, and one job.

    Args:
        folder: where everything is.
        running: ends what was started.
        settings: environment variables that workers have from their first moment.
    """

    def __init__(
        self, folder: Path, running: ExitStack, settings: Mapping[str, str] | None = None
    ) -> None:
        self._folder = folder
        answer = {ANSWER: str(ANSWER_SECONDS)}
        self._common = {**os.environ, **python_path(), **answer, **(settings or {})}
        self._workers = running.enter_context(ForkedWorkers(self._common))
        self.share = running.enter_context(WebDavServer(folder / "share"))
        self.site = running.enter_context(SiteUnderTest(folder / "site", env=self._env()))
        # The same lines for every worker: a completion waits for one address.
        self._to_site = running.enter_context(FaultProxy(self.site.api_url))
        self._to_share = running.enter_context(FaultProxy(self.share.url))
        self._rows = self.site.rows
        self.queue = Queue(self.site, self._rows)
        self.key = self.site.create_worker_key("matrix")
        self.rival = Worker(self.site, self.site.create_worker_key("rival"), "rival")
        self.job = 0

    def _env(self) -> dict[str, str]:
        return {
            "CROWDSKY_STORAGE": "webdav",
            "CROWDSKY_WEBDAV_URL": self.share.url,
            "CROWDSKY_WEBDAV_TOKEN": self.share.token,
            "CROWDSKY_LEASE_SECONDS": str(LEASE_SECONDS),
            "CROWDSKY_RAW_GRACE_HOURS": "0",
            "CROWDSKY_RETRY_BACKOFF_SECONDS": "0",
        }

    def begin(self) -> None:
        """Forget everything and queue one job of two raws."""
        self._rows.run([{"sql": f"DELETE FROM {table}", "parameters": []} for table in TABLES])  # noqa: S608
        for left in (self.share.root / "crowdsky", self._folder / "scratch"):
            shutil.rmtree(left, ignore_errors=True)
        self.job = self.queue.add_job(frames=2)
        self.raws = self.queue.raw_paths(self.job)
        self._to_site.requests.clear()

    def work(
        self,
        faults: tuple[tuple[str, Fault], ...] = (),
        settings: Mapping[str, str] | None = None,
        at: str = "",
        act: Callable[[Scene, ForkedWorker], Any] | None = None,
        arguments: tuple[str, ...] = ("--once",),
    ) -> Outcome:
        """Let a worker take one job while the faults are in force.

        Args:
            faults: each with the line it is on, "site" or "share".
            at: part of a log line at which ``act`` is done.
            arguments: of its command line.
        """
        for line, fault in faults:
            {"site": self._to_site, "share": self._to_share}[line].inject(fault)
        try:
            code, log = self._run(self._settings() | dict(settings or {}), at, act, arguments)
        finally:
            for _, fault in faults:
                fault.times = 0
        return self.look(code, log)

    def serve(
        self,
        faults: tuple[tuple[str, Fault], ...] = (),
        settings: Mapping[str, str] | None = None,
        *,
        until: Callable[[], bool],
    ) -> Outcome:
        """Let a daemon work until something holds, then stop it."""

        def stop(_: Scene, process: ForkedWorker) -> None:
            self._wait(lambda: until() or process.poll() is not None, "it never happened")
            process.terminate()

        more = {"POLL_INTERVAL": "1", "MAX_WORKERS": "1", **(settings or {})}
        return self.work(faults, more, at="asks ", act=stop, arguments=())

    def look(self, code: int, log: str = "") -> Outcome:
        """What is seen now."""
        job = self.row()
        stacks = self._rows.all("SELECT id FROM stacked_frames WHERE job_id = ?", self.job)
        said = f"{job['error_message']}\n{log}"
        return Outcome(code, job["status"], job["attempts"], len(stacks), said)

    def row(self, job: int | None = None) -> dict[str, Any]:
        """A job as it is in the database, by default the one that was queued first."""
        return self._rows.job(job or self.job)

    def log(self) -> str:
        """What the worker has logged so far."""
        return (self._folder / "worker.log").read_text()

    def scratch(self) -> list[Path]:
        """What is left of the scratch folders."""
        return list((self._folder / "scratch").glob("run-*"))

    def was_asked(self, endpoint: str) -> bool:
        """Whether a worker has called this endpoint of the site since the job was queued."""
        return any(endpoint in target for _, target in self._to_site.requests)

    def wait_for_call(self, endpoint: str) -> None:
        """Wait until the worker has called this endpoint of the site."""
        self._wait(lambda: self.was_asked(endpoint), f"nobody has called {endpoint}")

    def set(self, assignment: str, *parameters: Any) -> None:
        """Change the job behind everybody's back."""
        sql = f"UPDATE stacking_jobs SET {assignment} WHERE id = ?"  # noqa: S608 # our own text
        self._rows.execute(sql, *parameters, self.job)

    def set_raws(self, assignment: str) -> None:
        """Change the rows of the raws, whose files stay as they are."""
        self._rows.execute(f"UPDATE raw_files SET {assignment}")  # noqa: S608 # our own text

    def expire(self) -> None:
        """Let the lease of a worker that is gone run out, after its last heartbeat."""
        self._to_site.settle()
        self.set("lease_expires_at = 1")

    def give_to_rival(self) -> None:
        """Let the lease run out and another worker claim the job.

        A heartbeat on its way may renew the lease in between, also one of a worker that sleeps by
        now: it runs out until the rival has the job.
        """

        def taken() -> bool:
            self.set("lease_expires_at = 1")
            lease = self.rival.try_claim()
            return lease is not None and lease["job_id"] == self.job

        self._wait(taken, "the rival never got the job")

    def site_outage(self) -> None:
        """Kill the site under the worker, and start it again."""
        self._to_site.outage(self.site.kill, self.site.start)

    def share_outage(self) -> None:
        """Kill the share under the worker, and start it again."""
        self._to_share.outage(self.share.kill, self.share.start)

    def let_go(self) -> None:
        """End the delays on the line to the site."""
        self._to_site.let_go()

    def stack(self) -> Path:
        """Where the archived stack is."""
        row = self._rows.one("SELECT * FROM stacked_frames WHERE job_id = ?", self.job)
        return self.share.root / str(row["ucloud_path"]).lstrip("/")

    def column(self, name: str) -> Any:
        """One column of the archived stack."""
        return self._rows.one("SELECT * FROM stacked_frames WHERE job_id = ?", self.job)[name]

    def journal(self) -> list[Path]:
        """The completions that wait on the worker's disk."""
        return sorted((self._folder / "scratch" / "journal").glob("*"))

    def remove_scratch(self) -> None:
        """Take the worker's files away while it works.

        A rename takes them all at one moment. Deleting one by one would race with the worker, which
        goes on creating files in a folder that is being emptied.
        """
        for folder in (self._folder / "scratch").glob("run-*/"):
            gone = self._folder / f"gone-{folder.name}"
            folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def raws_are_there(self) -> bool:
        """Whether every raw is still on the site's disk."""
        return all(path.exists() for path in self.raws)

    def _wait(self, condition: Callable[[], bool], complaint: str) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < end, f"{complaint}:\n{self.log()}"
            time.sleep(0.02)

    def _settings(self) -> dict[str, str]:
        return {
            "API_BASE_URL": self._to_site.url,
            "WORKER_API_KEY": self.key,
            "UCLOUD_WEBDAV_URL": self._to_share.url,
            "UCLOUD_SHARE_TOKEN": self.share.token,
            "WORK_DIR": str(self._folder / "scratch"),
            "SHUTDOWN_GRACE": "60",
            "LOG_LEVEL": "debug",
        }

    def _run(
        self,
        settings: dict[str, str],
        at: str,
        act: Callable[[Scene, ForkedWorker], Any] | None,
        arguments: tuple[str, ...],
    ) -> tuple[int, str]:
        log_path = self._folder / "worker.log"
        process = self._workers.start(
            arguments, self._folder, {**self._common, **settings}, log_path
        )
        try:
            if act is not None:
                self._wait(
                    lambda: at in log_path.read_text() or process.poll() is not None,
                    f"no line {at!r} in the log",
                )
                act(self, process)
            return process.wait(PATIENCE_SECONDS), log_path.read_text()
        finally:
            process.kill()
            process.wait()
