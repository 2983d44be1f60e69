"""Does the suite pass on other days and on other processors? `./dev bench calendar`, in hours.

Days: the whole suite under libfaketime, one, six and eighteen months ahead, from just before the
next 29 February and over the year's end. Processors: the numeric tests as on the oldest one to
OpenBLAS, numpy, glibc and our own loops, and with every set of kernels that OpenBLAS can run here.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bench.processors import Processor, processors
from tests.support.other_days import OtherDay, other_days, start_on
from tests.support.set_clock import missing_libraries

Named = TypeVar("Named", OtherDay, Processor)

NUMERIC = ("tests/unit/bench", "tests/unit/photometry", "tests/unit/solving",
           "tests/unit/stacking", "tests/sky")  # fmt: skip
PYTEST = (sys.executable, "-m", "pytest", "--numprocesses", "auto", "--dist", "loadfile", "-q")
NOT_TWICE = "--ignore=tests/calendar"
"""These start tests on other days themselves."""
SUMMARY = re.compile(rb"^=*\s*(\d+ (?:passed|failed|error).*?)\s*=*$", re.MULTILINE)
FAILURES = re.compile(rb"^(?:FAILED|ERROR) .*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the tests went: exit code, pytest's last line, the failed tests, and the whole output."""

    code: int
    summary: str
    failures: tuple[str, ...]
    output: Path

    def __str__(self) -> str:
        if self.code == 0:
            return self.summary
        lines = [self.summary or f"ended with code {self.code}", *self.failures]
        return "\n    ".join([*lines, f"whole output: {self.output}"])


def main(argv: Sequence[str]) -> int:
    """Run what is chosen and print a line each; 1 when anything failed."""
    parser = argparse.ArgumentParser(prog="bench calendar", description=__doc__)
    parser.add_argument("--only", choices=("days", "processors"))
    parser.add_argument("--name", help="only the day or processor with this in its name")
    parser.add_argument("tests", nargs="*", help="these tests instead of the whole suite")
    options = parser.parse_args(argv)
    # What was started is stopped also when this is told to stop, in the background too, where a
    # shell lets its children ignore SIGINT.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    failed = 0
    folder = Path(tempfile.mkdtemp(prefix="crowdsky-calendar-"))
    if options.only != "processors":
        if missing := missing_libraries():
            sys.exit(f"{', '.join(missing)} is not installed; ./dev test installs it")
        for day in _named(other_days(datetime.now(UTC)), options.name):
            failed += _report(day.name, run_on_day(day, options.tests, folder))
    if options.only != "days":
        for processor in _named(processors(), options.name):
            tests = options.tests or NUMERIC
            failed += _report(processor.name, run_on_processor(processor, tests, folder))
    return int(failed > 0)


def run_on_day(day: OtherDay, tests: Sequence[str], folder: Path) -> Outcome:
    """Run tests, the whole suite if none are named, on another day."""
    output = folder / f"{_file_name(day.name)}.log"
    process = start_on(day, [*PYTEST, NOT_TWICE, *tests], folder, output)
    return _outcome(process, output)


def run_on_processor(processor: Processor, tests: Sequence[str], folder: Path) -> Outcome:
    """Run tests as on another processor."""
    output = folder / f"{_file_name(processor.name)}.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [*PYTEST, *tests],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **processor.variables},
        )
    return _outcome(process, output)


def _outcome(process: subprocess.Popen[bytes], output: Path) -> Outcome:
    with _ended(process):
        code = process.wait()
    text = output.read_bytes()
    found = SUMMARY.findall(text)
    failures = tuple(line.decode("utf-8", "replace") for line in FAILURES.findall(text))
    return Outcome(code, found[-1].decode() if found else "", failures, output)


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Leave nothing running: pytest stops its servers when it is told to."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait()


def _report(name: str, outcome: Outcome) -> bool:
    print(f"{name}: {outcome}", flush=True)
    return outcome.code != 0


def _named(things: Iterable[Named], name: str | None) -> Iterator[Named]:
    return (thing for thing in things if name is None or name.lower() in thing.name.lower())


def _file_name(name: str) -> str:
    return re.sub(r"\W+", "-", name)
