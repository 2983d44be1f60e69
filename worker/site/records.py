"""The records that the site sends to the worker.

``from_json`` checks every field once, at the border; nothing deeper reads raw JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.frames.header_clock import ToldClock
from crowdsky.stacking.records import UploadedFigures
from worker.site.orders import KINDS, RESCAN, STACK, UPLOADED, Order, StackedFile, read_order

LEASE_SECONDS = (1.0, 86_400.0)
"""Shortest and longest lease, and time between heartbeats: the bounds of the site's setting."""

OBJECT_NAME_CHARACTERS = 255
"""Characters of the longest object name that sites store."""

MAX_SOLVERS = 20
"""Number of solvers above which a rescan is refused."""

MAX_FILENAME_BYTES = 255
"""Bytes of the longest file name on the file systems in use."""


class Leased(Protocol):
    """What every call about a job names: the job, and the lease under which it is held."""

    @property
    def job_id(self) -> int:
        """Number of the job."""

    @property
    def lease_token(self) -> str | None:
        """The secret of this lease; without one, the site accepts the key that holds it."""


@dataclass(frozen=True, slots=True)
class HeldByKey:
    """A job by its number alone, as scripts name it."""

    job_id: int
    lease_token: None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One job and the lease under which this worker holds it.

    Attributes:
        stack: the stack to solve again; None unless this is a rescan.
        uploaded: the figures of an uploaded stack, which is the job's only file; else None.
        order: what a job that makes no stack is to do; else None.
        solvers: names of the solvers that a rescan is to ask, None for the worker's own choice.
        may_tell_position: whether the stack may include where on Earth it was taken. An older site,
            which does not say, does not allow it.
        archive_id: id of the site's archive, for the header of the stack; empty with older sites.
        oldest_archive_id: the first id that the archive had, for the units of telescopes that name
            none; with older sites the present one.
        archive_facts: what the site wants to find in the stack if its database is lost, to be
            written there as it is; None with older sites.
    """

    job_id: int
    user_id: int
    chunk_key: str
    object_name: str | None
    frame_count: int
    total_bytes: int
    lease_token: str
    lease_seconds: float
    heartbeat_seconds: float
    attempt: int
    max_attempts: int
    attempt_tag: str
    stack: StackedFile | None = None
    uploaded: UploadedFigures | None = None
    solvers: tuple[str, ...] | None = None
    may_tell_position: bool = False
    archive_id: str = ""
    oldest_archive_id: str = ""
    archive_facts: JsonObject | None = None
    order: Order | None = None

    @classmethod
    def from_json(cls, data: object) -> Job:
        """Read the answer of ``next_job.php``; raises UnexpectedAnswerError naming the field."""
        fields = Fields("job", data)
        kind = _kind(fields)
        rescan = kind == RESCAN
        options = fields.optional_object("options") or {}
        chosen = options.get("solvers") is not None
        return cls(
            job_id=fields.integer("job_id", minimum=1),
            user_id=fields.integer("user_id", minimum=1),
            chunk_key=fields.text("chunk_key", pattern=r"[0-9A-Za-z._+-]{1,64}"),
            object_name=fields.optional_text("object_name", longest=OBJECT_NAME_CHARACTERS),
            frame_count=fields.integer("frame_count", minimum=0),
            total_bytes=fields.integer("total_bytes", minimum=0),
            lease_token=fields.text("lease_token", pattern=r"[!-~]{1,200}"),
            lease_seconds=fields.number("lease_seconds", within=LEASE_SECONDS),
            heartbeat_seconds=fields.number("heartbeat_seconds", within=LEASE_SECONDS),
            attempt=fields.integer("attempt", minimum=1),
            max_attempts=fields.integer("max_attempts", minimum=1),
            attempt_tag=fields.text("attempt_tag", pattern=r"[0-9A-Za-z-]{1,64}"),
            stack=StackedFile.from_json(fields.optional_object("stack")) if rescan else None,
            uploaded=UploadedFigures.from_json(options) if kind == UPLOADED else None,
            solvers=_solvers(Fields("options of the job", options)) if chosen else None,
            may_tell_position=fields.flag("may_tell_position"),
            archive_id=_archive_id(fields, "archive_id"),
            oldest_archive_id=(
                _archive_id(fields, "oldest_archive_id") or _archive_id(fields, "archive_id")
            ),
            archive_facts=fields.optional_object("archive_facts"),
            order=read_order(kind, fields),
        )

    def __repr__(self) -> str:
        # The lease token opens the raws of this job; it stays out of logs and tracebacks.
        return f"Job({self.job_id}, chunk_key={self.chunk_key!r}, attempt={self.attempt})"


@dataclass(frozen=True, slots=True)
class RawFile:
    """One raw frame of a job as the site lists it."""

    file_id: int
    filename: str
    size_bytes: int
    sha256: str
    clock: ToldClock | None = None
    """The telescope's clock as the site read it; None from a site that does not say."""

    @classmethod
    def from_json(cls, data: object) -> RawFile:
        """Read one row of ``job_files.php``; raises UnexpectedAnswerError naming the field.

        The file name becomes a local name, so one that would leave its folder is refused here.
        """
        fields = Fields("file", data)
        filename = fields.text("filename")
        if not is_safe_filename(filename):
            raise fields.problem("filename", f"{filename[:80]!r} cannot be a file's name here")
        return cls(
            file_id=fields.integer("id", minimum=1),
            filename=filename,
            size_bytes=fields.integer("file_size_bytes", minimum=0),
            sha256=fields.text("sha256", pattern=r"[0-9a-f]{64}"),
            clock=None
            if (clock := fields.optional_object("clock")) is None
            else ToldClock.from_json(clock),
        )


