"""Times in headers: the forms that telescopes write, and moments that do not exist."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crowdsky.frames.dates import utc_time

pytestmark = pytest.mark.calendar

LAST_OF_2016 = datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-28T22:30:15.25", datetime(2026, 11, 28, 22, 30, 15, 250_000, tzinfo=UTC)),
        ("2026-11-28 22:30:15Z", datetime(2026, 11, 28, 22, 30, 15, tzinfo=UTC)),
        ("2024-02-29T00:00:00", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2026-12-31T23:59:59.9999999", datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
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
        "",
        5,
        None,
    ],
)
def test_what_is_no_time_is_none(value: object) -> None:
    assert utc_time(value) is None
