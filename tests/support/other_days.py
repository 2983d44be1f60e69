"""Days on which the suite must pass too, and how to run a command on one of them.

Everything that the command starts lives by the same clock: libfaketime moves the time of day, and
leaves monotonic clocks and the dates of files as they are.
"""

from __future__ import annotations

import calendar
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.set_clock import SetClock

MONTH = timedelta(days=30.44)


@dataclass(frozen=True, slots=True)
class OtherDay:
    """A day by its name, and the moment (aware, UTC) at which the clock starts there."""

    name: str
    start: datetime


def other_days(now: datetime) -> tuple[OtherDay, ...]:
    """One, six and eighteen months from now, the next leap day, and the end of this year.

    Two begin just before midnight, so that the day changes while something runs.
    """
    leap_year = next(year for year in range(now.year + 1, now.year + 10) if calendar.isleap(year))
    midnight = timedelta(seconds=20)
    return (
        OtherDay("one month ahead", now + MONTH),
        OtherDay("six months ahead", now + 6 * MONTH),
        OtherDay("eighteen months ahead", now + 18 * MONTH),
        OtherDay("29 February", datetime(leap_year, 2, 29, tzinfo=UTC) - midnight),
        OtherDay("over the year's end", datetime(now.year + 1, 1, 1, tzinfo=UTC) - midnight),
    )


def start_on(
    day: OtherDay, command: Sequence[str], folder: Path, output: Path
) -> subprocess.Popen[bytes]:
    """Start a command whose clock begins at the day's start; what it prints goes to ``output``.

    Args:
        folder: takes the file that holds the clock's error; must outlive the command.
    """
    clock = SetClock(folder / "clock")
    clock.set(round((day.start - datetime.now(UTC)).total_seconds()))
    with output.open("wb") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **clock.for_everything},
        )
