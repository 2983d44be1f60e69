"""Sets the clock of every Python process that has this folder on its path.

Python loads a module of this name at its start. The file named by WRONG_CLOCK holds an error in
seconds and is read at each question, so that the clock of a running worker can jump.

Under libfaketime, which sets the clock of all other programs, only sleeping needs help: since 3.11
Python sleeps until a moment of the monotonic clock, which libfaketime takes for one of its own.
"""

from __future__ import annotations

import datetime
import os
import select
import time
from pathlib import Path
from typing import SupportsIndex

_true_time = time.time


def _wrong_time() -> float:
    return _true_time() + float(Path(os.environ["WRONG_CLOCK"]).read_text())


class _WrongDatetime(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> _WrongDatetime:
        """The present moment by the wrong clock."""
        return cls.fromtimestamp(_wrong_time(), tz)


def _sleep(seconds: float | SupportsIndex) -> None:
    if (wait := float(seconds)) < 0:
        raise ValueError("sleep length must be non-negative")
    select.select((), (), (), wait)


if "WRONG_CLOCK" in os.environ:
    time.time = _wrong_time
    datetime.datetime = _WrongDatetime  # type: ignore[misc]
if "libfaketime" in os.environ.get("LD_PRELOAD", ""):
    time.sleep = _sleep
