"""Runs of programs with their wall time, processor time and peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

LAUNCHER = """
import json, os, sys, time
began = time.perf_counter()
child = os.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
wall = time.perf_counter() - began
with open(sys.argv[1], "w") as file:
    json.dump([os.waitstatus_to_exitcode(status), wall,
               usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024], file)
"""
"""A child's peak memory is at least that of the process it was forked from, so that it must not be
started by this one, which holds pictures; a bare interpreter has 10 MB."""


class ProgramError(Exception):
    """A program ended with an error, or did not write its picture."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run took: seconds, seconds, MB; peak memory 0 where it was not measured."""

    wall: float
    cpu: float
    peak_mb: float = 0.0


def run_measured(
    command: Sequence[str], output: Path, started_in: Path | None = None
) -> tuple[Usage, str]:
    """Run a program that writes ``output``, in a folder; what it took and what it said.

    Raises ProgramError with the end of what it said.
    """
    with tempfile.TemporaryDirectory(prefix="crowdsky-bench-") as folder:
        figures = Path(folder) / "usage.json"
        launch = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(figures), *command]
        said = subprocess.run(
            launch,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=True,
            cwd=started_in,
        ).stdout
        code, wall, cpu, peak_mb = json.loads(figures.read_text())
    if code != 0 or not output.is_file():
        end = " / ".join(said.strip().splitlines()[-3:])
        raise ProgramError(f"{Path(command[0]).name} ended with {code}: {end}")
    return Usage(wall, cpu, peak_mb), said


class WarmProcess:
    """The native engine in children of a worker's warm start; used as a context manager.

    Of this checkout, or of another one in a folder, with its Python.
    """

    def __init__(self, python: str = sys.executable, checkout: Path | None = None) -> None:
        self._command = [python, "-m", "bench.stack_warm"]
        self._checkout = checkout

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=self._checkout,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()

    def stack(self, paths: Sequence[Path], output: Path) -> Usage:
        """Stack once; raises ProgramError when the process is gone."""
        if self._process.stdin is None or self._process.stdout is None:
            raise ProgramError("the warm process has no pipes")
        task = {
            "frames": [str(path.absolute()) for path in paths],
            "output": str(output.absolute()),
        }
        print(json.dumps(task), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise ProgramError(f"the warm process ended with {self._process.wait()}")
        return Usage(**json.loads(answer))


def available_memory_mb() -> float:
    """Memory that programs could still get, MB; infinite where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except FileNotFoundError:
        return float("inf")
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable"))
