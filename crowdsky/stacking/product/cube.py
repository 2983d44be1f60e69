"""Writes a stack as one FITS image of three colours, for programs that do not open its planes.

Siril 1.0 opens no file with an empty primary. The cube has the pixels of RED, GREEN and BLUE, byte
by byte (those of LUM three times), and the primary header of the stack with the shape of the cube;
FOOTPRINT and the tables are in the stack only. The site puts together the same bytes for its
download (``php_api/src/Fits/RgbCube.php``); the tests compare them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from astropy.io import fits

from crowdsky.frames.damaged import damage_as
from crowdsky.frames.fits_header import BLOCK_BYTES
from crowdsky.frames.plane_cards import COLOURS, LUMINANCE
from crowdsky.stacking.product.read_result import NotAStackError

CARD_BYTES = 80
COPY_BYTES = 1 << 20
DROPPED = re.compile(
    rb"(SIMPLE|BITPIX|NAXIS[0-9]*|EXTEND|BZERO|BSCALE|BUNIT|CHECKSUM|DATASUM|CTYPE3) *=| {80}"
)
"""Cards of the primary header that would be wrong in the cube; its own or those of a plane take
their place."""
OF_PIXELS = (b"BZERO   = ", b"BSCALE  = ", b"BUNIT   = ")
"""Cards of a plane that say what its numbers mean."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One HDU of the stack: its cards as they are in the file, and where its data are."""

    cards: tuple[bytes, ...]
    header: fits.Header
    data_offset: int

    @property
    def kind(self) -> tuple[object, ...]:
        """What must be the same in all planes."""
        keys = ("NAXIS", "BITPIX", "NAXIS1", "NAXIS2")
        scaling = self.header.get("BZERO"), self.header.get("BSCALE")
        return (*(self.header.get(key) for key in keys), *scaling)

    @property
    def data_bytes(self) -> int:
        """Number of bytes of the pixels, without the filling."""
        header = self.header
        return int(header["NAXIS1"] * header["NAXIS2"] * abs(header["BITPIX"]) // 8)


def write_cube(stack: Path, cube: Path) -> Path:
    """Write the planes of a stack as an RGB cube (3, height, width); returns its path.

    The pixels keep their type and their values in ADU. The file appears whole or not at all. Raises
    NotAStackError when the stack has no three planes of one kind, OSError when a file cannot be
    read or written.
    """
    primary, planes = _parts(stack)
    if len({plane.kind for plane in planes}) != 1 or planes[0].header.get("NAXIS") != 2:
        raise _unfit(stack, "its planes are not of one size and type")
    partial = cube.with_name(cube.name + ".part")
    try:
        with stack.open("rb") as source, partial.open("wb") as target:
            target.write(_header(primary, planes[0]))
            for plane in planes:
                source.seek(plane.data_offset)
                _copy(stack, source, target, plane.data_bytes)
            target.write(bytes(-target.tell() % BLOCK_BYTES))
        return partial.replace(cube)
    finally:
        partial.unlink(missing_ok=True)


def _parts(stack: Path) -> tuple[_Part, tuple[_Part, ...]]:
    """Read the headers of the primary and of the three planes."""
    with (
        damage_as(lambda why: _unfit(stack, why)),
        stack.open("rb") as stream,
        fits.open(stream, memmap=False) as hdus,
    ):
        found = {hdu.name: hdu for hdu in reversed(list(hdus))}
        names = (LUMINANCE,) * 3 if LUMINANCE in found else COLOURS
        if not found.keys() >= set(names):
            raise _unfit(stack, "it has no planes RED, GREEN and BLUE, and no LUM")
        parts = [_part(hdu, stream) for hdu in (hdus[0], *(found[name] for name in names))]
    return parts[0], tuple(parts[1:])


def _part(hdu: fits.PrimaryHDU | fits.ImageHDU, stream: BinaryIO) -> _Part:
    place = hdu.fileinfo()
    stream.seek(place["hdrLoc"])
    raw = stream.read(place["datLoc"] - place["hdrLoc"])
    cards = [raw[at : at + CARD_BYTES] for at in range(0, len(raw), CARD_BYTES)]
    cards = cards[: cards.index(b"END".ljust(CARD_BYTES))]
    # astropy may have changed its header for the scaling of the pixels.
    header = fits.Header.fromstring(raw)
    return _Part(tuple(cards), header, place["datLoc"])


def _header(primary: _Part, plane: _Part) -> bytes:
    own = plane.header
    cards = [
        _card("SIMPLE", "T", "conforms to FITS standard"),
        _card("BITPIX", own["BITPIX"], "array data type"),
        _card("NAXIS", 3, "number of array dimensions"),
        _card("NAXIS1", own["NAXIS1"], "width"),
        _card("NAXIS2", own["NAXIS2"], "height"),
        _card("NAXIS3", 3, "red, green, blue"),
        *(card for key in OF_PIXELS for card in plane.cards if card.startswith(key)),
        *(card for card in primary.cards if not DROPPED.match(card)),
        b"END".ljust(CARD_BYTES),
    ]
    text = b"".join(cards)
    return text.ljust(-(-len(text) // BLOCK_BYTES) * BLOCK_BYTES)


def _card(keyword: str, value: object, comment: str) -> bytes:
    return f"{keyword:8}= {value!s:>20} / {comment}".ljust(CARD_BYTES).encode("ascii")


def _copy(stack: Path, source: BinaryIO, target: BinaryIO, count: int) -> None:
    while count > 0:
        piece = source.read(min(count, COPY_BYTES))
        if not piece:
            raise _unfit(stack, "it is truncated")
        target.write(piece)
        count -= len(piece)


def _unfit(stack: Path, why: str) -> NotAStackError:
    return NotAStackError("could not make a colour cube", where=stack.name, why=why)
