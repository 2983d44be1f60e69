"""Reads when a frame was begun from its header: one card or two, in the time system it names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from astropy.io import fits

from crowdsky.frames.cards import text
from crowdsky.frames.dates import utc_time

TIME_CARDS = ("TIME-OBS", "UT", "UT-OBS")
"""Cards that have the time of day where DATE-OBS has only the day, in the older form of FITS."""
UTC_NAMES = ("UTC", "UT", "UT1", "Z")
AHEAD_OF_UTC_S = {"TAI": 37.0, "TT": 69.184, "TDT": 69.184, "TDB": 69.184, "GPS": 18.0}
"""Seconds by which other time systems are ahead of UTC, since the last leap second."""
LAST_LEAP_SECOND = datetime(2017, 1, 1, tzinfo=UTC)


def frame_time(header: fits.Header) -> tuple[datetime | None, str]:
    """Return the start of the exposure, aware, UTC, and a remark for people; None if unknown.

    The remark is empty unless a time is there that cannot be used.
    """
    date = text(header, "DATE-OBS")
    if date is None:
        return None, ""
    written = date
    if re.fullmatch(r"\d{4}-\d\d-\d\d", date):
        times = (text(header, key) for key in TIME_CARDS)
        written = f"{date}T{next((time for time in times if time), '')}"
    moment = utc_time(written)
    if moment is None:
        return None, f"DATE-OBS {date!r} is no date and time: when it was taken is unknown"
    system = (text(header, "TIMESYS") or "UTC").upper()
    if system in UTC_NAMES:
        return moment, ""
    if system in AHEAD_OF_UTC_S and moment >= LAST_LEAP_SECOND:
        return moment - timedelta(seconds=AHEAD_OF_UTC_S[system]), ""
    return None, f"its times are in TIMESYS {system!r}, not UTC: when it was taken is unknown"
