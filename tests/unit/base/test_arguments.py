"""Arguments of command lines, checked before any work."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import timedelta

import pytest

from crowdsky.base.arguments import utc_offset


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("+02:00", 120),
        ("+2", 120),
        ("+02", 120),
        ("+0230", 150),
        ("-5:30", -330),
        ("-14:00", -840),
        ("+00:00", 0),
    ],
)
def test_a_difference_from_utc_is_read_as_people_write_it(text: str, minutes: int) -> None:
    assert utc_offset(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text", ["2", "02:00", "+14:01", "+2:5", "+2.5", "+200", "UTC+2", "", "+02:60", "+02:", "+120"]
)
def test_anything_else_is_no_difference(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is no difference from UTC such as"):
        utc_offset(text)
