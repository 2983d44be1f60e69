"""Angles as headers have them, read alike everywhere: pointings and sites."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable

from crowdsky.frames.card_table import TABLE

HOUR = 15.0
"""Degrees of an hour of right ascension."""
POINTINGS: tuple[tuple[str, str], ...] = tuple(
    (ra, dec) for ra, dec in json.loads(TABLE.read_text(encoding="ascii"))["facts"]["pointing"]
)
"""Pairs of cards that may have the pointing, in the order in which they count."""
SAME_PLACE_DEG = 1.0
"""Difference up to which two right ascensions of a header name one place."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[EDed][+-]?\d+)?", re.ASCII)
_SEXAGESIMAL = re.compile(
    r"([+-]?)(\d+)[:hd\s]+(\d+)(?:[:m'\s]+(\d+(?:\.\d*)?)[s\"]?)?\s*([NSEW]?)", re.ASCII
)


def angle(value: object, sexagesimal_unit: float = 1.0) -> float | None:
    """Read an angle in degrees; None when the value is none.

    Numbers are degrees, even in quotes. Sexagesimal texts (``+45:00:00``, ``12h50m53.1s``, ``16 22
    30 E``) are multiplied by ``sexagesimal_unit``, degrees: HOUR for right ascensions.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    parts = _SEXAGESIMAL.fullmatch(value.strip())
    if parts is None:
        return plain_number(value.strip())
    sign, whole, minutes, seconds, side = parts.groups(default="0")
    if float(minutes) >= 60.0 or float(seconds) >= 60.0:
        return None
    size = (int(whole) + int(minutes) / 60.0 + float(seconds) / 3600.0) * sexagesimal_unit
    return -size if sign == "-" or side in ("S", "W") else size


def pointing(card: Callable[[str], object]) -> tuple[float, float] | tuple[None, None]:
    """Read the first usable pair of POINTINGS in degrees, 0 <= RA < 360; else (None, None).

    A pair counts only if both are there and plausible. (0, 0) is what cameras write that do not
    know, and an RA in hours, which another pair betrays, is no RA in degrees.
    """
    pairs = [(angle(card(ra_key), HOUR), angle(card(dec_key))) for ra_key, dec_key in POINTINGS]
    for ra, dec in pairs:
        if ra is None or dec is None or abs(dec) > 90.0 or abs(ra) > 360.0 or ra == dec == 0.0:
            continue
        if any(other is not None and _is_in_hours(ra, other) for other, _ in pairs):
            continue
        return ra % 360.0 % 360.0, dec  # twice: just below 0 rounds up to 360
    return None, None


def _is_in_hours(ra: float, other_ra: float) -> bool:
    """Whether a right ascension is a fifteenth of another, and not the same."""
    return _apart(ra, other_ra) > SAME_PLACE_DEG >= _apart(HOUR * ra, other_ra)


def _apart(one: float, other: float) -> float:
    return abs((one - other + 180.0) % 360.0 - 180.0)


def first_angle(card: Callable[[str], object], keys: Iterable[str]) -> float | None:
    """Read the first of these cards that has an angle, in degrees; None if none has."""
    return next((value for key in keys if (value := angle(card(key))) is not None), None)


def plain_number(written: str) -> float | None:
    """Read a finite number of plain digits, perhaps with an exponent E or D; None for others."""
    if _NUMBER.fullmatch(written) is None:
        return None
    value = float(re.sub("[dD]", "E", written))
    return value if math.isfinite(value) else None
