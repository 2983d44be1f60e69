"""``run_task``: runs one task in a child process with limits, and returns how it ended.

Whatever happens in the child (a crash in native code, a FITS bomb, an out-of-memory kill, an
endless loop), the parent lives on and gets either a result or one error with the reason.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeAlias

from crowdsky.base.errors import ComputeError, CrowdSkyError, UnexpectedAnswerError
from crowdsky.base.json_fields import JsonObject
from crowdsky.sandbox.child import Child, ColdChild, child_environment
from crowdsky.sandbox.child_main import Order
from crowdsky.sandbox.endings import last_line, out_of_time, reported_error, unreported_end
from crowdsky.sandbox.limits import Limits
from crowdsky.sandbox.task import Arguments, Result, Task, TaskFunction
from crowdsky.sandbox.warm_start import WarmStart

log = logging.getLogger(__name__)

STDERR_NAME = "compute.log"
"""File in the task's folder for what the child writes to standard output and error."""

LOOK_SECONDS = 0.25
"""Seconds between two looks whether the task is still wanted."""

ENDING_SECONDS = 10.0
"""Seconds that a child gets to exit after its last message."""

LARGEST_MESSAGE_BYTES = 16 * 2**20


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


@dataclass(frozen=True, slots=True)
class Done(Generic[Result]):
    """The task came to its end."""

    result: Result

    def get(self) -> Result:
        """The result."""
        return self.result


@dataclass(frozen=True, slots=True)
class Failed(Generic[Result]):
    """The task gave no result.

    Attributes:
        error: BadDataError if its input can never give one, DiskFullError if there was no room in
            the folder, else ComputeError: it crashed, took too long or too much.
        so_far: the last result that it handed over before it was complete, if any.
    """

    error: CrowdSkyError
    so_far: Result | None

    def get(self) -> Result:
        """Raise the error."""
        raise self.error


Ended: TypeAlias = Done[Result] | Failed[Result]


def run_task(
    task: Task[Arguments, Result],
    *,
    folder: Path,
    limits: Limits,
    on_progress: Callable[[Progress], None],
    check: Callable[[], None],
    warm: WarmStart | None = None,
) -> Ended[Result]:
    """Run a task in a child process and wait for its end.

    Args:
        folder: the child's current folder, where its temporary files belong, too.
        check: called several times a second; may raise to end the child.
        warm: gives a child that has everything loaded; without one, the child is a new program.

    Raises:
        OSError: the folder cannot be written.
        Exception: what ``check`` or ``on_progress`` raises.
    """
    stderr = folder / STDERR_NAME
    dialogue = _Dialogue(task.function, limits, on_progress)
    try:
        with closing(_start(task, folder, stderr, limits, check, warm)) as child:
            _send_order(child, task, limits, stderr)
            for message in _messages(child, limits, check):
                dialogue.hear(message)
            code = _wait(child)
    except ComputeError as error:
        return Failed(error, dialogue.so_far)
    return dialogue.ended or Failed(
        unreported_end(code, _text(stderr), dialogue.work, limits), dialogue.so_far
    )


class _Dialogue(Generic[Result]):
    """What the child has said until now.

    Attributes:
        work: what it does.
        so_far: the last result that it handed over before it was complete.
        ended: its last word, if there is one.
    """

    def __init__(
        self,
        function: TaskFunction[Arguments, Result],
        limits: Limits,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self.work = function.work
        self.so_far: Result | None = None
        self.ended: Ended[Result] | None = None
        self._gives = function.gives
        self._limits = limits
        self._on_progress = on_progress

    def hear(self, message: object) -> None:
        """Take in one message; raises ComputeError for one that makes no sense."""
        match message:
            case {"progress": {"stage": str(stage), "done": int(done), "total": int(total)}}:
                self._on_progress(Progress(stage, done, total))
            case {"work": str(work)}:
                self.work = work
            case {"so_far": result}:
                self.so_far = self._read(result)
            case {"result": result}:
                self.ended = Done(self._read(result))
            case {"error": {"kind": str(kind), "message": str(text)}}:
                error = reported_error(kind, text, self.work, self._limits)
                self.ended = Failed(error, self.so_far)
            case _:
                raise ComputeError(f"{self.work} was stopped", why="its messages make no sense")

    def _read(self, result: object) -> Result:
        try:
            return self._gives.from_json(result)
        except UnexpectedAnswerError as error:
            # Not a matter of the network: trying again would give the same.
            raise ComputeError(f"{self.work} gave no valid result", why=str(error)) from error


def _start(
    task: Task[Arguments, Result],
    folder: Path,
    stderr: Path,
    limits: Limits,
    check: Callable[[], None],
    warm: WarmStart | None,
) -> Child:
    """Start a warm child where that can be had, else a cold one."""
    reference = task.function.reference
    with stderr.open("wb") as stderr_file:
        if warm is not None:
            warm_child = warm.start(reference, folder, stderr_file, check)
            if warm_child is not None:
                return warm_child
        environment = child_environment(limits.threads)
        return ColdChild.start(reference, folder, stderr_file, environment)


def _send_order(child: Child, task: Task[Arguments, Result], limits: Limits, stderr: Path) -> None:
    order = Order(limits.allowance, task.arguments.to_json())
    try:
        child.stdin.write(json.dumps(order.to_json()).encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError as error:
        raise ComputeError(
            "computing ended before it began", why=last_line(_text(stderr))
        ) from error


def _messages(child: Child, limits: Limits, check: Callable[[], None]) -> Iterator[JsonObject]:
    """Yield the child's messages until it closes its end."""
    end = time.monotonic() + limits.seconds
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            check()
            if time.monotonic() > end:
                raise out_of_time(limits)
            if not selector.select(LOOK_SECONDS):
                continue
            block = os.read(child.stdout.fileno(), 65536)
            if not block:
                return
            *lines, pending = (pending + block).split(b"\n")
            if len(pending) > LARGEST_MESSAGE_BYTES:
                raise ComputeError("computing was stopped", why="its messages have no end")
            for line in lines:
                yield _parsed(line)


def _parsed(line: bytes) -> JsonObject:
    try:
        message: JsonObject = json.loads(line)
    except ValueError as error:
        raise ComputeError("computing was stopped", why="its messages are not JSON") from error
    return message


def _wait(child: Child) -> int | None:
    try:
        return child.wait(ENDING_SECONDS)
    except TimeoutError:
        log.warning("the computing process did not end by itself and is killed")
        return -signal.SIGKILL


def _text(stderr: Path) -> str:
    return stderr.read_text("utf-8", "replace")
