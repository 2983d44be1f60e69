"""Writes FITS files of images and tables without astropy, which takes longer to load than to write.

The cards are formatted as astropy formats them, and a card that this module does not know how to
format, such as a text of more than one card, is left to it. Every HDU gets a checksum (FITS
standard 4.0, section 4.4.2.7 and appendix J).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np

from crowdsky.base.file_arrays import give_back_file_arrays
from crowdsky.frames.plain_header import CARD_BYTES

Card = tuple[str, object, str]
"""Keyword, value (text, bool, int or float) and comment, which may be empty."""

_BLOCK_BYTES = 2880
_VALUE_WIDTH = 20
_KEYWORD_WIDTH = 8
_BITPIX = {"u1": 8, "i2": 16, "i4": 32, "f4": -32, "f8": -64}
_FORMS = {"i2": "I", "i4": "J", "i8": "K", "u1": "B", "f4": "E", "f8": "D", "b1": "L"}
_SIGN_BIT = 0x8000
"""BZERO of unsigned 16-bit pixels, which FITS has no type of their own for."""
_NOT_IN_CHECKSUM = (*range(0x3A, 0x41), *range(0x5B, 0x61))
"""Punctuation between the digits, the capitals and the small letters of ASCII."""


@dataclass(frozen=True, slots=True)
class Hdu:
    """A header and its data as they are in the file, big-endian."""

    cards: list[Card]
    data: np.ndarray | None = None
    history: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: ``values`` (rows, ...), and the cards that follow TTYPE and TFORM."""

    name: str
    values: np.ndarray
    described: tuple[tuple[str, object], ...] = ()
    """Keywords without the number of the column, such as TUNIT, and their values."""


def primary(cards: Sequence[Card], history: Sequence[str] = ()) -> Hdu:
    """Build a primary HDU without data."""
    first: list[Card] = [
        ("SIMPLE", True, "conforms to FITS standard"),
        ("BITPIX", 8, "array data type"),
        ("NAXIS", 0, "number of array dimensions"),
        ("EXTEND", True, ""),
    ]
    return Hdu([*first, *cards], history=list(history))


def image(pixels: np.ndarray, name: str, cards: Sequence[Card] = ()) -> Hdu:
    """Build an image extension of pixels (height, width) of type uint8, uint16, int16 or float."""
    scaling: list[Card] = []
    if pixels.dtype == np.uint16:
        pixels = (pixels ^ np.uint16(_SIGN_BIT)).view(np.int16)
        scaling = [("BSCALE", 1, ""), ("BZERO", _SIGN_BIT, "")]
    height, width = pixels.shape
    first: list[Card] = [
        ("XTENSION", "IMAGE", "Image extension"),
        ("BITPIX", _BITPIX[pixels.dtype.str[1:]], "array data type"),
        ("NAXIS", 2, "number of array dimensions"),
        ("NAXIS1", width, ""),
        ("NAXIS2", height, ""),
        ("PCOUNT", 0, "number of parameters"),
        ("GCOUNT", 1, "number of groups"),
        *scaling,
        ("EXTNAME", name, "extension name"),
    ]
    return Hdu([*first, *cards], pixels)


def table(columns: Sequence[Column], name: str, cards: Sequence[Card] = ()) -> Hdu:
    """Build a binary table. Texts are bytes (dtype S), logical values bool."""
    rows = len(columns[0].values)
    stored = np.empty(rows, [(column.name, *_stored_type(column.values)) for column in columns])
    described: list[Card] = []
    for index, column in enumerate(columns, 1):
        values = column.values
        stored[column.name] = np.where(values, b"T", b"F") if values.dtype == bool else values
        described += [(f"TTYPE{index}", column.name, ""), (f"TFORM{index}", _form(values), "")]
        described += [(f"{keyword}{index}", value, "") for keyword, value in column.described]
    first: list[Card] = [
        ("XTENSION", "BINTABLE", "binary table extension"),
        ("BITPIX", 8, "array data type"),
        ("NAXIS", 2, "number of array dimensions"),
        ("NAXIS1", stored.dtype.itemsize, "length of dimension 1"),
        ("NAXIS2", rows, "length of dimension 2"),
        ("PCOUNT", 0, "number of group parameters"),
        ("GCOUNT", 1, "number of groups"),
        ("TFIELDS", len(columns), "number of table fields"),
    ]
    return Hdu([*first, *described, ("EXTNAME", name, "extension name"), *cards], stored)


def write_fits(path: Path, hdus: Sequence[Hdu], written: datetime) -> None:
    """Write HDUs to a new file or in place of an old one; raises OSError.

    ``written`` is stated in the comments of the checksums.
    """
    with path.open("wb", buffering=0) as stream:
        for hdu in hdus:
            _write(stream, hdu, f"{written.astimezone(UTC):%Y-%m-%dT%H:%M:%S}")
            give_back_file_arrays()


