"""Asynchronous queries (UWS 1.1): their phases, and their results in a folder for a day."""

from __future__ import annotations

import json
import logging
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from crowdsky.base.errors import CrowdSkyError
from crowdsky.tap.answers import media_type, write
from crowdsky.tap.errors import QueryRefusedError, ServiceFullError
from crowdsky.tap.run_query import ASYNC_SECONDS, QueryRunner

KEPT_SECONDS = 86_400
MOST_JOBS = 200
"""Jobs that are kept at a time; each holds a result of at most some 50 MB."""

RUNNING_AT_ONCE = 2
ENDED = ("COMPLETED", "ERROR", "ABORTED")
_ID = re.compile(r"[0-9a-f]{32}")
_log = logging.getLogger(__name__)


@dataclass
class Job:
    """One query; times are seconds since 1970, 0 where there is none yet."""

    id: str
    query: str
    language: str
    most_rows: int
    format: str
    created: float
    destruction: float
    phase: str = "PENDING"
    run_id: str = ""
    seconds: float = ASYNC_SECONDS
    started: float = 0.0
    ended: float = 0.0
    error: str = ""


class JobStore:
    """The jobs of this service. Their ids are random, and whoever knows one may do all with it.

    Args:
        folder: where jobs and results are kept; only this process uses it.
        runner: runs the queries.
        now: seconds since 1970.
    """

    def __init__(self, folder: Path, runner: QueryRunner, now: Callable[[], float]) -> None:
        self._folder = folder
        self._runner = runner
        self._now = now
        self._changed = threading.Condition()
        self._pool = ThreadPoolExecutor(RUNNING_AT_ONCE, thread_name_prefix="tap-job")
        self._jobs: dict[str, Job] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in folder.glob("*/job.json"):
            job = Job(**json.loads(file.read_text(encoding="utf-8")))
            self._jobs[job.id] = job
            if job.phase not in ENDED and job.phase != "PENDING":
                self._end(job, "ERROR", "the service was restarted; send the query again")

    def create(self, query: str, language: str, most_rows: int, wanted: str, run_id: str) -> Job:
        """Keep a query until somebody starts it.

        Raises:
            QueryRefusedError: the format is not supported.
            ServiceFullError: too many jobs are kept.
        """
        media_type(wanted)
        self.sweep()
        now = self._now()
        with self._changed:
            if len(self._jobs) >= MOST_JOBS:
                raise ServiceFullError("too many jobs are kept", hint="delete some, or try later")
            job = Job(secrets.token_hex(16), query, language, most_rows, wanted, now,
                      now + KEPT_SECONDS, run_id=run_id)  # fmt: skip
            self._jobs[job.id] = job
            self._path(job).mkdir(mode=0o700)
            self._save(job)
        return job

    def find(self, job_id: str) -> Job | None:
        """Return a job that is still kept."""
        with self._changed:
            job = self._jobs.get(job_id) if _ID.fullmatch(job_id) else None
            return None if job is None or job.destruction <= self._now() else job

    def start(self, job: Job) -> None:
        """Queue a job.

        Raises:
            QueryRefusedError: it was started before.
        """
        with self._changed:
            if job.phase != "PENDING":
                raise QueryRefusedError(f"the job cannot be started: it is {job.phase}")
            self._set_phase(job, "QUEUED")
        self._pool.submit(self._work, job)

    def abort(self, job: Job) -> None:
        """Stop a job; one that has ended stays as it is."""
        with self._changed:
            if job.phase not in ENDED:
                self._end(job, "ABORTED", "")

    def delete(self, job: Job) -> None:
        """Stop a job and delete its result."""
        self.abort(job)
        with self._changed:
            self._jobs.pop(job.id, None)
            shutil.rmtree(self._path(job), ignore_errors=True)

    def destroy_at(self, job: Job, moment: float) -> None:
        """Choose an earlier time of deletion; a later one is not granted."""
        with self._changed:
            job.destruction = min(moment, job.created + KEPT_SECONDS)
            self._save(job)

    def limit(self, job: Job, seconds: float) -> None:
        """Choose a shorter duration of a job that has not been started."""
        with self._changed:
            if job.phase == "PENDING" and seconds > 0:
                job.seconds = min(seconds, ASYNC_SECONDS)
                self._save(job)

    def name(self, job: Job, run_id: str) -> None:
        """Give a job the name that whoever sent it knows it by."""
        with self._changed:
            job.run_id = run_id[:64]
            self._save(job)

    def wait(self, job: Job, phase: str, seconds: float) -> None:
        """Wait until a job has another phase, but not longer than some seconds."""
        with self._changed:
            self._changed.wait_for(lambda: job.phase != phase, seconds)

    def result(self, job: Job) -> Path:
        """Return the file with the answer of a job that is completed."""
        return self._path(job) / "result"

    def sweep(self) -> None:
        """Delete the jobs whose time has come."""
        with self._changed:
            old = [job for job in self._jobs.values() if job.destruction <= self._now()]
        for job in old:
            self.delete(job)

    def close(self) -> None:
        """Stop all jobs."""
        for job in list(self._jobs.values()):
            if job.phase in ("QUEUED", "EXECUTING"):
                self.abort(job)
        self._pool.shutdown()

    def _work(self, job: Job) -> None:
        with self._changed:
            if job.phase != "QUEUED":
                return
            job.started = self._now()
            self._set_phase(job, "EXECUTING")
        try:
            result = self._runner.run(
                job.query,
                job.language,
                job.most_rows,
                job.seconds,
                lambda: job.phase != "EXECUTING",
            )
            answer = write(result, media_type(job.format))
            phase, message = "COMPLETED", ""
        except CrowdSkyError as error:
            answer, phase, message = b"", "ERROR", str(error)
        except Exception:  # noqa: BLE001 - a bug must not leave the job executing for ever
            _log.exception("query of job %s failed", job.id)
            answer, phase, message = b"", "ERROR", "the query failed for a reason of the service's"
        with self._changed:
            if job.phase == "EXECUTING" and job.id in self._jobs:
                try:
                    self.result(job).write_bytes(answer)
                except OSError as error:
                    _log.error("could not keep the result of job %s: %s", job.id, error)
                    phase, message = "ERROR", "there is no room for the result"
                self._end(job, phase, message)

    def _end(self, job: Job, phase: str, message: str) -> None:
        job.ended, job.error = self._now(), message
        self._set_phase(job, phase)

    def _set_phase(self, job: Job, phase: str) -> None:
        job.phase = phase
        self._save(job)
        self._changed_by_us()

    def _changed_by_us(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _save(self, job: Job) -> None:
        if self._path(job).is_dir():
            part = self._path(job) / "job.part"
            part.write_text(json.dumps(asdict(job)), encoding="utf-8")
            part.replace(self._path(job) / "job.json")

    def _path(self, job: Job) -> Path:
        return self._folder / job.id
