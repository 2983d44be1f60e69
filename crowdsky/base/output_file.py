"""Keeps a result from replacing what it is made of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crowdsky.base.errors import BadDataError


class WouldReplaceInputError(BadDataError):
    """A result would be written over a file that it is made of."""


def require_other_file(output: Path, inputs: Iterable[Path]) -> None:
    """Refuse an output that is one of the inputs, by whatever name or link.

    Raises:
        WouldReplaceInputError: the output exists and is the same file as an input.
    """
    if not output.exists():
        return
    for path in inputs:
        if path.exists() and output.samefile(path):
            raise WouldReplaceInputError(
                "nothing was written",
                where=str(output),
                why="the result would replace a file that it is made of",
                hint="give it another name or folder",
            )
