"""Dates and times as FITS headers have them: parsed, written, and as modified Julian dates."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
"""Moment at which the modified Julian date is 0."""


_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:)(\d\d)(?:[.,](\d*))?(?:Z|([+-])(\d\d):(\d\d))?", re.ASCII
)
MAX_ZONE_HOURS = 14


def utc_time(value: object) -> datetime | None:
    """Parse a FITS date and time as aware UTC; None when the value is not one.

    Accepts "T" or a blank between date and time, any number of decimals after a point or a comma,
    and a zone ("Z", "+hh:mm"); without one it is UTC. A leap second becomes the end of the second
    before it, which is less than a second early: datetime cannot represent it, and the site, which
    has the same grammar, does the same.
    """
    match = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    day, minute, second, fraction, sign, hours, minutes = match.groups(default="0")
    if second == "60":
        second, fraction = "59", "999999"
    zone = timedelta(hours=int(hours), minutes=int(minutes))
    if int(hours) > MAX_ZONE_HOURS or int(minutes) > 59:
        return None
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}{second}.{fraction[:6]:0<6}")
        return (moment + zone if sign == "-" else moment - zone).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def iso_time(time: datetime | None) -> str | None:
    """Format UTC as FITS does: ISO 8601 with milliseconds and without a zone."""
    return None if time is None else time.replace(tzinfo=None).isoformat(timespec="milliseconds")


def modified_julian_date(time: datetime | None) -> float | None:
    """Convert the time that ``iso_time`` writes to days since 1858-11-17 0h UTC."""
    if time is None:
        return None
    written = time.replace(microsecond=time.microsecond // 1000 * 1000)
    return (written - MJD_ZERO) / timedelta(days=1)
