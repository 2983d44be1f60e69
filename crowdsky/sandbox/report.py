"""What a task in a child process reports to its parent while it runs.

One JSON object per line on the child's standard output::

    {"progress": {"stage": "register", "done": 3, "total": 12}}
    {"work": "measuring"}
    {"so_far": {...}}
    {"result": {...}}
    {"error": {"kind": "bad_data" | "memory" | "disk" | "other", "message": "..."}}

The last two end the task, and ``child_main`` sends them.
"""

from __future__ import annotations

import json
import time
from typing import IO, Protocol, Self

from crowdsky.base.json_fields import JsonObject

PROGRESS_EVERY_SECONDS = 0.2


class Record(Protocol):
    """What crosses the border between parent and child, in either direction."""

    def to_json(self) -> JsonObject:
        """This record as JSON values."""

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the wrong field."""


class Report:
    """Sends messages to the parent."""

    def __init__(self, channel: IO[bytes]) -> None:
        self._channel = channel
        self._next_progress = 0.0
        self._stage = ""

    def progress(self, stage: str, done: int, total: int) -> None:
        """Report how far the task is; within a stage, at most a few times a second."""
        now = time.monotonic()
        if stage != self._stage or now >= self._next_progress:
            self._stage = stage
            self._next_progress = now + PROGRESS_EVERY_SECONDS
            self.send({"progress": {"stage": stage, "done": done, "total": total}})

    def begin(self, work: str) -> None:
        """Name what the task does from here on, for the texts of errors."""
        self.send({"work": work})

    def so_far(self, result: Record) -> None:
        """Hand over the result as it is now: the parent has it even if this process crashes."""
        self.send({"so_far": result.to_json()})

    def send(self, message: JsonObject) -> None:
        """Send one message."""
        self._channel.write(json.dumps(message).encode() + b"\n")
        self._channel.flush()
