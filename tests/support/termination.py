"""Ends the tests on SIGTERM as on Ctrl+C, so that no server that they started stays behind."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from types import FrameType
from typing import NoReturn

OF_XDIST = b"exec(eval("
"""In the command line of the processes that share the tests."""


def stop_on_sigterm() -> None:
    """Treat SIGTERM, as ``timeout`` and a cancelled CI run send it, like Ctrl+C."""
    signal.signal(signal.SIGTERM, _stop)


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    # A terminal would have interrupted them, too.
    own = os.getpid()
    for child in Path(f"/proc/{own}/task/{own}/children").read_text().split():
        with contextlib.suppress(OSError):
            if OF_XDIST in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), signal.SIGTERM)
    raise KeyboardInterrupt