def read_files(answer: JsonObject) -> tuple[RawFile, ...]:
    """The files in the answer of ``job_files.php``; raises UnexpectedAnswerError."""
    return tuple(RawFile.from_json(row) for row in Fields("list of files", answer).array("files"))


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The site's answer to a heartbeat."""

    cancelled: bool
    lease_seconds: float

    @classmethod
    def from_json(cls, data: object) -> Heartbeat:
        """Read the answer of ``heartbeat.php``; raises UnexpectedAnswerError naming the field."""
        fields = Fields("heartbeat", data)
        action = fields.text("action", pattern=r"continue|cancel")
        cancelled = action == "cancel"
        return cls(
            cancelled=cancelled,
            lease_seconds=(
                0.0 if cancelled else fields.number("lease_seconds", within=LEASE_SECONDS)
            ),
        )


def _archive_id(fields: Fields, name: str) -> str:
    """Read an id of the archive from a claim; empty if an older site leaves it out."""
    if fields.optional_text(name) is None:
        return ""
    return fields.text(name, pattern=r"[0-9a-f]{16}")


def _solvers(options: Fields) -> tuple[str, ...]:
    """The solvers that a rescan names, whether or not this worker has them."""
    names = options.texts("solvers")
    if len(names) > MAX_SOLVERS or not all(re.fullmatch("[a-z0-9-]{1,40}", one) for one in names):
        raise options.problem("solvers", "are not names of solvers")
    return names


def _kind(fields: Fields) -> str:
    """A job's kind; sites that know only one do not name it."""
    kind = fields.optional_text("kind") or STACK
    if kind not in KINDS:
        raise fields.problem("kind", f"{kind[:80]!r} is not a kind of job that this worker knows")
    return kind


def is_safe_filename(name: str) -> bool:
    """Whether ``name`` is one plain path component that stays in the folder it is put in."""
    return (
        bool(name)
        and not name.startswith(".")
        and not any(character in "/\\" or ord(character) < 32 for character in name)
        and len(name.encode("utf-8", "surrogatepass")) <= MAX_FILENAME_BYTES
    )
