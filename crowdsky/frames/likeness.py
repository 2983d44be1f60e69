"""What counts as the same exposure time and the same filter: programs write both in many ways."""

from __future__ import annotations

import re
from collections.abc import Iterable

SAME_EXPOSURE = 1.02
"""Ratio of two exposure times up to which they are the same setting: some cameras write the time
that they measured, which differs by milliseconds from frame to frame."""
IR_CUT = "ircut"
FILTER_NAMES = {"uvircut": IR_CUT, "iruvcut": IR_CUT, "uvir": IR_CUT, "irc": IR_CUT}
"""Other names of a filter, in the form of ``filter_form``."""


def linked_exposures(seconds: Iterable[float]) -> dict[float, float]:
    """Return for each exposure time the shortest of those that it is linked to.

    Two times are linked if no gap between them, in order, is wider than SAME_EXPOSURE.
    """
    linked: dict[float, float] = {}
    before = shortest = 0.0
    for length in sorted(set(seconds)):
        if length > before * SAME_EXPOSURE:
            shortest = length
        linked[length] = shortest
        before = length
    return linked


def filter_form(name: str | None) -> str:
    """Return one form of a filter's name for comparisons: IRCUT, IR-Cut and UV/IR Cut are alike.

    Empty for None. It is not for people: they see what the header says.
    """
    form = re.sub(r"[^a-z0-9]", "", (name or "").lower())
    form = form.removesuffix("filter") or form
    return FILTER_NAMES.get(form, form)
