"""The table of header cards: what each card may hold, and whether strangers may read it.

The rows are in ``header_cards.json``. In the name of a card ``#`` stands for one to three digits
and ``@`` for the letter of a colour plane. The site has its own copy of the table and the same
rules, `Fits/CardTable.php`; a test keeps both the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("header_cards.json")

_NUMBER = r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:[ED][+-]?[0-9]{1,3})?"
_TYPES = {
    "logical": r"[TF]",
    "flag": r"[TF01]",
    "integer": r"[+-]?[0-9]{1,18}",
    "number": _NUMBER,
    "angle": _NUMBER
    + r"|[+-]?[0-9]{1,3}[:hd ] {0,2}[0-9]{1,2}(?:[:m' ] {0,2}[0-9]{1,2}(?:\.[0-9]{0,9})?[s\"]?)?",
    "clock": r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{0,9})?",
    "time": r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{0,9})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})?)?",
}
_QUOTED = ("word", "form", "time", "clock")
"""Types whose values stand in quotes; logical values never do, numbers may."""
_STRING = re.compile(rb" *'((?:[^']|'')*)' *(?:/.*)?", re.DOTALL)
_OFFSET = re.compile(
    rb"([0-9]{4}-[0-9]{2}-[0-9]{2})(.)([0-9]{2}:[0-9]{2})(:[^Zz+-]*)([+-])([0-9]{2}):([0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class CardRule:
    """What one row of the table says of the values of a card."""

    type: str
    public: bool
    form: re.Pattern[bytes] | None
    """Form of a public value, any case; None for words."""
    words: frozenset[bytes]
    """Public values of a card of words, upper case."""
    decimals: int | None
    """Number of decimals that a public value keeps; None for all."""


def card_rule(keyword: bytes) -> CardRule | None:
    """Look up the rule for a card; None if it is not in the table."""
    named, numbered = _table()
    rule = named.get(keyword)
    if rule is not None:
        return rule
    return next((rule for name, rule in numbered if name.fullmatch(keyword)), None)


def is_public(keyword: bytes) -> bool:
    """Whether strangers may see that a header has this card."""
    rule = card_rule(keyword)
    return rule is not None and rule.public


def public_value(keyword: bytes, field: bytes) -> bytes | None:
    """Return a card's value as strangers get it, without comment; None if it must be withheld.

    ``field`` are the 70 characters after "= ".
    """
    rule = card_rule(keyword)
    if rule is None or not rule.public:
        return None
    string = _STRING.fullmatch(field)
    if string is not None:
        text = string[1].replace(b"''", b"'").strip(b" ")
        value = None if rule.type == "logical" else _allowed(rule, text)
        return None if value is None else b"'" + value.replace(b"'", b"''").ljust(8) + b"'"
    if rule.type in _QUOTED:
        return None
    value = _allowed(rule, field.split(b"/", 1)[0].strip(b" "))
    return None if value is None else value.rjust(20)


def public_text(keyword: bytes, text: str | None) -> str | None:
    """Return the text that a card held as strangers get it; None if it must be withheld."""
    rule = card_rule(keyword)
    if text is None or rule is None or not rule.public:
        return None
    value = _allowed(rule, text.strip(" ").encode())
    return None if value is None else value.decode()


@cache
def _table() -> tuple[dict[bytes, CardRule], list[tuple[re.Pattern[bytes], CardRule]]]:
    named, numbered = {}, []
    for row in json.loads(TABLE.read_text(encoding="ascii"))["cards"]:
        form = _TYPES.get(row["type"], row.get("form"))
        rule = CardRule(
            type=row["type"],
            public=row["public"],
            form=None if form is None else re.compile(form.encode(), re.IGNORECASE),
            words=frozenset(word.upper().encode() for word in row.get("values", ())),
            decimals=row.get("decimals"),
        )
        name = row["card"].replace("#", "[0-9]{1,3}").replace("@", "[RGB]")
        if name == row["card"]:
            named[name.encode()] = rule
        else:
            numbered.append((re.compile(name.encode()), rule))
    return named, numbered


def _allowed(rule: CardRule, text: bytes) -> bytes | None:
    """Return a value without what it must not reveal; None if it is not of the card's form."""
    if rule.form is None:
        return text if text.upper() in rule.words else None
    if rule.form.fullmatch(text) is None:
        return None
    if rule.type == "time":
        return _in_utc(text)
    return text if rule.decimals is None else _shortened(text, rule.decimals)


def _in_utc(text: bytes) -> bytes | None:
    """Convert a time to UTC, because an offset shows the time zone; seconds keep their text."""
    match = _OFFSET.fullmatch(text)
    if match is None:
        return text
    day, between, minute, seconds, sign, hours, minutes = (part.decode() for part in match.groups())
    offset = timedelta(minutes=(int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1))
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}:00") - offset
    except (ValueError, OverflowError):
        return None
    return f"{moment.date()}{between}{moment:%H:%M}{seconds}".encode()


def _shortened(text: bytes, decimals: int) -> bytes | None:
    if b"E" in text.upper() or b"D" in text.upper():
        return None
    found = re.match(rb"[+-]?[0-9]*(?:\.[0-9]{0,%d})?" % decimals, text)
    return None if found is None else found[0]
