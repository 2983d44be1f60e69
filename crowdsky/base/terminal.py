"""What a person at a terminal sees, and standard output kept clean for programs."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

log = logging.getLogger(__name__)

StepProgress = Callable[[str, int, int], None]
"""Called with a step's name, how much of it is done and how much there is."""


def private_stdout() -> IO[bytes]:
    """Take standard output for ourselves; whatever a library prints goes to standard error.

    Done on the level of the file descriptor, since native code prints too.
    """
    sys.stdout.flush()
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return channel


@contextmanager
def show_progress() -> Iterator[StepProgress]:
    """A progress bar on a terminal, a log line per step otherwise; both on standard error."""
    if not sys.stderr.isatty():
        yield _log_steps()
        return
    # Only people need it, and the daemon starts faster without.
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
