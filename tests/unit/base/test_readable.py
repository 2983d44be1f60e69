"""Text from outside on one line."""

from __future__ import annotations

import pytest

from crowdsky.base.json_fields import Fields
from crowdsky.base.readable import readable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Müller 星 ✨", "Müller 星 ✨"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[2J\x9b\x00\x7f", r"\x1b[2J\x9b\x00\x7f"),
        ("\u2028\u2029\u202e\ufeff", r"\u2028\u2029\u202e\ufeff"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_cannot_be_printed_is_escaped(text: str, shown: str) -> None:
    assert readable(text) == shown


def test_a_text_is_cut() -> None:
    assert readable("x" * 10, 10) == "x" * 10
    assert readable("x" * 11, 10) == "x" * 9 + "…"
    assert len(readable("\n" * 2_000_000, 500)) == 500


def test_a_message_is_readable_and_may_be_missing() -> None:
    fields = Fields("answer", {"reason": "no\nway" + "!" * 2000, "none": None})
    assert fields.message("reason", 10) == r"no\nway!!…"
    assert fields.message("none") == fields.message("absent") == ""


@pytest.mark.parametrize("value", [[1, 10**4000], [-(10**4000)]])
def test_numbers_in_lists_have_a_bound(value: list[int]) -> None:
    with pytest.raises(Exception, match="greater than"):
        Fields("answer", {"ids": value}).integers("ids")
