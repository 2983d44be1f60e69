"""A clock that a test can set, for processes that ask the machine what time it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from worker.demo.services import REPOSITORY

LIBRARIES = (
    *Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"),
    *Path("/usr/lib64/faketime").glob("libfaketimeMT.so.1"),
)


def missing_libraries() -> list[str]:
    """What has to be installed before a SetClock has an effect."""
    return [] if LIBRARIES else ["faketime"]


class SetClock:
    """The time of day of every process that was started with one of its environments.

    Only the time of day jumps, as when a host's clock is corrected: monotonic clocks and the dates
    of files stay true.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)

    def set(self, seconds: int) -> None:
        """Let the clock be wrong by so much from now on, also in processes that run already."""
        fresh = self._file.with_name(self._file.name + ".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.replace(self._file)

    @property
    def for_php(self) -> Mapping[str, str]:
        """The variables that put PHP under this clock: libfaketime before libc."""
        return {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    @property
    def for_python(self) -> Mapping[str, str]:
        """The variables that put Python under this clock: tests/faults/wrong_clock at its start."""
        wrong_clock = REPOSITORY / "tests" / "faults" / "wrong_clock"
        return {"WRONG_CLOCK": str(self._file), "PYTHONPATH": f"{wrong_clock}:{REPOSITORY}"}
