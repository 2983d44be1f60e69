"""Reads headers whose cards are all written as the FITS standard has them, without astropy.

astropy takes a third of a second to load, longer than a few subs take to be stacked. Nearly every
header consists of plain cards, which this module reads as astropy does. A header with any other
card, such as a decimal comma, a text without quotes or CONTINUE, is left to astropy as a whole.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

CARD_BYTES = 80
_CARD = re.compile(
    r"""(?P<keyword>[A-Z0-9_-]{1,8})\ *=\ \ *
    (?: '(?P<text>[^']*)' | (?P<logical>[TF]) | (?P<whole>[+-]?\d+)
      | (?P<number>[+-]?(?:\d+\.\d*|\.\d+)(?:E[+-]?\d{1,3})?) )
    \ *(?:/\ *(?P<comment>.*))?""",
    re.VERBOSE,
)
_VALUE_INDICATOR = "= "
"""In columns 9 and 10 of a card that has a value."""
_RECORD = ": "
"""In texts that astropy reads as a record with a number of its own."""
_WITHOUT_VALUE = ("COMMENT ", "HISTORY ", " " * 8)


class Header(Protocol):
    """What is asked of a header; ``PlainHeader`` and astropy's have it."""

    def get(self, key: str, /) -> Any:
        """Return the value of a card, None if there is none; ValueError if it cannot be read."""

    def __contains__(self, key: object, /) -> bool: ...

    def __getitem__(self, key: str, /) -> Any: ...


class PlainHeader:
    """The values and comments of a header by keyword; of several alike, the first counts."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._comments: dict[str, str] = {}

    def get(self, key: str, /) -> Any:
        """Return the value of a card, None if there is none."""
        return self._values.get(key)

    def comment_of(self, key: str) -> str:
        """Return the comment of a card, empty if there is none."""
        return self._comments.get(key, "")

    def __contains__(self, key: object, /) -> bool:
        return key in self._values

    def __getitem__(self, key: str, /) -> Any:
        return self._values[key]

    def _add(self, card: re.Match[str]) -> None:
        keyword = card["keyword"]
        if keyword not in self._values:
            self._values[keyword] = _value(card)
            self._comments[keyword] = (card["comment"] or "").rstrip()


def plain_header(text: str) -> PlainHeader | None:
    """Read a header of whole cards up to END; None if it has a card that is not plain.

    ``text`` is printable ASCII.
    """
    header = PlainHeader()
    for start in range(0, len(text), CARD_BYTES):
        image = text[start : start + CARD_BYTES]
        if image.startswith("END") and not image[3:].strip():
            return header
        if image.startswith(_WITHOUT_VALUE):
            if image[8:10] == _VALUE_INDICATOR:
                return None  # readers disagree whether this is a value
            continue
        card = _CARD.fullmatch(image)
        if card is None or image[8:10] != _VALUE_INDICATOR or _RECORD in (card["text"] or ""):
            return None
        header._add(card)
    return None


def _value(card: re.Match[str]) -> str | bool | int | float:
    if card["text"] is not None:
        return card["text"].rstrip()
    if card["logical"] is not None:
        return card["logical"] == "T"
    if card["whole"] is not None:
        return int(card["whole"])
    return float(card["number"])
