"""Headers of plain cards are read as astropy reads them, and others are left to it."""

from __future__ import annotations

import io
import math
import random
from pathlib import Path

import pytest
from astropy.io import fits

from crowdsky.frames.cards import card, comment_of
from crowdsky.frames.fits_header import read_header
from crowdsky.frames.plain_header import PlainHeader, plain_header

PLAIN = (
    "SIMPLE  =                    T / conforms to FITS standard",
    "NAXIS1  =                 1080",
    "EXPTIME =                 10.0 / [s] exposure",
    "EXPTIME = 1.E1",
    "GAIN    =                  -.5",
    "GAIN    =             +1.5E+02/x",
    "ID      =                 0012",
    "OBJECT  = 'M 94    '           / a 'name'",
    "OBJECT  = ''",
    "OBJECT  = '   '",
    "OBJECT  = ' a/b '              /",
    "DATE-OBS= '2025-03-27T05:45:00.734' / local time",
    "COMMENT  = 5 is not a value",
    "HISTORY made by hand = true",
    "         ",
    "TELESCOP= 'S50_1d3fe189'  /   blanks  ",
)
OTHER = (
    "GAIN    =                 80,5",
    "GAIN    =               1.0D+2",
    "GAIN    =                  nan",
    "GAIN    =               (1, 2)",
    "GAIN    =                      / nothing",
    "OBJECT  = 'it''s'",
    "OBJECT  = 'no end",
    "OBJECT  = M 94",
    "OBJECT  = 'a' 'b'",
    "OBJECT  = 'AXIS.1: 2'",
    "Object  = 'small'",
    "HIERARCH ESO DET GAIN = 5",
    "CONTINUE  'more'",
    "COMMENT = 'a value or not'",
    "NO VALUE AT ALL",
    "GAIN   =                    80",
    "GAIN    ==                  80",
    "GAIN=80",
    "GAIN    =80",
)


def image_of(*cards: str) -> str:
    text = "".join(f"{line:80}" for line in (*cards, "END"))
    return text.ljust(-(-len(text) // 2880) * 2880)


def assert_alike(header: PlainHeader, other: fits.Header) -> None:
    keywords = {keyword for keyword in other if keyword not in ("COMMENT", "HISTORY", "")}
    for keyword in keywords:
        value, expected = header.get(keyword), other.get(keyword)
        assert type(value) is type(expected)
        assert value == expected
        assert keyword in header
        assert header[keyword] == value
        assert header.comment_of(keyword) == other.comments[keyword]
    assert header.get("NOTHERE") is None
    assert "NOTHERE" not in header


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_card_is_read_as_by_astropy(line: str) -> None:
    header = plain_header(image_of(line))
    assert header is not None
    assert_alike(header, fits.Header.fromstring(image_of(line)))


@pytest.mark.filterwarnings("ignore::astropy.utils.exceptions.AstropyUserWarning")
@pytest.mark.parametrize("line", OTHER)
def test_another_card_is_left_to_astropy(line: str, tmp_path: Path) -> None:
    assert plain_header(image_of(PLAIN[0], line)) is None
    written = image_of(PLAIN[0], line, "EXPTIME = 5.0 / [s]").encode()
    header = read_header(tmp_path / "sub.fit", io.BytesIO(written))
    assert card(header, "EXPTIME") == 5.0
    assert comment_of(header, "EXPTIME") == "[s]"


def test_the_first_of_two_cards_counts() -> None:
    lines = ("GAIN    = 1 / one", "GAIN    = 2 / two")
    header = plain_header(image_of(*lines))
    assert header is not None
    assert_alike(header, fits.Header.fromstring(image_of(*lines)))
    assert header.get("GAIN") == 1


def test_a_header_without_end_is_none() -> None:
    assert plain_header(image_of(*PLAIN).replace("END", "   ")) is None


def test_mutated_cards_are_read_as_by_astropy_or_not_at_all() -> None:
    """Whatever a random change makes of a card, there are no two opinions on it."""
    chance = random.Random(14)
    read = 0
    for _ in range(4000):
        letters = list(f"{chance.choice(PLAIN):80}")
        for _ in range(chance.randint(1, 3)):
            letters[chance.randrange(40)] = chance.choice(" '/=TF0123.+-EeDxXA:&\"")
        written = image_of("".join(letters))
        header = plain_header(written)
        if header is not None:
            read += 1
            assert_alike(header, fits.Header.fromstring(written))
    assert read > 500


def test_the_headers_of_real_subs_are_plain(real_subs: Path) -> None:
    path = next(path for path in sorted(real_subs.rglob("*.fit")) if path.is_file())
    with path.open("rb") as stream:
        header = read_header(path, stream)
    assert isinstance(header, PlainHeader)
    assert_alike(header, fits.getheader(path))


def test_numbers_of_any_size_are_read() -> None:
    header = plain_header(image_of("BIG     = 1.0E999", "WHOLE   = " + "9" * 60))
    assert header is not None
    assert header.get("BIG") == math.inf
    assert header.get("WHOLE") == int("9" * 60)
