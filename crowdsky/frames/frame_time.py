"""Reads when a frame was begun from its header: one card or two, in the time system it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crowdsky.frames.card_facts import FACTS
from crowdsky.frames.cards import Cards, comment_of, text
from crowdsky.frames.dates import utc_time
from crowdsky.frames.header_clock import NOTHING_TOLD, ToldClock, header_clock

LAST_LEAP_SECOND = datetime(2017, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FrameTime:
    """When an exposure began, as far as it is known, and a remark for people if it is not."""

    start: datetime | None = None
    """Aware, UTC."""
    local: datetime | None = None
    """By the telescope's clock, without a zone; only where UTC is unknown because the zone is."""
    remark: str = ""


def frame_time(header: Cards, exptime_s: float, told: ToldClock = NOTHING_TOLD) -> FrameTime:
    """Return the start of the exposure; ``exptime_s`` comes off where DATE-OBS is the end."""
    date = text(header, "DATE-OBS")
    if date is None:
        return FrameTime()
    written = date
    if re.fullmatch(r"\d{4}-\d\d-\d\d", date):
        times = (text(header, key) for key in FACTS.time_of_day)
        written = f"{date}T{next((time for time in times if time), '')}"
    moment = utc_time(written)
    if moment is None:
        return FrameTime(
            remark=f"DATE-OBS {date!r} is no date and time: when it was taken is unknown"
        )
    clock = header_clock(header, comment_of(header, "DATE-OBS"), told)
    if clock.at_end:
        moment -= timedelta(seconds=exptime_s)
    if clock.is_local:
        return _in_utc(moment, told.utc_offset)
    system = (text(header, "TIMESYS") or "UTC").upper()
    ahead_s = FACTS.ahead_of_utc_s.get(system)
    if ahead_s is not None and (ahead_s == 0 or moment >= LAST_LEAP_SECOND):
        return FrameTime(moment - timedelta(seconds=ahead_s))
    return FrameTime(
        remark=f"its times are in TIMESYS {system!r}, not UTC: when it was taken is unknown"
    )


def _in_utc(shown: datetime, utc_offset: timedelta | None) -> FrameTime:
    """Convert a local time, which ``shown`` has as if it were UTC."""
    if utc_offset is not None:
        return FrameTime(shown - utc_offset)
    return FrameTime(
        local=shown.replace(tzinfo=None),
        remark="its times are local and name no time zone: when it was taken in UTC is unknown; "
        "give --utc-offset, or set the telescope's time zone on the site",
    )
