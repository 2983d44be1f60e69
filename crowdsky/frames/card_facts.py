"""Which cards hold which fact, and what the words in them mean, from the table of header cards.

Programs write the same fact into different cards. The site reads the same table by the same rules
(``Fits/CardFacts.php``), so that it takes no sub that no worker can use.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from crowdsky.frames.angles import plain_number
from crowdsky.frames.card_table import TABLE
from crowdsky.frames.cards import Cards, card, number, text

MAX_EXPOSURE_S = 86_400.0
"""Exposure in seconds above which the number has another unit or is a mistake."""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """Keywords by fact, in the order in which they count, and the words of their values."""

    exposure: tuple[str, ...]
    kind: tuple[str, ...]
    pattern: tuple[str, ...]
    latitude: tuple[str, ...]
    longitude: tuple[str, ...]
    temperature: tuple[str, ...]
    time_of_day: tuple[str, ...]
    binning: tuple[tuple[str, str], ...]
    combined_frames: tuple[str, ...]
    light_words: tuple[str, ...]
    """Words in the kind of a light frame, lower case."""
    other_words: tuple[str, ...]
    """Words in the kind of any other frame, lower case."""
    patterns: tuple[str, ...]
    no_pattern: tuple[str, ...]
    """Words for a sensor without colours."""
    ahead_of_utc_s: dict[str, float]
    """Seconds by which time systems are ahead of UTC, since the last leap second."""
    models: tuple[str, ...]
    """Cards that may name the model of a telescope."""
    local_end_clocks: tuple[str, ...]
    """Models whose DATE-OBS is the end of the exposure in local time, letters and digits only."""
    bitpix: tuple[int, ...]
    min_side_px: int
    max_px: int


def _read() -> CardFacts:
    table = json.loads(TABLE.read_text(encoding="ascii"))
    facts, words, sizes = table["facts"], table["words"], table["sizes"]
    return CardFacts(
        **{name: tuple(facts[name]) for name in facts if name not in ("pointing", "binning")},
        binning=tuple((across, down) for across, down in facts["binning"]),
        light_words=tuple(words["light"]),
        other_words=tuple(words["no_light"]),
        patterns=tuple(words["patterns"]),
        no_pattern=tuple(words["no_pattern"]),
        ahead_of_utc_s=table["ahead_of_utc_s"],
        models=tuple(table["local_end_clocks"]["cards"]),
        local_end_clocks=tuple(table["local_end_clocks"]["models"]),
        bitpix=tuple(sizes["bitpix"]),
        min_side_px=sizes["min_side_px"],
        max_px=sizes["max_px"],
    )


FACTS = _read()


def exposure_s(header: Cards) -> float | None:
    """Read the exposure in seconds, above 0, also from a number in quotes; None if unknown."""
    for key in FACTS.exposure:
        written = text(header, key)
        seconds = number(header, key) if written is None else plain_number(written)
        if seconds is not None and 0.0 < seconds <= MAX_EXPOSURE_S:
            return seconds
    return None


def other_kind_of_frame(header: Cards) -> str | None:
    """Return what a frame is that is no light frame, with its card; None for a light frame.

    A frame that does not say is a light frame. Only IMAGETYP must have a word for light: the other
    cards have further meanings in other programs.
    """
    for key in FACTS.kind:
        kind = (text(header, key) or "").lower()
        is_other = any(word in kind for word in FACTS.other_words)
        is_light = any(word in kind for word in FACTS.light_words)
        if is_other or (kind and key == "IMAGETYP" and not is_light):
            return f"{key} is {kind!r}"
    return None


def temperature_c(header: Cards) -> float | None:
    """Read the temperature of the sensor in degrees Celsius; None if unknown."""
    found = (number(header, key) for key in FACTS.temperature)
    return next((value for value in found if value is not None), None)


def binning(header: Cards) -> tuple[int, int] | None:
    """Read how many pixels are one, across and down, from ``2``, ``2*2`` or ``2x2``; or None."""
    for across, down in FACTS.binning:
        if across == down:
            sides = str(card(header, across) or "").replace("*", "x").lower().split("x")
            sides = sides * 2 if len(sides) == 1 else sides
        else:
            sides = [str(card(header, key) or "") for key in (across, down)]
        counts = [plain_number(side.strip()) for side in sides]
        if len(counts) == 2 and all(count and count >= 1 and count % 1 == 0 for count in counts):
            return int(counts[0] or 0), int(counts[1] or 0)
    return None


def combined_before(header: Cards, exptime_s: float) -> str:
    """Return which card says that a frame was made of several, with its value; empty if none.

    Their number is in different cards, by program. LIVETIME is the exposure of all of them.
    """
    if number(header, "NIMAGES"):
        return f"NIMAGES {number(header, 'NIMAGES'):g}"
    for key in FACTS.combined_frames:
        count = number(header, key)
        if count is not None and count > 1.0:
            return f"{key} {count:g}"
    live = number(header, "LIVETIME")
    if live is not None and live > 1.5 * exptime_s:
        return f"LIVETIME {live:g} s, EXPTIME {exptime_s:g} s"
    return ""


def pattern_name(header: Cards) -> tuple[str | None, str | None]:
    """Return the Bayer pattern that a header names and, where it names no known one, what it says.

    Both are None for a sensor without colours. A card that says ``TRUE`` leaves it to the next.
    """
    said = [name for key in FACTS.pattern if (name := text(header, key))]
    known = next((name.upper() for name in said if name.upper() in FACTS.patterns), None)
    if known is not None:
        return known, None
    return None, next((name for name in said if name.upper() not in FACTS.no_pattern), None)


def is_odd(header: Cards, key: str) -> bool:
    """Whether the number in a card is odd, with its fraction cut off; False if there is none."""
    value = number(header, key)
    return value is not None and int(math.fmod(value, 2.0)) != 0
