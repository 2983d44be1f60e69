"""A stack made of public copies: the same pixels, and nothing of the place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.frames.card_table import is_public
from crowdsky.frames.plane_cards import MEASURED
from crowdsky.frames.public_header import clean_header
from crowdsky.photometry.calibration import OUTDATED_KEYWORDS
from crowdsky.solving.solution import OUTDATED_WCS_KEYWORDS
from crowdsky.sources.star_columns import COLUMNS
from crowdsky.stacking.stack_files import stack_files
from tests.sky.conftest import MakeNight
from tests.support.php_code import run_php

OURS = {"", "HISTORY", "CHECKSUM", "DATASUM", "OBJECT"}
"""What of a stack is withheld; OBJECT because this sky has a name of its own."""

FIRST_ID = 8
"""Number of the first sub, so that frame_10 comes before frame_8 in order of names."""
COPY = """
    $stream = fopen($argv[1], 'rb');
    $copy = CrowdSky\\Fits\\PublicFrame::of($stream);
    $file = fopen($argv[2], 'wb');
    $copy->read(0, $copy->size(), static fn (string $piece) => fwrite($file, $piece));
"""


@pytest.fixture
def stacks(tmp_path: Path, make_night: MakeNight) -> tuple[Path, Path]:
    """The same night stacked from the raws and from what a volunteer gets."""
    raws = sorted(make_night(rotation_deg_per_hour=60.0, dither_px=8.0).paths)
    for raw in raws:
        with fits.open(raw, mode="update") as hdus:
            hdus[0].header["SITELAT"] = (48.1371, "in my garden")
            hdus[0].header["BREITE"] = "48 08 N"
            hdus[0].header.add_comment("seen from 48.1371 N")
    copies = [tmp_path / f"frame_{FIRST_ID + number}.fits" for number in range(len(raws))]
    for raw, copy in zip(raws, copies, strict=True):
        run_php(COPY, str(raw), str(copy))
        assert b"48.1371" not in copy.read_bytes() and b"48 08" not in copy.read_bytes()
    own, public = tmp_path / "own.fits", tmp_path / "public.fits"
    stack_files(raws, own, engine="native")
    stack_files(copies, public, engine="native")
    return own, public


def test_the_pixels_are_the_same_bit_for_bit(stacks: tuple[Path, Path]) -> None:
    own, public = stacks
    with fits.open(own) as one, fits.open(public) as other:
        for name in ("RED", "GREEN", "BLUE", "FOOTPRINT", "VARIANCE", "REJECTED"):
            assert np.array_equal(one[name].data, other[name].data), name
        assert np.array_equal(one["FRAMES"].data["TRANSFORM"], other["FRAMES"].data["TRANSFORM"])
        assert one[0].header["SITELAT"] == 48.1371
        told = set(one[0].header) - set(other[0].header)
        assert told <= {"SITELAT", "SITELONG", "OBJECT"}


def test_every_card_of_our_stacks_is_in_the_table(stacks: tuple[Path, Path]) -> None:
    """Otherwise a new card is withheld from strangers without anybody having decided so."""
    with fits.open(stacks[1]) as hdus:
        headers = [hdu.header.tostring().encode() for hdu in hdus]
    cards = [text[at : at + 80] for text in headers for at in range(0, len(text), 80)]
    withheld = [card for card in cards if not clean_header(card).strip()]
    measured = {*OUTDATED_KEYWORDS, *OUTDATED_WCS_KEYWORDS, *MEASURED, "OBJ001", "NOBJ", "ARCHID"}

    assert {card[:8].rstrip() for card in withheld} <= {*map(str.encode, OURS)}
    assert [key for key in measured if not is_public(key.encode())] == ["AIRMASS"]


def test_every_column_of_ours_is_described_to_strangers() -> None:
    for number, texts in enumerate(COLUMNS.values(), start=1):
        for stem, text in zip(("TUNIT", "TUCD", "TCOMM"), texts, strict=True):
            card = f"{stem}{number}".ljust(8) + f"= '{text:<8}'"
            assert clean_header(card.encode().ljust(80)) == card.encode().ljust(80)
