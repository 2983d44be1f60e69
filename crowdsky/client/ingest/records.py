"""What an ingest finds and does, as records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from crowdsky.base.json_fields import JsonObject
from crowdsky.client.ingest.sort_out import Reason
from crowdsky.frames.light_frame import LightFrame


@dataclass(frozen=True, slots=True)
class Found:
    """A light frame on the disk, with the SHA-256 of its file and its size in bytes."""

    frame: LightFrame
    sha256: str
    size: int

    @property
    def path(self) -> Path:
        """The file."""
        return self.frame.path


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read or was not taken, and the reason for people."""

    path: str
    why: str

    def to_json(self) -> JsonObject:
        """This problem as JSON values."""
        return {"path": self.path, "why": self.why}


@dataclass(slots=True)
class Report:
    """The numbers of an ingest; sizes are bytes."""

    dry_run: bool
    paths: tuple[Path, ...] = ()
    """Where light frames were expected; none for a watch, which waits for them."""
    frames: int = 0
    """Light frames that were found."""
    left_out: Counter[Reason] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    """Frames that the site had, by their state there."""
    to_send: int = 0
    bytes_to_send: int = 0
    chunks: int = 0
    """Groups of the frames to send that are stacked together."""
    remaining_bytes: int | None = None
    """Room that the account had; None without a limit."""
    sent: int = 0
    bytes_sent: int = 0
    job_ids: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """Files that the site did not take, and folders that could not be read."""
    unsent: int = 0
    """Frames that there was no room for."""

    @property
    def is_empty(self) -> bool:
        """Whether there were no light frames where some were expected."""
        return bool(self.paths) and not self.frames

    @property
    def is_done(self) -> bool:
        """Whether something was found, and all of it is on the site, or would be."""
        return not self.problems and not self.unsent and not self.is_empty

    def to_json(self) -> JsonObject:
        """These numbers as JSON values."""
        return {
            "ok": self.is_done,
            "dry_run": self.dry_run,
            "frames": self.frames,
            "left_out": {reason.name.lower(): n for reason, n in sorted(self.left_out.items())},
            "known": dict(sorted(self.known.items())),
            "to_send": self.to_send,
            "bytes_to_send": self.bytes_to_send,
            "chunks": self.chunks,
            "remaining_bytes": self.remaining_bytes,
            "sent": self.sent,
            "bytes_sent": self.bytes_sent,
            "unsent": self.unsent,
            "job_ids": sorted(set(self.job_ids)),
            "problems": [problem.to_json() for problem in self.problems],
        }
