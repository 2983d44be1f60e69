"""The records that travel: between the site and the worker, and between the worker's parts.

``from_json`` checks every field once, at the border; nothing deeper reads raw JSON. Records that
go to the site or to the child process have a ``to_json``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from worker.wire import Fields

JsonObject = dict[str, Any]

MAX_FILENAME_BYTES = 255
"""Longest name of a file on the file systems in use."""


STACK = "stack"
RESCAN = "rescan"
KINDS = (STACK, RESCAN)
"""What a job may ask for: a stack of its raws, or another look at a stack that is stored."""


class Leased(Protocol):
    """What every call about a job names: the job, and the lease under which it is held."""

    @property
    def job_id(self) -> int:
        """Number of the job."""

    @property
    def lease_token(self) -> str:
        """The secret of this lease."""


@dataclass(frozen=True, slots=True)
class StackedFile:
    """The stored stack that a rescan works on."""

    stack_id: int
    size_bytes: int
    sha256: str

    @classmethod
    def from_json(cls, data: object) -> StackedFile:
        """Read the field ``stack`` of a claim; raises UnexpectedAnswerError naming the field."""
        fields = Fields("stack of the job", data)
        return cls(
            stack_id=fields.integer("stack_id", minimum=1),
            size_bytes=fields.integer("file_size_bytes", minimum=1),
            sha256=fields.text("sha256", pattern=r"[0-9a-f]{64}"),
        )


@dataclass(frozen=True, slots=True)
class Job:
    """One job and the lease under which this worker holds it.

    Attributes:
        stack: the stack to solve again; None unless this is a rescan.
        solvers: names of the solvers that a rescan shall ask, None for the worker's own choice.
        may_tell_position: whether the stack may tell where on Earth it was taken. A site that does
            not say so does not allow it.
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
    solvers: tuple[str, ...] | None = None
    may_tell_position: bool = False

    @classmethod
    def from_json(cls, data: object) -> Job:
        """Read the answer of ``next_job.php``; raises UnexpectedAnswerError naming the field."""
        fields = Fields("job", data)
        rescan = _kind(fields) == RESCAN
        options = fields.optional_object("options") or {}
        chosen = options.get("solvers") is not None
        return cls(
            job_id=fields.integer("job_id", minimum=1),
            user_id=fields.integer("user_id", minimum=1),
            chunk_key=fields.text("chunk_key", pattern=r"[0-9A-Za-z._+-]+"),
            object_name=fields.optional_text("object_name"),
            frame_count=fields.integer("frame_count", minimum=0),
            total_bytes=fields.integer("total_bytes", minimum=0),
            lease_token=fields.text("lease_token"),
            lease_seconds=fields.number("lease_seconds", above=0),
            heartbeat_seconds=fields.number("heartbeat_seconds", above=0),
            attempt=fields.integer("attempt", minimum=1),
            max_attempts=fields.integer("max_attempts", minimum=1),
            attempt_tag=fields.text("attempt_tag", pattern=r"[0-9A-Za-z-]+"),
            stack=StackedFile.from_json(fields.optional_object("stack")) if rescan else None,
            solvers=Fields("options of the job", options).texts("solvers") if chosen else None,
            may_tell_position=fields.flag("may_tell_position"),
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

    @classmethod
    def from_json(cls, data: object) -> RawFile:
        """Read one row of ``job_files.php``; raises UnexpectedAnswerError naming the field.

        The file name becomes a local name, so one that would leave its folder is refused here.
        """
        fields = Fields("file", data)
        filename = fields.text("filename")
        if not is_safe_filename(filename):
            raise fields.problem("filename", f"{filename!r} cannot be a file's name here")
        return cls(
            file_id=fields.integer("id", minimum=1),
            filename=filename,
            size_bytes=fields.integer("file_size_bytes", minimum=0),
            sha256=fields.text("sha256", pattern=r"[0-9a-f]{64}"),
        )


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What the site says to a sign of life."""

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
            lease_seconds=0.0 if cancelled else fields.number("lease_seconds", above=0),
        )


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the storage, checked after it was written.

    ``path`` is the full remote path with a leading slash, not percent-encoded.
    """

    path: str
    size_bytes: int
    sha256: str

    @classmethod
    def from_json(cls, data: object) -> StoredFile:
        """Read the answer of ``upload_result.php``; raises UnexpectedAnswerError."""
        fields = Fields("stored file", data)
        return cls(
            path=fields.text("path"),
            size_bytes=fields.integer("file_size_bytes", minimum=0),
            sha256=fields.text("sha256", pattern=r"[0-9a-f]{64}"),
        )


@dataclass(frozen=True, slots=True)
class FrameReport:
    """What became of one sub: one row of the stack's FRAMES table.

    Attributes:
        filename: the sub's own file name.
        sha256: of the sub's bytes, lower-case hex.
        date_obs: start of the exposure, UTC, ISO 8601; None when the header has none.
        exptime: seconds.
        n_stars: stars found in the sub.
        fwhm_px: median full width at half maximum of its stars, sub pixels; NaN if unknown.
        sky_adu: median sky level, ADU; NaN if unknown.
        transform: (a, b, c, d, e, f) from sub to stack pixels, 0-based, x' = a x + b y + c,
            y' = d x + e y + f; None if the sub could not be aligned.
        weight: relative weight in the stack; 0 if not used.
        used: whether the sub is part of the stack.
        reason: in words, why it is not, or what is special about it; may be empty.
    """

    filename: str
    sha256: str
    date_obs: str | None
    exptime: float
    n_stars: int
    fwhm_px: float
    sky_adu: float
    transform: tuple[float, float, float, float, float, float] | None
    weight: float
    used: bool
    reason: str

    def to_json(self) -> JsonObject:
        """This report as JSON values; NaN becomes null."""
        return {
            "filename": self.filename,
            "sha256": self.sha256,
            "date_obs": self.date_obs,
            "exptime": _finite(self.exptime),
            "n_stars": self.n_stars,
            "fwhm_px": _finite(self.fwhm_px),
            "sky_adu": _finite(self.sky_adu),
            "transform": None if self.transform is None else list(self.transform),
            "weight": _finite(self.weight),
            "used": self.used,
            "reason": self.reason,
        }

    @classmethod
    def from_json(cls, data: object) -> FrameReport:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("frame report", data)
        return cls(
            filename=fields.text("filename"),
            sha256=fields.text("sha256"),
            date_obs=fields.optional_text("date_obs"),
            exptime=fields.number_or_nan("exptime"),
            n_stars=fields.integer("n_stars", minimum=0),
            fwhm_px=fields.number_or_nan("fwhm_px"),
            sky_adu=fields.number_or_nan("sky_adu"),
            transform=fields.optional_affine("transform"),
            weight=fields.number_or_nan("weight"),
            used=fields.boolean("used"),
            reason=fields.text("reason", empty=True),
        )


@dataclass(frozen=True, slots=True)
class StackResult:
    """A finished stack: where it is and what it is made of.

    Exposure, times and counts are those of the frames that were really combined.

    Attributes:
        total_exptime: seconds.
        date_obs_start: start of the first exposure used, UTC, ISO 8601 without zone.
        date_obs_end: end of the last exposure used, likewise.
        ra_deg, dec_deg: pointing in degrees, None if unknown.
        sigma_clip: rejection threshold in standard deviations, None without rejection.
        frames: one report per input sub, in input order.
        notes: remarks in words for whoever looks at the result.
    """

    output_path: Path
    n_frames_input: int
    n_frames_aligned: int
    total_exptime: float
    date_obs_start: str
    date_obs_end: str
    ra_deg: float | None
    dec_deg: float | None
    n_stars_detected: int | None
    width: int
    height: int
    engine: str
    method: str
    sigma_clip: float | None
    frames: tuple[FrameReport, ...]
    notes: tuple[str, ...]

    @property
    def n_aligned(self) -> int:
        """The worker reference's name for ``n_frames_aligned``."""
        return self.n_frames_aligned

    def to_json(self) -> JsonObject:
        """This result as JSON values."""
        return {
            "output_path": str(self.output_path),
            "n_frames_input": self.n_frames_input,
            "n_frames_aligned": self.n_frames_aligned,
            "total_exptime": self.total_exptime,
            "date_obs_start": self.date_obs_start,
            "date_obs_end": self.date_obs_end,
            "ra_deg": self.ra_deg,
            "dec_deg": self.dec_deg,
            "n_stars_detected": self.n_stars_detected,
            "width": self.width,
            "height": self.height,
            "engine": self.engine,
            "method": self.method,
            "sigma_clip": self.sigma_clip,
            "frames": [frame.to_json() for frame in self.frames],
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, data: object) -> StackResult:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("stack result", data)
        return cls(
            output_path=Path(fields.text("output_path")),
            n_frames_input=fields.integer("n_frames_input", minimum=1),
            n_frames_aligned=fields.integer("n_frames_aligned", minimum=1),
            total_exptime=fields.number("total_exptime"),
            date_obs_start=fields.text("date_obs_start"),
            date_obs_end=fields.text("date_obs_end"),
            ra_deg=fields.optional_number("ra_deg"),
            dec_deg=fields.optional_number("dec_deg"),
            n_stars_detected=fields.optional_integer("n_stars_detected"),
            width=fields.integer("width", minimum=1),
            height=fields.integer("height", minimum=1),
            engine=fields.text("engine"),
            method=fields.text("method"),
            sigma_clip=fields.optional_number("sigma_clip"),
            frames=tuple(FrameReport.from_json(row) for row in fields.array("frames")),
            notes=fields.texts("notes"),
        )


def _kind(fields: Fields) -> str:
    """A job's kind; sites that know only one do not name it."""
    kind = fields.optional_text("kind") or STACK
    if kind not in KINDS:
        raise fields.problem("kind", f"{kind!r} is not a kind of job that this worker knows")
    return kind


def is_safe_filename(name: str) -> bool:
    """Whether ``name`` is one plain path component that stays in the folder it is put in."""
    return (
        bool(name)
        and not name.startswith(".")
        and not any(character in "/\\" or ord(character) < 32 for character in name)
        and len(name.encode("utf-8", "surrogatepass")) <= MAX_FILENAME_BYTES
    )


def _finite(value: float) -> float | None:
    """JSON has no NaN or infinity: they travel as null."""
    return value if abs(value) < float("inf") else None
