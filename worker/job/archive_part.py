"""Writes into a stack what its site knows about it: the part ARCHIVE, the last one of the file.

From this part `cleanup.php --adopt` rebuilds the rows of a database that was lost. It has no data;
its header has the facts of the job as the site told them, and the completion report, as JSON. It
uses no FITS library: the process that talks to the site loads none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from crowdsky.base.errors import CorruptInputError
from crowdsky.base.json_fields import JsonObject
from worker.job.hide_position import renew_checksum

NAME = "ARCHIVE"
CARD_BYTES, BLOCK_BYTES = 80, 2880
MAX_HEADER_BYTES = 64 * BLOCK_BYTES
"""Bytes of the longest part that a site reads; that of a usual stack has less than a tenth."""
MAX_BLOCKS = 500
"""Blocks of the longest header that the site accepts in a stack."""
TEXT_PER_CARD = 67
"""Characters between the quotes of a card, without the & that says that the text goes on."""


def write_archive_part(
    path: Path, facts: JsonObject | None, report: JsonObject, written: datetime
) -> bool:
    """Append the part ARCHIVE to a stack; one from an earlier job gives way. Pixels stay.

    Args:
        path: the stack, a whole FITS file.
        facts: what the site said about the job, None if it is an older one.
        report: the completion report, without secrets and paths.
        written: time at which the report was made, UTC.

    Returns:
        False if the part would be longer than a site reads it. Then the stack has none: it is worth
        more than its description.

    Raises:
        CorruptInputError: the file is no FITS file.
        OSError: it cannot be read or written.
    """
    cards = [
        _card("XTENSION", "'IMAGE   '", "no image: facts for the archive"),
        _card("BITPIX", "8", ""),
        _card("NAXIS", "0", "no data"),
        _card("PCOUNT", "0", ""),
        _card("GCOUNT", "1", ""),
        _card("EXTNAME", f"'{NAME:8}'", "what the site of this archive knows"),
        _card("DATE", f"'{written:%Y-%m-%dT%H:%M:%S}'", "UTC when the report was made"),
        _card("LONGSTRN", "'OGIP 1.0'", "texts go on in CONTINUE"),
        *([] if facts is None else _long_text("JOBFACTS", facts)),
        *_long_text("REPORT", report),
        _card("DATASUM", "'0       '", "of no data"),
        _card("CHECKSUM", f"'{'0' * 16}'", "of this part"),
        "END",
    ]
    part = bytearray("".join(card.ljust(CARD_BYTES) for card in cards), "ascii")
    part += b" " * (-len(part) % BLOCK_BYTES)
    renew_checksum(part)
    fits_in = len(part) <= MAX_HEADER_BYTES
    with path.open("r+b") as stream:
        for name, start, stop in reversed(list(_parts(stream, path.name))):
            if name == NAME:
                _cut_out(stream, start, stop)
        if fits_in:
            stream.seek(0, os.SEEK_END)
            stream.write(part)
    return fits_in


def _card(keyword: str, value: str, comment: str) -> str:
    value = value.ljust(20) if value.startswith("'") else value.rjust(20)
    return f"{keyword:8}= {value} / {comment}".rstrip(" /")


def _long_text(keyword: str, value: JsonObject) -> Iterator[str]:
    """Yield the cards of a JSON object, by the FITS convention for long strings.

    A quote would be doubled, and an & at the end of a card means that the text goes on: both are
    escaped, which JSON allows within its strings, and it has none elsewhere.
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    text = text.replace("'", "\\u0027").replace("&", "\\u0026")
    start = f"{keyword:8}= "
    while len(text) > TEXT_PER_CARD:
        yield f"{start}'{text[:TEXT_PER_CARD]}&'"
        text, start = text[TEXT_PER_CARD:], "CONTINUE  "
    yield f"{start}'{text}'"


def _parts(stream: BinaryIO, where: str) -> Iterator[tuple[str, int, int]]:
    """Yield the name of every part of a FITS file and the bytes from and up to which it goes."""
    size = stream.seek(0, os.SEEK_END)
    start = 0
    while start < size:
        stream.seek(start)
        header = _read_header(stream, where)
        stop = stream.tell() + _data_bytes(header)
        if stop > size:
            raise _no_fits(where)
        yield header.get("EXTNAME", ""), start, stop
        start = stop


def _read_header(stream: BinaryIO, where: str) -> dict[str, str]:
    """Read the values of one header that say how long the part is and how it is called."""
    values: dict[str, str] = {}
    for _ in range(MAX_BLOCKS):
        block = stream.read(BLOCK_BYTES)
        if len(block) < BLOCK_BYTES:
            break
        for at in range(0, BLOCK_BYTES, CARD_BYTES):
            card = block[at : at + CARD_BYTES].decode("latin-1")
            if card.rstrip(" ") == "END":
                return values
            if card[8:10] == "= ":
                value = card[10:].split("/")[0].strip(" ").strip("'").rstrip(" ")
                values.setdefault(card[:8].rstrip(" "), value)
    raise _no_fits(where)


def _data_bytes(header: dict[str, str]) -> int:
    """Return the bytes of a part after its header, with the padding; 0 where it makes no sense."""
    try:
        axes = [int(header[f"NAXIS{axis + 1}"]) for axis in range(int(header["NAXIS"]))]
        elements = 1 if axes else 0
        for axis in axes:
            elements *= axis
        elements = int(header.get("GCOUNT", 1)) * (int(header.get("PCOUNT", 0)) + elements)
        size = abs(int(header["BITPIX"])) // 8 * elements
    except (KeyError, ValueError):
        return 0
    return size + -size % BLOCK_BYTES


def _cut_out(stream: BinaryIO, start: int, stop: int) -> None:
    """Remove these bytes from a file. The part is its last one, or few and small ones follow."""
    stream.seek(stop)
    rest = stream.read()
    stream.seek(start)
    stream.write(rest)
    stream.truncate()


def _no_fits(where: str) -> CorruptInputError:
    return CorruptInputError(
        "could not describe the stack for the archive", where=where, why="it is no whole FITS file"
    )
