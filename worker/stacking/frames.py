"""Light frames: read, checked and described, without holding their pixels.

A ``LightFrame`` knows where its pixels are and how they are coded; ``rows`` reads those asked
for. Nothing is kept open between calls, so hundreds of frames cost neither memory nor file
descriptors. What a file claims is compared with what it holds before any memory is spent on it.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from astropy.io import fits
from astropy.io.fits.hdu.compressed._compression import CfitsioException

from worker.stacking.fits_header import (
    MONO,
    START_BYTES,
    FrameHeader,
    facts,
    is_fits,
    number,
    other_kind,
    read_header,
    unreadable,
)

__all__ = [
    "MONO",
    "FrameHeader",
    "LightFrame",
    "read_light_frame",
    "sha256_of",
]

MIN_SIDE_PX = 64
MAX_PIXELS = 64_000_000
"""Larger than any sensor of a small telescope; what claims more is a mistake or an attack."""
MAX_TILE_PIXELS = 4_000_000
"""A tile is unpacked as a whole, so its size bounds the memory; fpack makes tiles of one row."""
MAX_TILES = 50_000
"""Each one costs some 50 microseconds; a picture in rows has a few thousand."""
MAX_COMPRESSION = 60
"""Real subs compress 1.5-fold; the bound only keeps a small file from filling the memory."""
COMPRESSIONS = ("RICE_1", "RICE_ONE", "GZIP_1", "GZIP_2")
"""Not HCOMPRESS: damaged data made its decoder write outside of its memory."""
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    RuntimeError,
    MemoryError,
    zlib.error,
    fits.VerifyError,
    CfitsioException,
)
"""What astropy raises, far inside, at compressed pixels that are not what their header says."""

_DTYPES = {8: "u1", 16: ">i2", 32: ">i4", -32: ">f4", -64: ">f8"}


@dataclass(frozen=True, slots=True)
class LightFrame:
    """A light frame that can be stacked: its facts, and where its pixels lie in the file."""

    path: Path
    header: FrameHeader
    bitpix: int
    data_offset: int
    """Bytes before the pixels; 0 in a tile-compressed file."""
    bzero: float
    bscale: float
    bottom_up: bool
    compressed_hdu: int | None

    @property
    def filename(self) -> str:
        """The file's own name, without folders."""
        return self.path.name

    @property
    def holds_uint16(self) -> bool:
        """Whether the pixels are whole numbers from 0 to 65535, as those of a Seestar are."""
        if self.bscale != 1.0:
            return False
        return (self.bitpix, self.bzero) in ((16, 32768.0), (8, 0.0))

    def rows(self, first: int = 0, stop: int | None = None) -> np.ndarray:
        """Rows ``first`` to ``stop`` (exclusive) of the mosaic, (stop - first, width), a copy.

        uint16 where ``holds_uint16``, else float32 with pixels that have no value set to 0. Row 0
        is the top of the picture: files with ROWORDER BOTTOM-UP are turned over, so that the
        pattern of ``header`` holds for the first row returned when ``first`` is even.
        Raises UnreadableFrameError when a compressed file turns out to be damaged.
        """
        height, width = self.header.height, self.header.width
        stop = height if stop is None else min(stop, height)
        if self.bottom_up:
            first, stop = height - stop, height - first
        if self.compressed_hdu is not None:
            stored = self._decompressed(self.compressed_hdu, np.s_[first:stop, 0:width])
        else:
            stored = self.stored_rows(first, stop)
        rows = self._decoded(stored)
        return np.ascontiguousarray(rows[::-1]) if self.bottom_up else rows

    def columns(self, first: int, stop: int) -> np.ndarray:
        """Columns ``first`` to ``stop`` (exclusive), (height, stop - first); else as ``rows``."""
        height, width = self.header.height, self.header.width
        if self.compressed_hdu is not None:
            stored = self._decompressed(self.compressed_hdu, np.s_[0:height, first:stop])
        else:
            # Mapped, so that only the columns are read.
            dtype, shape = _DTYPES[self.bitpix], (height, width)
            mapped = np.memmap(self.path, dtype, mode="r", offset=self.data_offset, shape=shape)
            stored = mapped[:, first:stop]
        columns = self._decoded(stored)
        return np.ascontiguousarray(columns[::-1]) if self.bottom_up else columns

    def stored_rows(self, first: int, stop: int) -> np.ndarray:
        """Rows of an uncompressed file as they are stored, big-endian; (stop - first, width).

        Read and not mapped: the pages of hundreds of mapped frames would count as our memory.
        Raises UnreadableFrameError when the file became shorter, and OSError.
        """
        dtype = np.dtype(_DTYPES[self.bitpix])
        stored = np.empty((stop - first, self.header.width), dtype)
        offset = self.data_offset + first * self.header.width * dtype.itemsize
        # Called a thousand times in a stack, for which Python's own files are slow to open.
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            count = os.preadv(descriptor, [stored.view(np.uint8).data], offset)
        finally:
            os.close(descriptor)
        if count != stored.nbytes:
            raise unreadable(self.path, "it became shorter meanwhile", "send it again")
        return stored

    def _decompressed(self, hdu_index: int, part: tuple[slice, slice]) -> np.ndarray:
        try:
            with fits.open(self.path, do_not_scale_image_data=True) as hdus:
                return np.asarray(hdus[hdu_index].section[part])
        except _DAMAGE as error:
            raise unreadable(
                self.path, f"its compressed pixels are damaged: {error!r}", "send it again"
            ) from error

    def _decoded(self, stored: np.ndarray) -> np.ndarray:
        if self.holds_uint16:
            if self.bitpix == 8:
                return stored.astype(np.uint16)
            # Adding 32768 to a 16-bit number is turning over its highest bit.
            return stored.astype(np.int16).view(np.uint16) ^ np.uint16(0x8000)
        values = stored.astype(np.float32)
        if self.bscale != 1.0 or self.bzero != 0.0:
            values = values * np.float32(self.bscale) + np.float32(self.bzero)
        if self.bitpix < 0:
            values[~np.isfinite(values)] = 0.0
        return values


