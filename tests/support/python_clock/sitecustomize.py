"""Gives every Python process with this folder on its path a wrong time of day.

Python loads a module of this name at its start. The file named by WRONG_CLOCK holds the error in
seconds and is read at each question, so that the clock of a running worker can jump. (libfaketime,
which does this for PHP, breaks Python's waits.)
"""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path

_true_time = time.time
_error = Path(os.environ["WRONG_CLOCK"])


def _wrong_time() -> float:
    return _true_time() + float(_error.read_text())


class _WrongDatetime(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> _WrongDatetime:
        """The present moment by the wrong clock."""
        return cls.fromtimestamp(_wrong_time(), tz)


time.time = _wrong_time
datetime.datetime = _WrongDatetime  # type: ignore[misc]
