"""The child process of one job: stacks, measures, draws, and says so in JSON lines.

A new program, ``python -m crowdsky.sandbox.task``, or forked by ``fork_server.py``, which makes no
difference here. The first line on standard input is the task; standard output carries messages,
one JSON object a line::

    {"progress": {"stage": "register", "done": 3, "total": 12}}
    {"stacked": {"stack": {...}, "thumbnail": "/path.png" or null, "notes": [...]}}
    {"measured": {...}}
    {"error": {"kind": "bad_data" | "memory" | "disk" | "other", "message": "..."}}

The stack is announced before it is measured: whatever happens then, it is not lost.

Untrusted files are opened only here, under limits, without the worker's secrets; the key of a nova
server comes with the task. Standard input stays open as long as the parent lives: at its end this
process ends too, so that no child goes on after its parent was killed.
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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from crowdsky.base.attempts import Attempts
from crowdsky.base.errors import BadDataError, CrowdSkyError
from crowdsky.base.memory import rare_collection
from crowdsky.base.terminal import private_stdout
from crowdsky.measuring.measured import Measured
from crowdsky.measuring.recipe import Recipe
from crowdsky.stacking.records import StackResult

log = logging.getLogger(__name__)

LARGEST_FILE_BYTES = 8 * 2**30
PROGRESS_EVERY_SECONDS = 0.2
ORPHANED_EXIT_CODE = 3

OOM_SCORE = "500"


@dataclass(frozen=True, slots=True)
class ComputeTask:
    """What one child has to do.

    Attributes:
        frames: the subs to stack; None for a stack that is in the folder already and is only
            measured again.
        folder: where the results go.
        engine: name of the stacking engine.
        job_label: job and chunk for the stack's header.
        recipe: with what to measure.
    """

    frames: tuple[Path, ...] | None
    folder: Path
    engine: str
    job_label: str
    recipe: Recipe

    @property
    def stack_path(self) -> Path:
        """Where the stack is, or will be."""
        return stack_path(self.folder)

    def to_json(self) -> dict[str, Any]:
        """This task as JSON values."""
        return {
            "frames": None if self.frames is None else [str(frame) for frame in self.frames],
            "folder": str(self.folder),
            "engine": self.engine,
            "job_label": self.job_label,
            "recipe": self.recipe.to_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ComputeTask:
        """Read what ``to_json`` wrote."""
        frames = data["frames"]
        return cls(
            frames=None if frames is None else tuple(Path(frame) for frame in frames),
            folder=Path(data["folder"]),
            engine=data["engine"],
            job_label=data["job_label"],
            recipe=Recipe.from_json(data["recipe"]),
        )


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much memory and processor time a child may take."""

    memory_mb: int
    cpu_seconds: int


@dataclass(frozen=True, slots=True)
class ComputeResult:
    """What the child made.

    Attributes:
        thumbnail: None if none could be made (a note says why).
        measured: None if measuring crashed or took too much; ``trouble`` says what happened.
        notes: of the stack and the thumbnail.
    """

    stack: StackResult
    thumbnail: Path | None
    notes: tuple[str, ...]
    measured: Measured | None = None
    trouble: CrowdSkyError | None = None


def stack_path(folder: Path) -> Path:
    """Where a job's stack is in its folder."""
    return folder / "stack.fits"


def run_task(task: ComputeTask, send: Sender) -> None:
    """Stack, make the thumbnail, and measure; each result is sent as soon as it is there."""
    stack = _stack(task, send) if task.frames is not None else _summarise(task.stack_path)
    thumbnail, notes = _thumbnail(task, send)
    send.send(
        {
            "stacked": {
                "stack": stack.to_json(),
                "thumbnail": None if thumbnail is None else str(thumbnail),
                "notes": [*stack.notes, *notes],
            }
        }
    )
    send.send({"measured": _measure(task, send).to_json()})


# The parts below take seconds to import; the limits have to hold by then.


def _stack(task: ComputeTask, send: Sender) -> StackResult:
    from crowdsky.stacking.stack_files import stack_files

    return stack_files(
        task.frames or (),
        task.stack_path,
        engine=task.engine,
        job_label=task.job_label,
        progress=send.progress,
    )


def _summarise(path: Path) -> StackResult:
    from crowdsky.stacking.product.read_result import read_result

    return read_result(path)


def _thumbnail(task: ComputeTask, send: Sender) -> tuple[Path | None, tuple[str, ...]]:
    """Make the thumbnail; a failed one is a note, not a failure."""
    from crowdsky.pictures.thumbnail import generate_thumbnail

    send.progress("thumbnail", 0, 1)
    attempt, path = Attempts(), task.folder / "thumbnail.png"
    picture = attempt("thumbnail", lambda: generate_thumbnail(task.stack_path, path))
    return picture, tuple(attempt.notes)


def _measure(task: ComputeTask, send: Sender) -> Measured:
    """Solve and measure the stack, draw the overlay and write the star file."""
    from crowdsky.measuring import measure_stack as measuring
    from crowdsky.measuring.instruments import open_instruments

    instruments = open_instruments(task.recipe)
    if task.frames is None and not instruments.solvers:
        raise measuring.NoSolverError(
            "none of the chosen solvers can be used here", why="; ".join(instruments.remarks)
        )
    timeout = task.recipe.solve_timeout
    measurement = measuring.measure_file(task.stack_path, instruments, timeout, send.progress)
    measured = measuring.describe(measurement, instruments)
    send.progress("overlay", 0, 1)
    attempt, folder = Attempts(), task.folder
    stars = attempt(
        "star file",
        lambda: measuring.write_star_file(measurement, folder / measuring.STARS_NAME),
    )
    overlay = attempt(
        "overlay",
        lambda: measuring.draw_measurement(
            task.stack_path, measurement, instruments, folder / measuring.OVERLAY_NAME
        ),
    )
    notes = (*measured.notes, *attempt.notes)
    return replace(measured, overlay=overlay, stars=stars, notes=notes)


class Sender:
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
    sender = Sender(private_stdout())
    order = json.loads(sys.stdin.buffer.readline())
    _limit_resources(Allowance(**order["allowance"]))
    offer_to_system()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with rare_collection():
            run_task(ComputeTask.from_json(order["task"]), sender)
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
    return 0


def _report(sender: Sender, kind: str, message: str) -> int:
    sender.send({"error": {"kind": kind, "message": message}})
    return 0


def _limit_resources(allowance: Allowance) -> None:
    """Take limits on memory, processor time and file size for this process and its threads.

    RLIMIT_DATA counts memory that can be written, however it was allocated. RLIMIT_AS would also
    count address space that numba and BLAS reserve for their threads and never touch.
    """
    memory = allowance.memory_mb * 2**20
    for limit, value in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_CPU, allowance.cpu_seconds),
        (resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (ceiling, ceiling))


def offer_to_system() -> None:
    """Be the first to go when the machine's memory runs out, not the worker or the database."""
    with contextlib.suppress(OSError):  # only Linux has it
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE, encoding="ascii")


def _end_with_parent() -> None:
    """Wait for the end of standard input, which is the end of the parent."""
    os.read(0, 1)
    os._exit(ORPHANED_EXIT_CODE)


if __name__ == "__main__":
    sys.exit(main())