def _write(stream: BinaryIO, hdu: Hdu, written: str) -> None:
    data = b"" if hdu.data is None else _big_endian(hdu.data)
    size = len(data)
    data_sum = _sum(data)
    header = _header(hdu, data_sum, "0" * 16, written)
    whole = data_sum + _sum(header)
    header = _header(hdu, data_sum, _encoded(~_folded(whole) & 0xFFFFFFFF), written)
    for part in (header, data, bytes(-size % _BLOCK_BYTES)):
        _write_all(stream, memoryview(part))


def _write_all(stream: BinaryIO, part: memoryview) -> None:
    while part:
        part = part[stream.write(part) :]


def _big_endian(data: np.ndarray) -> memoryview:
    stored = np.ascontiguousarray(data, data.dtype.newbyteorder(">"))
    return stored.reshape(-1).view(np.uint8).data


def _header(hdu: Hdu, data_sum: int, checksum: str, written: str) -> bytes:
    cards = [
        *hdu.cards,
        ("CHECKSUM", checksum, f"HDU checksum updated {written}"),
        ("DATASUM", str(data_sum), f"data unit checksum updated {written}"),
    ]
    text = "".join([*map(card_image, cards), *_history(hdu.history), f"{'END':{CARD_BYTES}}"])
    return text.ljust(-(-len(text) // _BLOCK_BYTES) * _BLOCK_BYTES).encode("ascii")


def _history(lines: Sequence[str]) -> Iterator[str]:
    width = CARD_BYTES - _KEYWORD_WIDTH
    for line in lines:
        for start in range(0, len(line), width):
            yield f"HISTORY {line[start : start + width]:{width}}"


def card_image(card: Card) -> str:
    """Format a card: 80 characters, or a multiple of that for a long text."""
    keyword, value, comment = card
    written = _value_text(value)
    if written is not None and len(keyword) <= _KEYWORD_WIDTH:
        text = f"{keyword:{_KEYWORD_WIDTH}}= {written}" + (f" / {comment}" if comment else "")
        if len(text) <= CARD_BYTES:
            return text.ljust(CARD_BYTES)
    from astropy.io import fits

    return str(fits.Card(keyword, value, comment))


def _value_text(value: object) -> str | None:
    if isinstance(value, str):
        quoted = value.replace("'", "''")
        return f"'{quoted:8}'".ljust(_VALUE_WIDTH) if value else "''"
    if isinstance(value, bool):
        return f"{'T' if value else 'F':>{_VALUE_WIDTH}}"
    if isinstance(value, int):
        return f"{value:>{_VALUE_WIDTH}d}"
    if isinstance(value, float) and np.isfinite(value) and len(repr(value)) <= _VALUE_WIDTH:
        return f"{repr(value).replace('e', 'E'):>{_VALUE_WIDTH}}"
    return None


def _stored_type(values: np.ndarray) -> tuple[str, tuple[int, ...]]:
    kind = "S1" if values.dtype == bool else values.dtype.newbyteorder(">").str
    return kind, values.shape[1:]


def _form(values: np.ndarray) -> str:
    if values.dtype.kind == "S":
        return f"{values.dtype.itemsize}A"
    repeat = "" if values.ndim == 1 else str(int(np.prod(values.shape[1:])))
    return repeat + _FORMS[values.dtype.str[1:]]


def _sum(data: bytes | memoryview) -> int:
    """Return the ones' complement sum of 32-bit big-endian numbers; zeros follow ``data``."""
    whole = len(data) // 4 * 4
    total = int(np.frombuffer(data, ">u4", whole // 4).sum(dtype=np.uint64))
    rest = bytes(data[whole:])
    return _folded(total + int.from_bytes(rest.ljust(4, b"\0"), "big") if rest else total)


def _folded(total: int) -> int:
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    return total


def _encoded(value: int) -> str:
    """Write a 32-bit number as 16 letters and digits whose sum is that number."""
    letters = [0] * 16
    for place, byte in enumerate(value.to_bytes(4, "big")):
        quarters = [byte // 4 + ord("0")] * 4
        quarters[0] += byte % 4
        while any(quarter in _NOT_IN_CHECKSUM for quarter in quarters):
            for first in (0, 2):
                if quarters[first] in _NOT_IN_CHECKSUM or quarters[first + 1] in _NOT_IN_CHECKSUM:
                    quarters[first] += 1
                    quarters[first + 1] -= 1
        for row, quarter in enumerate(quarters):
            letters[(4 * row + place + 1) % 16] = quarter
    return bytes(letters).decode("ascii")
