"""A clock that a test can set, for processes that ask the machine what time it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from crowdsky.base.python_path import python_path

LIBRARIES = (
    *Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"),
    *Path("/usr/lib64/faketime").glob("libfaketimeMT.so.1"),
)
PYTHON_CLOCK = Path(__file__).with_name("python_clock")
VARIABLE = "FAKETIME_TIMESTAMP_FILE"
PHP_CLOCK = Path(__file__).with_name("php_clock")
SETTINGS = {
    "FAKETIME_NO_CACHE": "1",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    # Else each wait for a condition ends at once, and Python's threads take ten times as long.
    "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    "NO_FAKE_STAT": "1",
    "CROWDSKY_PHP_CLOCK": str(PHP_CLOCK),
    "PHP_INI_SCAN_DIR": f":{PHP_CLOCK}",
}
VARIABLES = ("LD_PRELOAD", VARIABLE, *SETTINGS)
"""What a process must inherit to live by the clock of its parent."""


def without_set_clock() -> dict[str, str]:
    """The environment of a program that cannot live by another clock than the machine's."""
    return {name: value for name, value in os.environ.items() if name not in VARIABLES}


def missing_libraries() -> list[str]:
    """What has to be installed before a SetClock has an effect."""
    return [] if LIBRARIES else ["faketime"]


class SetClock:
    """The time of day of every process that was started with one of its environments.

    Only the time of day jumps, as when a host's clock is corrected: monotonic clocks and the dates
    of files stay true. Where this process lives on another day itself, the clocks it sets are
    wrong by so much more.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._for_python = file.with_name(file.name + ".python")
        self.set(0)

    def set(self, seconds: int) -> None:
        """Let the clock be wrong by so much from now on, also in processes that run already."""
        _replace(self._file, _seconds_of_this_process() + seconds)
        _replace(self._for_python, seconds)

    @property
    def for_php(self) -> Mapping[str, str]:
        """The variables that put PHP under this clock: libfaketime before libc."""
        return {"LD_PRELOAD": str(LIBRARIES[0]), VARIABLE: str(self._file), **SETTINGS}

    @property
    def for_python(self) -> Mapping[str, str]:
        """The variables that put Python under this clock, which inherits that of its parent."""
        return {"WRONG_CLOCK": str(self._for_python), **python_path(PYTHON_CLOCK)}

    @property
    def for_everything(self) -> Mapping[str, str]:
        """The variables that put a program and all that it starts under this clock."""
        return {**self.for_php, **python_path(PYTHON_CLOCK)}


def _replace(file: Path, seconds: int) -> None:
    fresh = file.with_name(file.name + ".new")
    fresh.write_text(f"{seconds:+d}\n")
    fresh.replace(file)


def _seconds_of_this_process() -> int:
    file = os.environ.get(VARIABLE)
    return int(Path(file).read_text()) if file else 0
