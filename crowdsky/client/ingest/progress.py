"""Shows an ingest to a person: a bar at a terminal, else a line of the log per step."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """Three functions that are called on the way.

    Attributes:
        begin: with the name of a step and its size, in bytes or files.
        advance: with what has just been done of it.
        note: with a sentence about something that has happened.
    """

    begin: Callable[[str, int], None]
    advance: Callable[[int], None]
    note: Callable[[str], None]


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Show the progress of an ingest on standard error."""
    if not sys.stderr.isatty():
        yield Progress(
            begin=lambda step, _: log.info("%s", step),
            advance=lambda _: None,
            note=lambda sentence: log.info("%s", sentence),
        )
        return
    # Imported here: only people need it.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("looking", total=None)

        def begin(step: str, size: int) -> None:
            bar.reset(task, description=step, total=size or None)

        yield Progress(
            begin=begin,
            advance=lambda size: bar.update(task, advance=size),
            note=lambda sentence: bar.console.print(sentence, markup=False, highlight=False),
        )
