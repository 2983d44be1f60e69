"""Which clock the times of a header show, and which moment of the exposure DATE-OBS is.

FITS has UTC and the start. Dwarf 3 and Mini write local time without a zone, and the end, which
only the comment of the card says. The site reads the same table (``Fits/HeaderClock.php``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.frames.card_facts import FACTS
from crowdsky.frames.cards import Cards, text

LOCAL = "LOCAL"
"""TIMESYS of times in a zone that the header does not name."""
MINUTE = timedelta(minutes=1)
MAX_OFFSET_MINUTES = 14 * 60
_ZONE = re.compile(r"(?:Z|[+-]\d\d:\d\d)$")


@dataclass(frozen=True, slots=True)
class ToldClock:
    """What is known of a telescope's clock besides the header: from the site, or an option."""

    utc_offset: timedelta | None = None
    """By how much a local clock was ahead of UTC; None if that is unknown."""
    is_local: bool | None = None
    """Whether the times are local; None to go by the header. Public copies have no comments."""
    at_end: bool | None = None
    """Whether DATE-OBS is the end of the exposure; None to go by the header."""

    def to_json(self) -> JsonObject:
        """This clock as JSON values."""
        minutes = None if self.utc_offset is None else self.utc_offset // MINUTE
        return {"utc_offset_minutes": minutes, "local": self.is_local, "at_end": self.at_end}

    @classmethod
    def from_json(cls, data: object) -> ToldClock:
        """Read what ``to_json`` or the site wrote; raises UnexpectedAnswerError with the field."""
        fields = Fields("clock of a frame", data)
        minutes = fields.optional_number("utc_offset_minutes")
        if minutes is not None and (abs(minutes) > MAX_OFFSET_MINUTES or minutes % 1.0):
            raise fields.problem("utc_offset_minutes", f"no time zone is {minutes:g} ahead of UTC")
        offset = None if minutes is None else minutes * MINUTE
        return cls(offset, fields.optional_flag("local"), fields.optional_flag("at_end"))


def clocks_to_json(clocks: Sequence[ToldClock | None]) -> list[JsonObject | None]:
    """These clocks as JSON values, None where nothing is known."""
    return [None if told is None else told.to_json() for told in clocks]


def clocks_from_json(rows: Sequence[object]) -> tuple[ToldClock | None, ...]:
    """Read what ``clocks_to_json`` wrote; raises UnexpectedAnswerError naming the field."""
    return tuple(None if row is None else ToldClock.from_json(row) for row in rows)


NOTHING_TOLD = ToldClock()
NO_CLOCKS: Mapping[Path, ToldClock] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HeaderClock:
    """The clock of a header: ``is_local`` if it shows local time of an unknown zone."""

    is_local: bool
    at_end: bool
    """Whether DATE-OBS is the end of the exposure and not its start."""


def header_clock(header: Cards, comment: str = "", told: ToldClock = NOTHING_TOLD) -> HeaderClock:
    """Return the clock of a header; ``comment`` is that of DATE-OBS. What is told counts more.

    A comment that says start or end counts more than the model. A time with a zone is no local
    time, and neither are those of a header with TIMESYS, unless that says LOCAL.
    """
    names = [re.sub(r"[^A-Z0-9]", "", (text(header, key) or "").upper()) for key in FACTS.models]
    is_model = any(name.startswith(FACTS.local_end_clocks) for name in names)
    system = text(header, "TIMESYS")
    has_zone = _ZONE.search(text(header, "DATE-OBS") or "") is not None
    says_start = re.search(r"\b(?:start|begin)", comment, re.IGNORECASE) is not None
    says_end = re.search(r"\bend\b", comment, re.IGNORECASE) is not None
    is_local = not has_zone and (is_model if system is None else system.upper() == LOCAL)
    at_end = says_end if says_start != says_end else is_model
    return HeaderClock(
        is_local if told.is_local is None else told.is_local,
        at_end if told.at_end is None else told.at_end,
    )
