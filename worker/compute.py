"""The child process of one job: stacks, makes the thumbnail, and says so in JSON lines.

Started by ``sandbox.py`` as ``python -m worker.compute``. The first line on standard input is the
task; standard output carries messages, one JSON object a line::

    {"progress": {"stage": "register", "done": 3, "total": 12}}
    {"result": {"stack": {...}, "thumbnail": "/path.png" or null, "notes": [...]}}
    {"error": {"kind": "bad_data" | "memory" | "disk" | "other", "message": "..."}}

Untrusted files are opened only here, under limits, without the worker's secrets. Standard input
stays open as long as the parent lives: at its end this process ends too, so that no child goes on
after its parent was killed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import resource
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from worker.errors import BadDataError, CrowdSkyError
from worker.models import StackResult
from worker.terminal import private_stdout

log = logging.getLogger(__name__)

LARGEST_FILE_BYTES = 8 * 2**30
PROGRESS_EVERY_SECONDS = 0.2
ORPHANED_EXIT_CODE = 3

OOM_SCORE = "500"
"""When memory runs out, the system should kill this process and not the worker or the database."""


@dataclass(frozen=True, slots=True)
class ComputeTask:
    """What one child has to do and how much it may take."""

    frames: tuple[str, ...]
    stack_path: str
    thumbnail_path: str
    engine: str
    job_label: str
    memory_mb: int
    cpu_seconds: int

    def to_line(self) -> bytes:
        """This task as one JSON line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> ComputeTask:
        """Read what ``to_line`` wrote."""
        data = json.loads(line)
        return cls(**{**data, "frames": tuple(data["frames"])})


@dataclass(frozen=True, slots=True)
class ComputeResult:
    """What the child made; ``thumbnail`` is None if none could be made (a note says why)."""

    stack: StackResult
    thumbnail: Path | None
    notes: tuple[str, ...]


def run_task(task: ComputeTask, send: _Sender) -> ComputeResult:
    """Stack the frames and make the thumbnail; a failed thumbnail is a note, not a failure."""
    # The engines take seconds to import; the limits have to hold by then.
    from worker.stacking_adapter import stack_files
    from worker.thumbnail import generate_thumbnail

    stack = stack_files(
        [Path(frame) for frame in task.frames],
        Path(task.stack_path),
        engine=task.engine,
        job_label=task.job_label,
        progress=send.progress,
    )
    send.progress("thumbnail", 0, 1)
    try:
        thumbnail = generate_thumbnail(stack.output_path, Path(task.thumbnail_path))
    except (CrowdSkyError, OSError, ValueError, MemoryError) as error:
        note = f"no thumbnail could be made: {error or type(error).__name__}"
        return ComputeResult(stack, None, (*stack.notes, note))
    return ComputeResult(stack, thumbnail, stack.notes)


class _Sender:
    """Writes messages to the parent; progress at most a few times a second."""

    def __init__(self, channel: IO[bytes]) -> None:
        self._channel = channel
        self._next_progress = 0.0
        self._stage = ""

    def progress(self, stage: str, done: int, total: int) -> None:
        """Say how far the work is."""
        now = time.monotonic()
        if stage != self._stage or now >= self._next_progress:
            self._stage = stage
            self._next_progress = now + PROGRESS_EVERY_SECONDS
            self.send({"progress": {"stage": stage, "done": done, "total": total}})

    def send(self, message: dict[str, Any]) -> None:
        """Send one message."""
        self._channel.write(json.dumps(message).encode() + b"\n")
        self._channel.flush()


def main() -> int:
    """Do the task on standard input and return the exit code."""
    sender = _Sender(private_stdout())
    task = ComputeTask.from_line(sys.stdin.buffer.readline())
    _limit_resources(task)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        result = run_task(task, sender)
    except BadDataError as error:
        return _report(sender, "bad_data", str(error))
    except CrowdSkyError as error:
        return _report(sender, "other", str(error))
    except MemoryError:
        return _report(sender, "memory", "")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        return _report(sender, "disk", str(error))
    sender.send(
        {
            "result": {
                "stack": result.stack.to_json(),
                "thumbnail": None if result.thumbnail is None else str(result.thumbnail),
                "notes": list(result.notes),
            }
        }
    )
    return 0


def _report(sender: _Sender, kind: str, message: str) -> int:
    sender.send({"error": {"kind": kind, "message": message}})
    return 0


def _limit_resources(task: ComputeTask) -> None:
    """Take limits on memory, processor time and file size for this process and its threads.

    RLIMIT_DATA counts memory that can be written, however it was allocated. RLIMIT_AS would also
    count address space that numba and BLAS reserve for their threads and never touch.
    """
    memory = task.memory_mb * 2**20
    for limit, value in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_CPU, task.cpu_seconds),
        (resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (ceiling, ceiling))
    with contextlib.suppress(OSError):  # only Linux has it
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE, encoding="ascii")


def _end_with_parent() -> None:
    """Wait for the end of standard input, which is the end of the parent."""
    os.read(0, 1)
    os._exit(ORPHANED_EXIT_CODE)


if __name__ == "__main__":
    sys.exit(main())
