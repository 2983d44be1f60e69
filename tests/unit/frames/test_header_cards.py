"""The table of header cards, and what two readers let strangers see by it."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from crowdsky.frames.card_table import TABLE
from crowdsky.frames.public_header import clean_header
from demo.services import PHP_API
from tests.support.invented_cards import kept, withheld

SITE_TABLE = PHP_API / "src" / "Fits" / "header_cards.json"
ROWS = json.loads(TABLE.read_text())["cards"]
BLANK = b" " * 80


def cleaned_by_the_site(header: bytes) -> bytes:
    script = (
        f"require '{PHP_API}/src/autoload.php';"
        "echo CrowdSky\\Fits\\PublicHeader::clean(stream_get_contents(STDIN));"
    )
    return subprocess.run(
        ["php", "-r", script], input=header, capture_output=True, check=True
    ).stdout


def test_site_and_worker_have_the_same_table() -> None:
    assert SITE_TABLE.read_bytes() == TABLE.read_bytes()


@pytest.mark.parametrize("row", ROWS, ids=[row["card"] for row in ROWS])
def test_a_public_card_says_what_it_may_hold(row: dict[str, object]) -> None:
    assert re.fullmatch("[A-Z0-9_#@-]{1,8}", str(row["card"])) and row["means"]
    if row["public"]:
        assert row["type"] != "text"
        assert ("values" in row) == (row["type"] == "word")
        assert ("form" in row) == (row["type"] == "form")


def test_no_card_is_listed_twice() -> None:
    names = [row["card"] for row in ROWS]
    assert len(set(names)) == len(names)


def test_nothing_stays_of_a_card_that_strangers_must_not_read() -> None:
    cards = withheld()

    assert [card for card in cards if clean_header(card) != BLANK] == []


def test_a_public_card_stays_without_its_comment() -> None:
    assert [clean_header(card) for card, _ in kept()] == [public for _, public in kept()]


def test_both_readers_write_the_same_bytes() -> None:
    cards = [*withheld(), *(card for card, _ in kept())]
    assert len(cards) >= 200
    header = b"".join(cards)
    whole = header + b"END".ljust(80) + b"EXPTIME = 48.1".ljust(80)

    site = cleaned_by_the_site(header)

    disagreements = [
        card for at, card in enumerate(cards) if site[80 * at : 80 * at + 80] != clean_header(card)
    ]
    assert disagreements == []
    assert cleaned_by_the_site(whole) == clean_header(whole)
    assert clean_header(whole).endswith(b"END".ljust(80) + BLANK)
