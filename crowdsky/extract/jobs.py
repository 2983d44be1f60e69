"""Jobs in folders: pictures that are solved in the background, for back ends that poll.

::

    JOBS_DIR/<job_id>/input/<picture>
                      output/result.json    what the extractor printed
                      status.json           job_id, state, message, params, created_at, updated_at
                      task.log              what it logged
                      job.lock              locked as long as the job's process runs

States: queued, processing, done, error. The lock, not a process id, tells whether a job is alive:
ids are reused, and a lock is released with its process, however that ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from crowdsky.base.errors import BadDataError, CrowdSkyError

JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
FINISHED = ("done", "error")

Status = dict[str, Any]
Clock = Callable[[], float]


class UnknownJobError(BadDataError):
    """There is no job with this id."""


class JobNotReadyError(CrowdSkyError):
    """The job has no result yet."""


@dataclass(frozen=True, slots=True)
class JobFolder:
    """The folder of one job, and its files."""

    root: Path

    @property
    def job_id(self) -> str:
        """The folder's name."""
        return self.root.name

    @property
    def result(self) -> Path:
        """The extractor's answer."""
        return self.root / "output" / "result.json"

    @property
    def log(self) -> Path:
        """What the extractor and the process of the job logged."""
        return self.root / "task.log"

    def status(self) -> Status:
        """Read the state as written; raises UnknownJobError when the job has none."""
        try:
            status: Status = json.loads((self.root / "status.json").read_text())
        except (OSError, ValueError) as error:
            raise UnknownJobError(f"no job {self.job_id}", why=str(error)) from error
        return status

    def write_status(self, now: float, **changes: Any) -> Status:
        """Change the status; readers see either the old or the new one."""
        path = self.root / "status.json"
        before = json.loads(path.read_text()) if path.exists() else {"created_at": now}
        status = {"job_id": self.job_id, **before, **changes, "updated_at": now}
        write_whole(path, json.dumps(status, ensure_ascii=False, indent=2))
        return status


@dataclass(frozen=True, slots=True)
class JobStore:
    """All jobs of one folder."""

    folder: Path
    clock: Clock

    def open(self, job_id: str) -> JobFolder:
        """Open an existing job; raises UnknownJobError, also for ids that are not a plain name."""
        job = JobFolder(self.folder / job_id)
        if JOB_ID.fullmatch(job_id) is None or not (job.root / "status.json").is_file():
            raise UnknownJobError(f"no job {job_id!r}")
        return job

    def submit(
        self,
        picture: Path,
        params: Status,
        command: Sequence[str],
        environment: Mapping[str, str],
    ) -> JobFolder:
        """Copy the picture into a new job and start its process, which outlives this one.

        `command` starts with the path of a program; the id of the job is appended, and it runs in
        `environment`. Raises BadDataError when there is no such picture, OSError when the job
        cannot be written or started.
        """
        if not picture.is_file():
            raise BadDataError(f"no such image: {picture}")
        job = JobFolder(self.folder / uuid.uuid4().hex)
        (job.root / "output").mkdir(parents=True)
        (job.root / "input").mkdir()
        shutil.copyfile(picture, job.root / "input" / picture.name)
        job.write_status(self.clock(), state="queued", message="waiting", params=params)
        with (
            (job.root / "job.lock").open("w") as lock,
            job.log.open("ab") as log,
            Path(os.devnull).open("rb") as nothing,
        ):
            # The process inherits the lock, so that the job never looks dead.
            fcntl.flock(lock, fcntl.LOCK_EX)
            os.set_inheritable(lock.fileno(), True)
            arguments = [*command, job.job_id]
            # Not subprocess, because nothing here will ever wait for it.
            pid = os.posix_spawn(
                arguments[0],
                arguments,
                environment,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, nothing.fileno(), 0),
                    (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                    (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
                ],
                setsid=True,
            )
            (job.root / "pid").write_text(str(pid))
        return job

    def status(self, job_id: str) -> Status:
        """Return the state of a job; one whose process ended without a result has failed."""
        job = self.open(job_id)
        status = job.status()
        if status["state"] in FINISHED or is_alive(job):
            return status
        status = job.status()  # it may have ended in between
        if status["state"] in FINISHED:
            return status
        message = "its process ended without a result; see task.log"
        return job.write_status(self.clock(), state="error", message=message)

    def result(self, job_id: str) -> Status:
        """Return the extractor's answer; raises JobNotReadyError if there is none yet."""
        status = self.status(job_id)
        try:
            answer: Status = json.loads(self.open(job_id).result.read_text())
        except (OSError, ValueError) as error:
            state = status["state"]
            raise JobNotReadyError(
                f"job {job_id} has no result", why=f"its state is {state}: {status['message']}"
            ) from error
        return answer

    def cancel(self, job_id: str) -> Status:
        """Kill a job and everything it started; finished jobs stay as they are."""
        job = self.open(job_id)
        status = self.status(job_id)
        if status["state"] in FINISHED:
            return status
        os.killpg(int((job.root / "pid").read_text()), signal.SIGKILL)
        return job.write_status(self.clock(), state="error", message="cancelled")

    def all(self) -> list[Status]:
        """Return the status of every job, the newest first."""
        jobs = [self.status(path.parent.name) for path in self.folder.glob("*/status.json")]
        return sorted(jobs, key=lambda status: -status["created_at"])

    def prune(self, older_than_seconds: float) -> list[str]:
        """Remove jobs that ended this long ago, never running ones; returns their ids."""
        limit = self.clock() - older_than_seconds
        old = [s for s in self.all() if s["state"] in FINISHED and s["updated_at"] <= limit]
        for status in old:
            shutil.rmtree(self.folder / status["job_id"])
        return [status["job_id"] for status in old]


def is_alive(job: JobFolder) -> bool:
    """Whether the process of the job still holds its lock."""
    with (job.root / "job.lock").open("a") as lock:
        return not _locked(lock)


@contextmanager
def running_slot(folder: Path, slots: int, sleep: Callable[[float], None]) -> Iterator[None]:
    """Hold one of the folder's slots inside the block; they are locks, so a crash frees them."""
    places = folder / ".slots"
    places.mkdir(parents=True, exist_ok=True)
    while True:
        for number in range(slots):
            with (places / f"slot-{number}").open("w") as lock:
                if _locked(lock):
                    yield
                    return
        sleep(0.2)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it appears whole or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    partial.write_text(text)
    partial.replace(path)


def _locked(lock: IO[str]) -> bool:
    """Take a lock if it is free; it is released when the file is closed."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
