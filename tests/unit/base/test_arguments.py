"""Arguments of command lines, checked before any work."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from datetime import timedelta
from pathlib import Path

import pytest

from crowdsky.base.arguments import existing_file, utc_offset


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


def test_a_folder_in_the_place_of_a_file_is_called_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError, match=r"is a folder; name a file in it.*/\*"):
        existing_file(str(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ArgumentTypeError, match="is no file, but a device or pipe"):
        existing_file(str(tmp_path / "pipe"))
    with pytest.raises(ArgumentTypeError, match="there is no file"):
        existing_file(str(tmp_path / "missing.fit"))
    (tmp_path / "there.fit").touch()
    assert existing_file(str(tmp_path / "there.fit")) == tmp_path / "there.fit"
