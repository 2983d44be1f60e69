"""Feeds mutated FITS files to the site's reader and to the worker's, and says what became of them.

Each reader is one process that has to answer within seconds for every file; a crash, a hang, an
error without a name or too much memory is a complaint.
"""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from demo.services import REPOSITORY, php_command
from tests.faults.fits_mutants import mutants

MEMORY_BYTES = 256 * 2**20
PATIENCE_SECONDS = 120.0

READERS: dict[str, list[str]] = {
    "site": [*php_command(), str(REPOSITORY / "tests" / "faults" / "read_headers.php")],
    "worker": [sys.executable, "-m", "tests.faults.read_frames", str(MEMORY_BYTES)],
}


@dataclass
class Tally:
    """What one reader did with all the files."""

    verdicts: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    most_bytes: int = 0
    complaints: list[str] = field(default_factory=list)


class Reader:
    """A process that reads one file after the other; a context manager."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def read(self, path: Path) -> dict[str, object] | None:
        """What the reader says about a file; None when it crashed or hangs."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(f"{path}\n".encode())
            stdin.flush()
        except BrokenPipeError:
            return None
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            if not selector.select(PATIENCE_SECONDS):
                return None
        line = stdout.readline()
        answer: dict[str, object] | None = json.loads(line) if line else None
        return answer

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._process:
            self._process.kill()


def read_mutants(reader: str, seed: int, count: int, folder: Path) -> Tally:
    """Let one reader read all mutants; each file is removed unless there is a complaint."""
    tally = Tally()
    files = mutants(seed, count)
    process = Reader(READERS[reader])
    try:
        for number, (name, body) in enumerate(files):
            path = folder / f"{reader}-{seed}-{number}.fit"
            path.write_bytes(body)
            began = time.monotonic()
            answer = process.read(path)
            seconds = time.monotonic() - began
            problem = _note(tally, answer, seconds)
            if problem:
                tally.complaints.append(f"{path.name} ({name}): {problem}")
            else:
                path.unlink()
            if answer is None:
                process.__exit__(None, None, None)
                process = Reader(READERS[reader])
    finally:
        process.__exit__(None, None, None)
    return tally


def _note(tally: Tally, answer: dict[str, object] | None, seconds: float) -> str | None:
    """Count an answer; return what is wrong with it."""
    if answer is None:
        tally.verdicts["crashed or hung"] += 1
        return "no answer"
    verdict, reason, memory = str(answer["verdict"]), str(answer["reason"]), answer["bytes"]
    assert isinstance(memory, int)
    tally.verdicts[verdict] += 1
    tally.slowest_seconds = max(tally.slowest_seconds, seconds)
    tally.most_bytes = max(tally.most_bytes, memory)
    if verdict == "broken":
        return reason
    if verdict == "refused" and not reason:
        return "refused without a reason"
    if memory > MEMORY_BYTES:
        return f"{memory >> 20} MB of memory"
    return None
