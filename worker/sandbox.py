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
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import worker
from worker.compute import ComputeResult, ComputeTask
from worker.errors import (
    BadDataError,
    ComputeError,
    CrowdSkyError,
    DiskFullError,
    UnexpectedAnswerError,
)
from worker.models import StackResult

log = logging.getLogger(__name__)

CHILD = ("-m", "worker.compute")

LOOK_SECONDS = 0.25
"""How often the parent looks whether the job is still wanted."""

ENDING_SECONDS = 10.0
"""A child that has said its last word gets this long to exit."""

SECRETS = ("WORKER_API_KEY", "UCLOUD_SHARE_TOKEN")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
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
    frames: list[Path],
    folder: Path,
    *,
    engine: str,
    job_label: str,
    limits: Limits,
    cache_dir: Path,
    on_progress: Callable[[Progress], None],
    check: Callable[[], None],
) -> ComputeResult:
    """Stack ``frames`` in a child process that works in ``folder``.

    Args:
        cache_dir: where compiled kernels are kept from one child to the next.
        check: called several times a second; may raise to end the child.

    Raises:
        BadDataError: the frames can never give a stack.
        ComputeError: the child crashed, took too long or too much.
        DiskFullError: the scratch folder is full.
    """
    task = ComputeTask(
        frames=tuple(str(frame) for frame in frames),
        stack_path=str(folder / "stack.fits"),
        thumbnail_path=str(folder / "thumbnail.png"),
        engine=engine,
        job_label=job_label,
        memory_mb=limits.memory_mb,
        cpu_seconds=int(limits.seconds * limits.threads) + 60,
    )
    complaints = folder / "compute.log"
    environment = _environment(folder, cache_dir, limits.threads)
    answer: ComputeResult | CrowdSkyError | None = None
    with _child(task, folder, complaints, environment) as process:
        for message in _messages(process, limits.seconds, check):
            if "progress" in message:
                step = message["progress"]
                on_progress(Progress(step["stage"], step["done"], step["total"]))
            elif "result" in message:
                answer = _result(message["result"])
            else:
                answer = _error(message["error"], limits)
        code = _wait(process)
    if answer is None:
        raise _untold_end(code, complaints, limits)
    if isinstance(answer, CrowdSkyError):
        raise answer
    return answer


@contextmanager
def _child(
    task: ComputeTask, folder: Path, complaints: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the child with its task; at the end it and all it started are killed."""
    with (
        complaints.open("wb") as log_file,
        subprocess.Popen(
            [sys.executable, *CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log_file,
            cwd=folder,
            env=environment,
            start_new_session=True,
        ) as process,
    ):
        try:
            stdin = cast(IO[bytes], process.stdin)
            stdin.write(task.to_line())
            stdin.flush()
            yield process
        except BrokenPipeError as error:
            raise ComputeError(
                "stacking ended before it began", why=_last_line(complaints)
            ) from error
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _messages(
    process: subprocess.Popen[bytes], seconds: float, check: Callable[[], None]
) -> Iterator[dict[str, Any]]:
    """Yield the child's messages until it closes its end."""
    stdout = cast(IO[bytes], process.stdout)
    end = time.monotonic() + seconds
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        while True:
            check()
            if time.monotonic() > end:
                raise ComputeError(
                    "stacking was stopped",
                    why=f"it took longer than JOB_TIMEOUT ({seconds:.0f} s)",
                )
            if not selector.select(LOOK_SECONDS):
                continue
            block = os.read(stdout.fileno(), 65536)
            if not block:
                return
            *lines, pending = (pending + block).split(b"\n")
            if len(pending) > LARGEST_LINE_BYTES:
                raise ComputeError("stacking was stopped", why="its messages have no end")
            for line in lines:
                yield json.loads(line)


def _wait(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        log.warning("the computing process did not end by itself and is killed")
        return -signal.SIGKILL


def _result(data: dict[str, Any]) -> ComputeResult:
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


def _error(data: dict[str, Any], limits: Limits) -> CrowdSkyError:
    """The error that the child named."""
    match data["kind"]:
        case "bad_data":
            return BadDataError(data["message"])
        case "memory":
            return _out_of_memory(limits)
        case "disk":
            return DiskFullError("could not write to the scratch folder", why=data["message"])
        case _:
            return ComputeError(data["message"])


def _untold_end(code: int, complaints: Path, limits: Limits) -> ComputeError:
    """The child ended without a word: say what its exit code means."""
    if code == -signal.SIGKILL:
        return ComputeError(
            "stacking was killed by the system",
            why="most likely the machine's memory ran out",
            hint="lower MAX_WORKERS or JOB_MEMORY_MB",
        )
    if code == -signal.SIGXCPU:
        return ComputeError("stacking was stopped", why="it used too much processor time")
    last = _last_line(complaints)
    if "MemoryError" in last or "Insufficient memory" in last or "out of memory" in last.lower():
        return _out_of_memory(limits)
    if code < 0:
        return ComputeError("stacking crashed", why=f"{signal.Signals(-code).name} {last}".strip())
    return ComputeError("stacking failed", why=last or f"it ended with code {code}")


def _out_of_memory(limits: Limits) -> ComputeError:
    return ComputeError(
        "stacking ran out of memory",
        why=f"a job may take {limits.memory_mb} MB",
        hint="raise JOB_MEMORY_MB, or stack on a machine with more memory",
    )


def _last_line(complaints: Path) -> str:
    """The last line that the child wrote to standard error: of a traceback, its message."""
    text = complaints.read_text("utf-8", "replace").strip()
    return text.splitlines()[-1].strip()[:300] if text else ""


def _environment(folder: Path, cache_dir: Path, threads: int) -> dict[str, str]:
    """The child's environment: ours without the secrets, scratch in the job's folder."""
    environment = {name: value for name, value in os.environ.items() if name not in SECRETS}
    environment.update({name: str(threads) for name in THREAD_VARIABLES})
    environment["TMPDIR"] = str(folder)
    environment["PYTHONPATH"] = str(Path(worker.__file__).resolve().parents[1])
    environment.setdefault("NUMBA_CACHE_DIR", str(cache_dir))
    return environment
