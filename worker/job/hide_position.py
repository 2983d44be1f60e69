"""Removes from a stack where on Earth it was taken, unless its owner shares the position.

Measuring needs the position, so this comes last, on the finished file. It uses no FITS library: the
process that talks to the site loads none. What goes is every card that the table of header cards
does not call public. Comments and HISTORY stay: in a stack they are the worker's own words, and the
copy that strangers get, which the site makes, has neither.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from crowdsky.base.errors import CorruptInputError
from crowdsky.frames.public_header import CARD_BYTES, reveals
from crowdsky.measuring.measured import Measured
from worker.job.compute import ComputeResult

BLOCK_BYTES = 2880
MAX_HEADER_BYTES = 64 * BLOCK_BYTES
"""Bytes of the longest header that is read; no stack of ours has a longer one."""

BJD_DIGITS = 6
"""Decimals of a day, 0.09 s, that the barycentric time keeps. The place of the telescope shifts it
by 0.021 s at most; from the exact times of a few stacks, one could work out the place."""

SIZE = re.compile(rb"(BITPIX|NAXIS[0-9]{0,3}|PCOUNT) *= +([+-]?[0-9]+)")
DATASUM = re.compile(rb"DATASUM = '([0-9]+) *'")
BJD = re.compile(rb"(BJD_TDB = +)([0-9.]+(?:E[+-]?[0-9]+)?)( .*)")


def withhold_position(result: ComputeResult) -> ComputeResult:
    """Remove the position from a stack's file and from its description.

    Raises CorruptInputError when the file is no FITS file, OSError when it cannot be written.
    """
    blank_position(result.stack.output_path)
    measured = result.measured
    return result if measured is None else replace(result, measured=_rounded(measured))


def blank_position(path: Path) -> None:
    """Blank the cards that reveal the position in all headers of a stack; no byte moves."""
    size = path.stat().st_size
    with path.open("r+b") as stream:
        start = 0
        while start == 0 or start < size:
            header, end = _read_header(path, stream, start)
            cards = [bytes(header[at : at + CARD_BYTES]) for at in range(0, end, CARD_BYTES)]
            data_bytes = _data_bytes(path, cards)
            cards = [_without_exact_time(card) for card in map(_without_place, cards)]
            changed = b"".join(cards)
            if changed != header[:end]:
                header[:end] = changed
                renew_checksum(header)
                stream.seek(start)
                stream.write(header)
            start += len(header) + data_bytes


def _read_header(path: Path, stream: BinaryIO, start: int) -> tuple[bytearray, int]:
    """Read the header that begins at ``start``; returns it and the offset of its END."""
    stream.seek(start)
    header = bytearray()
    while not (end := _end(header)):
        block = stream.read(BLOCK_BYTES)
        if len(block) < BLOCK_BYTES or len(header) >= MAX_HEADER_BYTES:
            raise _damaged(path, "one of its headers is not whole")
        header += block
    return header, end


def _data_bytes(path: Path, cards: list[bytes]) -> int:
    """Compute the number of bytes between a header and the next one, filling included."""
    found = {match[1]: int(match[2]) for card in cards if (match := SIZE.match(card))}
    axes = [found.get(b"NAXIS%d" % axis, -1) for axis in range(1, found.get(b"NAXIS", 0) + 1)]
    bits, heap = abs(found.get(b"BITPIX", 0)), found.get(b"PCOUNT", 0)
    if bits == 0 or min([*axes, heap]) < 0:
        raise _damaged(path, "one of its headers does not describe its data")
    values = math.prod(axes) + heap if axes else 0
    return -(-values * bits // 8 // BLOCK_BYTES) * BLOCK_BYTES


def _damaged(path: Path, why: str) -> CorruptInputError:
    return CorruptInputError(
        "could not leave the position out of the stack", where=path.name, why=why
    )


def _end(header: bytearray) -> int:
    """Offset of the card END; 0 if it is not there yet."""
    first = max(0, len(header) - BLOCK_BYTES)
    for at in range(first, len(header), CARD_BYTES):
        if header[at : at + CARD_BYTES].rstrip(b" ") == b"END":
            return at
    return 0


def _without_place(card: bytes) -> bytes:
    return b" " * CARD_BYTES if reveals(card) else card


def _without_exact_time(card: bytes) -> bytes:
    found = BJD.fullmatch(card)
    if found is None:
        return card
    value = f"{float(found[2]):.{BJD_DIGITS}f}".encode()
    return found[1] + value.rjust(len(found[2])) + found[3]


def _rounded(measured: Measured) -> Measured:
    facts = measured.photometry
    if not facts or not isinstance(facts.get("bjd_tdb_mid"), float):
        return measured
    bjd = round(facts["bjd_tdb_mid"], BJD_DIGITS)
    return replace(measured, photometry={**facts, "bjd_tdb_mid": bjd})


def renew_checksum(header: bytearray) -> None:
    """Correct CHECKSUM, if there is one; DATASUM says what the data add to it."""
    at = header.find(b"CHECKSUM= '")
    if at < 0 or at % CARD_BYTES:
        return
    value = at + len(b"CHECKSUM= '")
    header[value : value + 16] = b"0" * 16
    total = sum(int.from_bytes(header[i : i + 4]) for i in range(0, len(header), 4))
    of_data = DATASUM.search(header)
    total += int(of_data[1]) if of_data else 0
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    header[value : value + 16] = _encoded(0xFFFFFFFF - total)


def _encoded(number: int) -> bytes:
    """A 32-bit number as the 16 characters of the FITS convention for checksums."""
    letters = bytearray(16)
    for place, byte in enumerate(number.to_bytes(4)):
        four = [byte // 4 + 48] * 4
        four[0] += byte % 4
        for low in (0, 2):
            # Only digits and letters are allowed; whatever one of a pair gains the other gives.
            while not bytes(four[low : low + 2]).isalnum():
                four[low] += 1
                four[low + 1] -= 1
        for index, one in enumerate(four):
            letters[4 * index + place] = one
    return bytes(letters[-1:] + letters[:-1])
