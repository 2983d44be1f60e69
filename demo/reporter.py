"""What a person sees while the demo works: progress bars on a terminal, plain lines otherwise.

Everything goes to stderr: stdout belongs to ``--json``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

LONGEST_STATUS = 100


class Reporter:
    """Tells on stderr how far the demo is."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    def say(self, text: str = "", style: str = "") -> None:
        """Print one line."""
        self._console.print(text, style=style, markup=False, soft_wrap=True)

    @contextmanager
    def counting(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        """Show a bar over ``total`` steps; the yielded function says that one is done."""
        if not self._console.is_terminal:
            self.say(f"{what} ({total})")
            yield lambda: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), console=self._console) as progress:
            task = progress.add_task(what, total=total)
            yield lambda: progress.advance(task)

    @contextmanager
    def following(self, what: str) -> Iterator[Callable[[str], None]]:
        """Show the latest line of a process beside a spinner, or every line as it comes."""
        if not self._console.is_terminal:
            self.say(what)
            yield lambda line: self.say(f"  {line}")
            return
        with self._console.status(Text(what)) as status:
            yield lambda line: status.update(Text(f"{what}  {line[:LONGEST_STATUS]}"))
