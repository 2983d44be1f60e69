"""Reads and checks the headers of light frames without touching their pixels.

What a header claims is compared with the size of the file before any memory is allocated for it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from crowdsky.frames.card_facts import FACTS
from crowdsky.frames.cards import card, is_broken, number, text
from crowdsky.frames.fits_header import (
    START_BYTES,
    facts,
    is_fits,
    other_kind,
    read_header,
    unreadable,
)
from crowdsky.frames.header_clock import NOTHING_TOLD, ToldClock
from crowdsky.frames.light_frame import DTYPES, LightFrame
from crowdsky.frames.plain_header import Header

MIN_SIDE_PX = FACTS.min_side_px
MAX_PIXELS = FACTS.max_px
"""Number of pixels above that of any small telescope: more is a mistake or an attack."""
MAX_TILE_PIXELS = 4_000_000
"""Number of pixels of a tile: it is unpacked as a whole. fpack makes tiles of one row."""
MAX_TILES = 50_000
"""Number of tiles: each takes some 50 microseconds. A picture in rows has a few thousand."""
MAX_COMPRESSION = 60
"""Ratio of the unpacked to the packed size; real subs have 1.5. Keeps a small file from filling the
memory."""
COMPRESSIONS = ("RICE_1", "RICE_ONE", "GZIP_1", "GZIP_2")
"""Accepted methods. HCOMPRESS is not: damaged data made its decoder write outside its memory."""


def read_light_frame(path: Path, told: ToldClock = NOTHING_TOLD) -> LightFrame:
    """Read and check the header of a light frame; its pixels stay on disk.

    Accepts FITS images with any Bayer pattern or mono, of 8, 16 or 32-bit integers or of floats,
    optionally tile-compressed (``.fit.fz``). ``told`` is what is known of the telescope's clock
    besides the header. Raises UnreadableFrameError, which says why the file
    cannot be stacked and what to try.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            return _read(path, stream, size, told)
    except OSError as error:
        raise unreadable(
            path, error.strerror or str(error), "check that it exists and can be read"
        ) from error


