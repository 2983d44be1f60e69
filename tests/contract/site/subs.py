"""Small FITS files for upload tests: a valid 64x64 sub whose cards can be changed."""

from __future__ import annotations

import itertools
import os

BLOCK = 2880
SIDE = 64
CARDS: dict[str, str | None] = {
    "SIMPLE": f"{'T':>20}",
    "BITPIX": f"{16:>20}",
    "NAXIS": f"{2:>20}",
    "NAXIS1": f"{SIDE:>20}",
    "NAXIS2": f"{SIDE:>20}",
    "EXPTIME": f"{'10.':>20}",
    "RA": f"{193.04166:>20}",
    "DEC": f"{40.970556:>20}",
    "DATE-OBS": None,
    "FILTER": "'IRCUT   '",
    "INSTRUME": "'Seestar S50'",
    "BAYERPAT": "'GRBG    '",
    "GAIN": f"{80:>20}",
    "TELESCOP": "'S50_1d3fe189'",
    "OBJECT": "'M 94    '",
}

FRACTIONS = itertools.cycle(range(1368, 1_000_000, 2_000))
"""Microseconds of the start, which tells an exposure from others."""


def header(cards: dict[str, str | None]) -> bytes:
    """Return a FITS header, padded to whole blocks; a card whose value is None is left out."""
    lines = [
        f"{key:<8}= {value}"[:80].ljust(80) for key, value in cards.items() if value is not None
    ]
    text = "".join([*lines, "END".ljust(80)])
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode("latin-1")


def sub(changes: dict[str, str | None] | None = None, *, data_bytes: int | None = None) -> bytes:
    """Return a sub with random pixels and a start of its own, so that no two are alike."""
    size = 2 * SIDE * SIDE if data_bytes is None else data_bytes
    padding = -size % BLOCK
    own = {"DATE-OBS": f"'2025-03-27T01:20:32.{next(FRACTIONS):06d}'"}
    return header({**CARDS, **own, **(changes or {})}) + os.urandom(size) + bytes(padding)


def taken_at(moment: str, **cards: str) -> bytes:
    """Return a sub of that DATE-OBS; further cards by keyword."""
    return sub({"DATE-OBS": f"'{moment}'", **cards})


def pointing(ra: float, dec: float) -> dict[str, str]:
    """Return the cards of a pointing in degrees."""
    return {"RA": f"{ra:>20}", "DEC": f"{dec:>20}"}


def copy_of(sub: bytes, **cards: str | None) -> bytes:
    """Return the sub as another program saves it: the same pixels under another header."""
    data = sub[BLOCK:]
    changes = {"HISTORY1": "'opened and saved'", **cards}
    kept = {
        line[:8].strip(): line[10:].rstrip()
        for line in (sub[at : at + 80].decode() for at in range(0, BLOCK, 80))
        if line[8:10] == "= "
    }
    return header({**kept, **changes}) + data
