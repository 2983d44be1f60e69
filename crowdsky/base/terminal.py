"""Shows progress to a person at a terminal, and keeps standard output clean for programs."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

log = logging.getLogger(__name__)

StepProgress = Callable[[str, int, int], None]
"""Function that is called with the name of a step, how much of it is done, and the total."""


def private_stdout() -> IO[bytes]:
    """Return standard output for our own use; what libraries print goes to standard error.

    Works on the file descriptor, because native code prints, too.
    """
    sys.stdout.flush()
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return channel


@contextmanager
def show_progress() -> Iterator[StepProgress]:
    """Show a progress bar on a terminal, else log a line per step; both on standard error."""
    if not sys.stderr.isatty():
        yield _log_steps()
        return
    # Imported here: only people need it, and the daemon starts faster without it.
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total)

        yield show


def _log_steps() -> StepProgress:
    """Log each step once, when it begins."""
    present = ""

    def note(step: str, done: int, total: int) -> None:
        nonlocal present
        if step != present:
            present = step
            log.info("%s (%d)", step, total)

    return note
