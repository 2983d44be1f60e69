"""Steps that may fail without costing the others their results."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from crowdsky.base.errors import CrowdSkyError

log = logging.getLogger(__name__)

Result = TypeVar("Result")

MAX_REASON = 300
"""Characters of a library's message that go into a note."""


class Attempts:
    """Runs one step after another; what cannot be had becomes a note and not the end of all.

    Any exception counts: a step calls libraries that raise anything, and a bug in one step must
    not cost the results of the others. What is not one of our errors is logged with its traceback.

    Attributes:
        notes: in words, what is missing and why.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []

    def __call__(
        self, what: str, step: Callable[[], Result], *, is_private: bool = False
    ) -> Result | None:
        """The step's result, or None and a note.

        Args:
            what: what the step gives, e.g. "barycentric time".
            is_private: the step works on what must not be published, such as the telescope's
                position: an unexpected error is named and not quoted.
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
    """An unexpected error in one line, with its kind: its text alone often says little."""
    text = " ".join(str(error).split())[:MAX_REASON]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