def sha256_of(path: Path) -> str:
    """Compute the SHA-256 of a file, read in pieces, as lower-case hex; raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(path: Path, stream: BinaryIO, size: int, told: ToldClock) -> LightFrame:
    _check_kind(path, stream.read(START_BYTES))
    stream.seek(0)
    header = read_header(path, stream)
    if card(header, "NAXIS") != 0:
        return _describe(path, header, stream.tell(), size, told)
    # fpack leaves the primary HDU empty and puts the picture into the first extension.
    if stream.tell() >= size:
        raise unreadable(path, "it holds no picture", "send the raw frame")
    extension = read_header(path, stream)
    if card(extension, "ZIMAGE") is not True:
        raise unreadable(
            path, "its picture is not in the primary HDU", "send the raw frame as it was saved"
        )
    return _describe(path, extension, stream.tell(), size, told, compressed_hdu=1)


def _describe(
    path: Path,
    header: Header,
    offset: int,
    size: int,
    told: ToldClock,
    compressed_hdu: int | None = None,
) -> LightFrame:
    prefix = "" if compressed_hdu is None else "Z"
    bitpix, width, height = _geometry(path, header, prefix)
    claimed = width * height * abs(bitpix) // 8
    if compressed_hdu is None:
        stored = claimed
    else:
        stored = _table_bytes(path, header)
        if claimed > MAX_COMPRESSION * max(stored, 1):
            raise unreadable(
                path,
                f"it would grow from {stored} to {claimed} bytes",
                f"more than {MAX_COMPRESSION}-fold compression is not accepted",
            )
        _check_tiles(path, header, width, height)
    if offset + stored > size:
        raise unreadable(
            path,
            f"it is truncated: {size} bytes of at least {offset + stored}",
            "send it again",
        )
    bzero, bscale = _scaling(path, header, "BZERO", 0.0), _scaling(path, header, "BSCALE", 1.0)
    return LightFrame(
        path=path,
        header=facts(path, header, (width, height), told),
        bitpix=bitpix,
        data_offset=offset if compressed_hdu is None else 0,
        bzero=bzero,
        bscale=bscale,
        bottom_up=(text(header, "ROWORDER") or "").strip().upper() == "BOTTOM-UP",
        compressed_hdu=compressed_hdu,
    )


def _scaling(path: Path, header: Header, key: str, default: float) -> float:
    """Read BZERO or BSCALE; refuses a frame whose card is no number: its pixels are unknown."""
    value = number(header, key)
    if value is not None:
        return value
    if key in header and (is_broken(header, key) or card(header, key) is not None):
        said = "cannot be read" if is_broken(header, key) else f"is {card(header, key)!r}"
        raise unreadable(
            path,
            f"{key} in its header {said}, so that the values of its pixels are not known",
            f"write {key} as a number without quotes",
        )
    return default


def _check_kind(path: Path, start: bytes) -> None:
    if is_fits(start):
        return
    other = other_kind(start)
    if other is not None:
        raise unreadable(path, f"it is {other[0]}, not FITS", other[1])
    raise unreadable(path, "it is not a FITS file", "send the raw frame as the telescope saved it")


def _geometry(path: Path, header: Header, prefix: str) -> tuple[int, int, int]:
    """Return (bitpix, width, height), checked; ``prefix`` is "Z" for a tile-compressed picture."""
    keys = ("BITPIX", "NAXIS", "NAXIS1", "NAXIS2")
    bitpix, axes, width, height = (card(header, prefix + key) for key in keys)
    if axes != 2:
        raise unreadable(
            path,
            f"it has {axes} axes and not the 2 of a raw frame",
            "send the raw frame, not a stack or a colour picture",
        )
    if bitpix not in DTYPES or not isinstance(width, int) or not isinstance(height, int):
        raise unreadable(
            path, f"it claims {width}x{height} pixels of type {bitpix}", "check its header"
        )
    if min(width, height) < MIN_SIDE_PX or width * height > MAX_PIXELS:
        raise unreadable(
            path,
            f"it claims {width}x{height} pixels",
            f"frames have at least {MIN_SIDE_PX} pixels a side and at most {MAX_PIXELS} in all",
        )
    return bitpix, width, height


def _check_tiles(path: Path, header: Header, width: int, height: int) -> None:
    """Refuse compressed pictures that cannot be unpacked safely and within bounds."""
    method = text(header, "ZCMPTYPE") or ""
    if method not in COMPRESSIONS:
        raise unreadable(
            path,
            f"its picture is compressed by {method or 'an unnamed method'}; only RICE and GZIP "
            "can be read",
            "unpack it first",
        )
    defaults = {"ZTILE1": width, "ZTILE2": 1}
    sides = [card(header, key) if key in header else side for key, side in defaults.items()]
    if not all(isinstance(side, int) and side > 0 for side in sides):
        raise unreadable(path, "its compressed picture has no valid tiles", "send it again")
    if sides[0] * sides[1] > MAX_TILE_PIXELS:
        raise unreadable(
            path,
            f"its picture is compressed in tiles of {sides[0]}x{sides[1]} pixels; at most "
            f"{MAX_TILE_PIXELS} a tile can be read",
            "unpack it first",
        )
    tiles, rows = -(-width // sides[0]) * -(-height // sides[1]), header["NAXIS2"]
    if tiles != rows:
        raise unreadable(path, f"it holds {rows} of its {tiles} compressed tiles", "send it again")
    if tiles > MAX_TILES:
        raise unreadable(
            path, f"its picture is compressed in {tiles} tiles", f"at most {MAX_TILES} can be read"
        )


def _table_bytes(path: Path, header: Header) -> int:
    """Return the size in bytes of a binary table with its heap, as its header claims."""
    sizes = [card(header, key) for key in ("NAXIS1", "NAXIS2", "PCOUNT")]
    if not all(isinstance(size, int) and size >= 0 for size in sizes):
        raise unreadable(path, "its compressed picture has no valid size", "send it again")
    row, count, heap = sizes
    return int(row * count + heap)
