"""Runs steps that may fail without costing the others their results."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from crowdsky.base.errors import CrowdSkyError

log = logging.getLogger(__name__)

Result = TypeVar("Result")

MAX_REASON = 300
"""Number of characters of a library's message that go into a note."""


class Attempts:
    """Runs one step after another; one that fails becomes a note and does not stop the others.

    Every exception is caught: steps call libraries that may raise anything, and a bug in one step
    must not cost the results of the others. Errors that are not ours are logged with a traceback.

    Attributes:
        notes: in words, what is missing and why.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []

    def __call__(
        self, what: str, step: Callable[[], Result], *, is_private: bool = False
    ) -> Result | None:
        """Run a step; return its result, or None after adding a note.

        Args:
            what: what the step produces, e.g. "barycentric time".
            step: takes no arguments; an exception that it raises is not passed on.
            is_private: the step uses something that must not be published, such as the telescope's
                position: an unexpected error is named but not quoted.
        """
        try:
            return step()
        except CrowdSkyError as error:
            reason = str(error)
        except Exception as error:
            log.warning("no %s", what, exc_info=None if is_private else error)
            reason = type(error).__name__ if is_private else describe(error)
        self.notes.append(f"no {what}: {reason}")
        return None


def describe(error: Exception) -> str:
    """Describe an unexpected error in one line, with its class: the text alone may say little."""
    text = " ".join(str(error).split())[:MAX_REASON]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
