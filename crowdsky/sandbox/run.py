"""Runs one job's computing in a child process with limits, and turns its end into one answer.

Whatever happens in there (a crash in native code, a FITS bomb, an out-of-memory kill, an endless
loop), the worker lives on and gets either a result or one error with the reason.
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from crowdsky.base.errors import (
    BadDataError,
    ComputeError,
    CrowdSkyError,
    DiskFullError,
    UnexpectedAnswerError,
)
from crowdsky.measuring.measured import Measured
from crowdsky.sandbox.child import Child, ColdChild, child_environment, last_line
from crowdsky.sandbox.task import Allowance, ComputeResult, ComputeTask
from crowdsky.sandbox.warm_start import WarmStart
from crowdsky.stacking.records import StackResult

log = logging.getLogger(__name__)

CHILD = ("-m", "crowdsky.sandbox.task")

LOOK_SECONDS = 0.25
"""How often the parent looks whether the job is still wanted."""

ENDING_SECONDS = 10.0
"""A child that has said its last word gets this long to exit."""

LARGEST_LINE_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may take."""

    memory_mb: int
    seconds: float
    threads: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the child is: the name of its step and how much of it is done."""

    step: str
    done: int
    total: int

    @property
    def part(self) -> float:
        """Within 0..1."""
        return min(1.0, self.done / self.total) if self.total > 0 else 0.0


def compute(
    task: ComputeTask,
    *,
    limits: Limits,
    cache_dir: Path,
    on_progress: Callable[[Progress], None],
    check: Callable[[], None],
    warm: WarmStart | None = None,
) -> ComputeResult:
    """Do ``task`` in a child process that works in the task's folder.

    A child that ends while it measures has still given a stack: the result says what happened.

    Args:
        cache_dir: where compiled kernels are kept from one child to the next.
        check: called several times a second; may raise to end the child.
        warm: gives a child that has everything loaded; without one, the child is a new program.

    Raises:
        BadDataError: the frames can never give a stack.
        ComputeError: the child crashed, took too long or too much.
        DiskFullError: the scratch folder is full.
    """
    allowance = Allowance(limits.memory_mb, int(limits.seconds * limits.threads) + 60)
    complaints = task.folder / "compute.log"
    result: ComputeResult | None = None
    trouble: CrowdSkyError | None = None
    try:
        with complaints.open("wb") as log_file:
            child: Child | None = None
            if warm is not None:
                child = warm.start(task.folder, log_file, check)
            if child is None:
                environment = child_environment(cache_dir, limits.threads)
                child = ColdChild.start(CHILD, task.folder, log_file, environment)
        with closing(child):
            _send_order(child, task, allowance, complaints)
            for message in _messages(child, limits.seconds, check):
                if "progress" in message:
                    step = message["progress"]
                    on_progress(Progress(step["stage"], step["done"], step["total"]))
                elif "stacked" in message:
                    result = _stacked(message["stacked"])
                elif "measured" in message and result is not None:
                    result = replace(result, measured=_measured(message["measured"]))
                else:
                    trouble = _error(message["error"], _work(result), limits)
            code = _wait(child)
        if trouble is None and (result is None or result.measured is None):
            trouble = _untold_end(code, complaints, _work(result), limits)
    except ComputeError as error:
        trouble = error
    if result is not None:
        return replace(result, trouble=trouble)
    assert trouble is not None  # noqa: S101 - without a result there is always a reason
    raise trouble


def _send_order(child: Child, task: ComputeTask, allowance: Allowance, complaints: Path) -> None:
    order = {"allowance": asdict(allowance), "task": task.to_json()}
    try:
        child.stdin.write(json.dumps(order).encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError as error:
        raise ComputeError("computing ended before it began", why=_last_line(complaints)) from error


def _messages(child: Child, seconds: float, check: Callable[[], None]) -> Iterator[dict[str, Any]]:
    """Yield the child's messages until it closes its end."""
    end = time.monotonic() + seconds
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            check()
            if time.monotonic() > end:
                raise ComputeError(
                    "computing was stopped",
                    why=f"it took longer than JOB_TIMEOUT ({seconds:.0f} s)",
                )
            if not selector.select(LOOK_SECONDS):
                continue
            block = os.read(child.stdout.fileno(), 65536)
            if not block:
                return
            *lines, pending = (pending + block).split(b"\n")
            if len(pending) > LARGEST_LINE_BYTES:
                raise ComputeError("computing was stopped", why="its messages have no end")
            for line in lines:
                yield json.loads(line)


def _wait(child: Child) -> int | None:
    try:
        return child.wait(ENDING_SECONDS)
    except TimeoutError:
        log.warning("the computing process did not end by itself and is killed")
        return -signal.SIGKILL


def _stacked(data: dict[str, Any]) -> ComputeResult:
    thumbnail = data["thumbnail"]
    try:
        stack = StackResult.from_json(data["stack"])
    except UnexpectedAnswerError as error:
        # Not a matter of the network: trying again would give the same.
        raise ComputeError("stacking gave no valid result", why=str(error)) from error
    return ComputeResult(
        stack=stack,
        thumbnail=None if thumbnail is None else Path(thumbnail),
        notes=tuple(data["notes"]),
    )


def _measured(data: dict[str, Any]) -> Measured:
    try:
        return Measured.from_json(data)
    except UnexpectedAnswerError as error:
        raise ComputeError("measuring gave no valid result", why=str(error)) from error


def _work(result: ComputeResult | None) -> str:
    """What the child is doing, in a word."""
    return "stacking" if result is None else "measuring"


def _error(data: dict[str, Any], work: str, limits: Limits) -> CrowdSkyError:
    """The error that the child named."""
    match data["kind"]:
        case "bad_data":
            return BadDataError(data["message"])
        case "memory":
            return _out_of_memory(work, limits)
        case "disk":
            return DiskFullError("could not write to the scratch folder", why=data["message"])
        case _:
            return ComputeError(data["message"])


def _untold_end(code: int | None, complaints: Path, work: str, limits: Limits) -> ComputeError:
    """The child ended without a word: say what its exit code means."""
    if code == -signal.SIGKILL:
        return ComputeError(
            f"{work} was killed by the system",
            why="most likely the machine's memory ran out",
            hint="lower MAX_WORKERS or JOB_MEMORY_MB",
        )
    if code == -signal.SIGXCPU:
        return ComputeError(f"{work} was stopped", why="it used too much processor time")
    last = _last_line(complaints)
    if "MemoryError" in last or "Insufficient memory" in last or "out of memory" in last.lower():
        return _out_of_memory(work, limits)
    if code is None:
        return ComputeError(f"{work} failed", why=last or "and so did the process that started it")
    if code < 0:
        return ComputeError(f"{work} crashed", why=f"{signal.Signals(-code).name} {last}".strip())
    return ComputeError(f"{work} failed", why=last or f"it ended with code {code}")


def _out_of_memory(work: str, limits: Limits) -> ComputeError:
    return ComputeError(
        f"{work} ran out of memory",
        why=f"a job may take {limits.memory_mb} MB",
        hint="raise JOB_MEMORY_MB, or stack on a machine with more memory",
    )


def _last_line(complaints: Path) -> str:
    return last_line(complaints.read_text("utf-8", "replace"))
