"""Completions that the site has not answered yet, kept on disk until it has.

The result is stored and only the report is missing. It is written to disk before it is sent, so
that the work survives a site that is away, a refused key, and the end of this process. There is one
file per completion in ``WORK_DIR/journal``, readable by its owner only: it contains a lease token.
Of the worker key it contains only a mark that distinguishes it from others.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from crowdsky.base.errors import UnexpectedAnswerError
from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.base.logs import about_job
from worker.site.records import Job

log = logging.getLogger(__name__)

KEPT_SECONDS = 7 * 86400.0
"""Seconds that a completion is kept. After a week another worker has long done the job."""

JOBS_LISTED = 5
"""Number of jobs that the summary names."""

LIMIT = 100
"""Number of waiting completions from which on no job is claimed: something is wrong, and more
completions would not fix it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One completion that waits to be answered.

    Attributes:
        site: address of the job API it is for.
        claimed_at, lease_ends_at, written_at: seconds since 1970; the lease may have been
            renewed since.
        body: what is sent to the site.
        key_mark: identifies the worker key that claimed the job; empty in older entries.
    """

    site: str
    job_id: int
    lease_token: str
    attempt_tag: str
    lease_seconds: float
    claimed_at: float
    lease_ends_at: float
    written_at: float
    body: JsonObject
    key_mark: str = ""

    @classmethod
    def from_json(cls, data: object) -> Entry:
        """Read a file of the journal; raises UnexpectedAnswerError naming the wrong field."""
        fields = Fields("journal entry", data)
        return cls(
            site=fields.text("site"),
            job_id=fields.integer("job_id", minimum=1),
            lease_token=fields.text("lease_token"),
            attempt_tag=fields.text("attempt_tag", pattern=r"[0-9A-Za-z-]+"),
            lease_seconds=fields.number("lease_seconds", above=0),
            claimed_at=fields.number("claimed_at"),
            lease_ends_at=fields.number("lease_ends_at"),
            written_at=fields.number("written_at"),
            body=fields.optional_object("body") or {},
            key_mark=fields.optional_text("key_mark") or "",
        )

    def __repr__(self) -> str:
        # The lease token stays out of logs and tracebacks.
        return f"Entry(job {self.job_id}, {self.attempt_tag})"

    @property
    def filename(self) -> str:
        """Its name in the journal; the tag belongs to one lease."""
        return f"job-{self.job_id}-{self.attempt_tag}.json"

    @property
    def since(self) -> str:
        """When it was written, for people."""
        return datetime.fromtimestamp(self.written_at, UTC).strftime("%Y-%m-%d %H:%M UTC")


class Journal:
    """The completions that wait in one scratch folder, for one site.

    Args:
        work_dir: the worker's scratch folder; the journal is a folder in it.
        site: address of the job API; completions for another one are left alone.
        now: seconds since 1970.
        key: the worker key; completions of another one are left alone. Without it, all are listed.
    """

    def __init__(
        self, work_dir: Path, site: str, now: Callable[[], float] = time.time, *, key: str = ""
    ) -> None:
        self._folder = work_dir / "journal"
        self._site = site
        self._key_mark = _mark(key)
        self._now = now
        self._held: set[str] = set()
        self._unreadable: set[str] = set()
        self._foreign: set[str] = set()
        self._lock = threading.Lock()

    def write(
        self, job: Job, body: JsonObject, *, claimed_ago: float, lease_left: float
    ) -> Entry | None:
        """Keep a completion that its job is about to report itself.

        Args:
            claimed_ago: seconds since the job was claimed.
            lease_left: seconds that its lease lasts, as far as is known.

        Returns:
            None if it could not be written, which is logged; the job goes on without it.
        """
        now = self._now()
        entry = Entry(
            site=self._site,
            job_id=job.job_id,
            lease_token=job.lease_token,
            attempt_tag=job.attempt_tag,
            lease_seconds=job.lease_seconds,
            claimed_at=now - claimed_ago,
            lease_ends_at=now + lease_left,
            written_at=now,
            body=body,
            key_mark=self._key_mark,
        )
        with self._lock:
            self._held.add(entry.filename)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write_durably(self._folder / entry.filename, json.dumps(asdict(entry)).encode())
        except OSError as error:
            log.warning("could not write the completion down: %s", error.strerror or error)
            self.leave(entry)
            return None
        return entry

    def leave(self, entry: Entry) -> None:
        """Let a completion wait for delivery, because its job has given up reporting it."""
        with self._lock:
            self._held.discard(entry.filename)

    def drop(self, entry: Entry) -> None:
        """Forget a completion: the site has answered it."""
        with self._lock:
            self._held.add(entry.filename)
        if _removed(self._folder / entry.filename):
            self.leave(entry)
        # Otherwise it stays held: this process need not report again what the site knows.

    def waiting(self) -> tuple[Entry, ...]:
        """Completions for this site that no job reports at present, oldest first.

        What is too old or makes no sense is removed, which is logged.
        """
        with self._lock:
            held = set(self._held)
        found = (self._read(path) for path in self._files() if path.name not in held)
        return tuple(
            sorted(
                (entry for entry in found if entry is not None and self._is_ours(entry)),
                key=lambda entry: entry.written_at,
            )
        )

    def summary(self) -> str:
        """Which completions wait, for people."""
        waiting = self.waiting()
        if not waiting:
            return "no completion waits to be delivered"
        jobs = ", ".join(
            f"job {entry.job_id} since {entry.since}" for entry in waiting[:JOBS_LISTED]
        )
        more = f" and {len(waiting) - JOBS_LISTED} more" if len(waiting) > JOBS_LISTED else ""
        return f"waiting to be delivered when the worker runs: {jobs}{more}"

    def count(self) -> int:
        """How many completions there are, for any site and key, also those being reported."""
        return len(self._files())

    def _is_ours(self, entry: Entry) -> bool:
        """Whether the site would accept it here: with the key that held the lease."""
        if entry.site != self._site:
            return False
        if not (entry.key_mark and self._key_mark) or entry.key_mark == self._key_mark:
            return True
        if entry.filename not in self._foreign:
            self._foreign.add(entry.filename)
            with about_job(entry.job_id):
                log.warning(
                    "its completion of %s waits for a worker with the key that claimed it; "
                    "the key is another one now (WORKER_API_KEY)",
                    entry.since,
                )
        return False

    def _files(self) -> list[Path]:
        try:
            return sorted(self._folder.glob("job-*.json"))
        except OSError:
            return []  # a broken disk, which is reported before each claim

    def _read(self, path: Path) -> Entry | None:
        try:
            entry = Entry.from_json(json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None  # delivered by another process meanwhile
        except OSError as error:
            self._log_unreadable(path, error)
            return None
        except (ValueError, UnexpectedAnswerError) as error:
            log.warning("removing a completion that makes no sense: %s: %s", path.name, error)
            self._remove(path)
            return None
        if self._now() - entry.written_at > KEPT_SECONDS:
            with about_job(entry.job_id):
                log.warning("gave up its completion: it has waited since %s", entry.since)
            self._remove(path)
            return None
        return entry

    def _log_unreadable(self, path: Path, error: OSError) -> None:
        """Log this once per file; the disk may be readable again later."""
        if path.name not in self._unreadable:
            self._unreadable.add(path.name)
            log.warning("could not read the completion %s: %s", path, error.strerror or error)

    def _remove(self, path: Path) -> None:
        """Remove what will not be delivered; what cannot be removed is not read again."""
        if not _removed(path):
            with self._lock:
                self._held.add(path.name)


def _mark(key: str) -> str:
    """A short text that identifies a key without revealing it: keys are random and long."""
    return hashlib.sha256(key.encode()).hexdigest()[:12] if key else ""


def _removed(path: Path) -> bool:
    """Remove a file; False, which is logged, if the disk refuses."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("could not remove %s: %s", path, error.strerror or error)
        return False
    return True


def _write_durably(path: Path, data: bytes) -> None:
    """Write a file that appears whole or not at all, also after a power cut."""
    # A part that a killed process left is replaced: the name belongs to one lease.
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
