"""Values of single header cards. What nobody needs may be broken: only what is asked for is parsed.

Cameras write cards that are not FITS, such as a gain of ``nan``, a decimal comma, or a text without
quotes. Such a card counts as unknown and is remarked on; it does not cost the frame.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from typing import Any, Protocol

from crowdsky.frames.plain_header import Header, PlainHeader


class Cards(Protocol):
    """A header as astropy has it, or its values by keyword."""

    def get(self, key: str, /) -> Any:
        """Return the value of a card, None if there is none; ValueError if it cannot be read."""


def card(header: Cards, key: str) -> Any:
    """Return the value of a card; None when it is absent or cannot be read."""
    try:
        return header.get(key)
    except _unparsable():
        return None


def comment_of(header: Cards, key: str) -> str:
    """Return the comment of a card; empty without one, or where only values are known."""
    if isinstance(header, PlainHeader):
        return header.comment_of(key)
    comments = getattr(header, "comments", None)
    return "" if comments is None else str(comments[key])


def is_broken(header: Header, key: str) -> bool:
    """Whether a card is there, but its value cannot be read."""
    try:
        header.get(key)
    except _unparsable():
        return True
    return False


def _unparsable() -> tuple[type[Exception], ...]:
    """Return the errors of a card that cannot be parsed. Only astropy's headers raise its own."""
    loaded = sys.modules.get("astropy.io.fits")
    return (ValueError,) if loaded is None else (ValueError, loaded.VerifyError)


def remarks_on_cards(header: Header, keys: Iterable[str]) -> tuple[str, ...]:
    """Return a remark for people on each of these cards that is there but cannot be read."""
    return tuple(
        f"{key} in its header cannot be read and counts as unknown"
        for key in keys
        if key in header and is_broken(header, key)
    )


def number(header: Cards, key: str) -> float | None:
    """Read a finite number; None when the keyword is absent or its value is not a number."""
    value = card(header, key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def text(header: Cards, key: str) -> str | None:
    """Read a text without blanks around it; None when it is absent, empty or no text."""
    value = card(header, key)
    return value.strip() or None if isinstance(value, str) else None
