"""Reads when a frame was begun from its header: one card or two, in the time system it names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from astropy.io import fits

from crowdsky.frames.card_facts import FACTS
from crowdsky.frames.cards import text
from crowdsky.frames.dates import utc_time

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
        times = (text(header, key) for key in FACTS.time_of_day)
        written = f"{date}T{next((time for time in times if time), '')}"
    moment = utc_time(written)
    if moment is None:
        return None, f"DATE-OBS {date!r} is no date and time: when it was taken is unknown"
    system = (text(header, "TIMESYS") or "UTC").upper()
    ahead_s = FACTS.ahead_of_utc_s.get(system)
    if ahead_s is not None and (ahead_s == 0 or moment >= LAST_LEAP_SECOND):
        return moment - timedelta(seconds=ahead_s), ""
    return None, f"its times are in TIMESYS {system!r}, not UTC: when it was taken is unknown"