def read_light_frame(path: Path) -> LightFrame:
    """Read and check the header of a light frame; its pixels stay on the disk.

    Takes FITS images of any Bayer pattern or mono, of 8, 16 or 32-bit integers or of floats, also
    tile-compressed (``.fit.fz``). Raises UnreadableFrameError, which says why and what to try.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            return _read(path, stream, size)
    except OSError as error:
        raise unreadable(
            path, error.strerror or str(error), "check that it exists and can be read"
        ) from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as lower-case hex, read in pieces; raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(path: Path, stream: BinaryIO, size: int) -> LightFrame:
    _check_kind(path, stream.read(START_BYTES))
    stream.seek(0)
    header = read_header(path, stream)
    if header.get("NAXIS") != 0:
        return _describe(path, header, stream.tell(), size, compressed_hdu=None)
    # fpack leaves the primary empty and puts the picture into the first extension.
    if stream.tell() >= size:
        raise unreadable(path, "it holds no picture", "send the raw frame")
    extension = read_header(path, stream)
    if extension.get("ZIMAGE") is not True:
        raise unreadable(
            path, "its picture is not in the primary HDU", "send the raw frame as it was saved"
        )
    return _describe(path, extension, stream.tell(), size, compressed_hdu=1)


def _describe(
    path: Path, header: fits.Header, offset: int, size: int, compressed_hdu: int | None
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
    bzero, bscale = number(header, "BZERO"), number(header, "BSCALE")
    return LightFrame(
        path=path,
        header=facts(path, header, width, height),
        bitpix=bitpix,
        data_offset=offset if compressed_hdu is None else 0,
        bzero=0.0 if bzero is None else bzero,
        bscale=1.0 if bscale is None else bscale,
        bottom_up=str(header.get("ROWORDER", "")).strip().upper() == "BOTTOM-UP",
        compressed_hdu=compressed_hdu,
    )


def _check_kind(path: Path, start: bytes) -> None:
    if is_fits(start):
        return
    other = other_kind(start)
    if other is not None:
        raise unreadable(path, f"it is {other[0]}, not FITS", other[1])
    raise unreadable(path, "it is not a FITS file", "send the raw frame as the telescope saved it")


def _geometry(path: Path, header: fits.Header, prefix: str) -> tuple[int, int, int]:
    """(bitpix, width, height), checked; ``prefix`` is "Z" for a tile-compressed picture."""
    keys = ("BITPIX", "NAXIS", "NAXIS1", "NAXIS2")
    bitpix, axes, width, height = (header.get(prefix + key) for key in keys)
    if axes != 2:
        raise unreadable(
            path,
            f"it has {axes} axes and not the 2 of a raw frame",
            "send the raw frame, not a stack or a colour picture",
        )
    if bitpix not in _DTYPES or not isinstance(width, int) or not isinstance(height, int):
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


def _check_tiles(path: Path, header: fits.Header, width: int, height: int) -> None:
    """Refuse compressed pictures that cannot be unpacked safely and within bounds."""
    method = str(header.get("ZCMPTYPE", "")).strip()
    if method not in COMPRESSIONS:
        raise unreadable(
            path,
            f"its picture is compressed by {method or 'an unnamed method'}; only RICE and GZIP "
            "can be read",
            "unpack it first",
        )
    sides = header.get("ZTILE1", width), header.get("ZTILE2", 1)
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


def _table_bytes(path: Path, header: fits.Header) -> int:
    """Size of a binary table with its heap, as its header claims."""
    sizes = [header.get(key) for key in ("NAXIS1", "NAXIS2", "PCOUNT")]
    if not all(isinstance(size, int) and size >= 0 for size in sizes):
        raise unreadable(path, "its compressed picture has no valid size", "send it again")
    row, count, heap = sizes
    return int(row * count + heap)
