"""Dates and times as FITS headers have them: parsed, written, and as modified Julian dates."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
"""Moment at which the modified Julian date is 0."""


def utc_time(value: object) -> datetime | None:
    """Parse a FITS date and time as aware UTC; None when the value is not one.

    Accepts "T" or a blank between date and time, any number of decimals, and a trailing Z. A leap
    second becomes the end of the second before it, which is less than a second early: datetime
    cannot represent it, and the site does the same.
    """
    if not isinstance(value, str):
        return None
    match = re.fullmatch(
        r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:)(\d\d)(?:\.(\d+))?Z?", value.strip(), re.ASCII
    )
    if match is None:
        return None
    day, minute, second, fraction = match.groups(default="0")
    if second == "60":
        second, fraction = "59", "999999"
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}{second}.{fraction[:6]:0<6}")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC)


def iso_time(time: datetime | None) -> str | None:
    """Format UTC as FITS does: ISO 8601 with milliseconds and without a zone."""
    return None if time is None else time.replace(tzinfo=None).isoformat(timespec="milliseconds")


def modified_julian_date(time: datetime | None) -> float | None:
    """Convert the time that ``iso_time`` writes to days since 1858-11-17 0h UTC."""
    if time is None:
        return None
    written = time.replace(microsecond=time.microsecond // 1000 * 1000)
    return (written - MJD_ZERO) / timedelta(days=1)
