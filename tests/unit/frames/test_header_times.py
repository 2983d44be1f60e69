"""Times in headers: the forms that telescopes write, and moments that do not exist."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from astropy.io import fits

from crowdsky.frames.dates import utc_time
from crowdsky.frames.frame_time import FrameTime, frame_time

pytestmark = pytest.mark.calendar

LAST_OF_2016 = datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-28T22:30:15.25", datetime(2026, 11, 28, 22, 30, 15, 250_000, tzinfo=UTC)),
        ("2026-11-28 22:30:15Z", datetime(2026, 11, 28, 22, 30, 15, tzinfo=UTC)),
        ("2024-02-29T00:00:00", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2026-12-31T23:59:59.9999999", datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2026-11-28T22:30:15,955", datetime(2026, 11, 28, 22, 30, 15, 955_000, tzinfo=UTC)),
        ("2026-11-28T22:30:15.", datetime(2026, 11, 28, 22, 30, 15, tzinfo=UTC)),
        ("2026-11-28T00:30:15+02:00", datetime(2026, 11, 27, 22, 30, 15, tzinfo=UTC)),
        ("2026-11-28T22:30:15.5-03:30", datetime(2026, 11, 29, 2, 0, 15, 500_000, tzinfo=UTC)),
        ("2017-01-01T01:59:60+02:00", LAST_OF_2016),
        ("2016-12-31T23:59:60", LAST_OF_2016),
        ("2016-12-31T23:59:60.75Z", LAST_OF_2016),
    ],
)
def test_a_time_is_read(text: str, moment: datetime) -> None:
    assert utc_time(text) == moment


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-29T00:00:00",
        "2026-11-28T24:00:00",
        "2016-12-31T23:59:61",
        "2026-11-28",
        "2026-11-28T22:30:15+15:00",
        "2026-11-28T22:30:15+0200",
        "0001-01-01T00:00:00+02:00",
        "",
        5,
        None,
    ],
)
def test_what_is_no_time_is_none(value: object) -> None:
    assert utc_time(value) is None


MOMENT = datetime(2026, 11, 28, 22, 30, 15, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "cards",
    [
        {"DATE-OBS": "2026-11-28T22:30:15.25"},
        {"DATE-OBS": "2026-11-28", "TIME-OBS": "22:30:15.25"},
        {"DATE-OBS": "2026-11-28", "UT": "22:30:15.25"},
        {"DATE-OBS": "2026-11-28T22:30:15.25", "TIMESYS": "UTC"},
        {"DATE-OBS": "2026-11-28T22:30:52.25", "TIMESYS": "TAI"},
        {"DATE-OBS": "2026-11-28T22:31:24.434", "TIMESYS": "tt"},
        {"DATE-OBS": "2026-11-28T22:30:33.25", "TIMESYS": "GPS"},
    ],
)
def test_one_moment_in_the_cards_of_many_programs(cards: dict[str, str]) -> None:
    assert frame_time(fits.Header(cards), 10.0) == FrameTime(MOMENT)


@pytest.mark.parametrize(
    ("cards", "said"),
    [
        ({"DATE-OBS": "2026-11-28"}, "'2026-11-28' is no date and time"),
        ({"DATE-OBS": "28/11/26", "TIME-OBS": "22:30:15"}, "'28/11/26' is no date and time"),
        ({"DATE-OBS": "2026-11-28T22:30:15", "TIMESYS": "LST"}, "TIMESYS 'LST'"),
        ({"DATE-OBS": "2026-11-28T22:30:15", "TIMESYS": "LOCAL"}, "local and name no time zone"),
        ({"DATE-OBS": "2001-11-28T22:30:15", "TIMESYS": "TAI"}, "TIMESYS 'TAI'"),
        ({}, ""),
    ],
)
def test_what_is_not_known_to_be_utc_is_unknown(cards: dict[str, str], said: str) -> None:
    time = frame_time(fits.Header(cards), 10.0)
    assert time.start is None
    assert said in time.remark
    assert bool(said) == bool(time.remark)
