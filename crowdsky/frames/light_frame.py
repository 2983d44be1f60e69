"""A light frame that can be stacked: the facts of its header, and its pixels on request.

Nothing stays open between calls, so hundreds of frames need neither memory nor file descriptors.
"""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crowdsky.frames.fits_header import FrameHeader, unreadable

DTYPES = {8: "u1", 16: ">i2", 32: ">i4", -32: ">f4", -64: ">f8"}
"""Type of the stored pixels by BITPIX; FITS is big-endian."""
HIGHEST_ADU = 1e15
"""Pixels in floating point that are further from 0 have no value, like those that are not a number:
no sensor counts so far, and the squares of larger ones would exceed float32."""
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
)
"""Errors that astropy raises, deep inside, at compressed pixels that do not match their header;
and two of its own."""


@dataclass(frozen=True, slots=True)
class LightFrame:
    """A light frame that can be stacked: its facts, and where its pixels are in the file."""

    path: Path
    header: FrameHeader
    bitpix: int
    data_offset: int
    """Number of bytes before the pixels; 0 in a tile-compressed file."""
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
        """Whether the pixels are whole numbers from 0 to 65535, like those of a Seestar."""
        if self.bscale != 1.0:
            return False
        return (self.bitpix, self.bzero) in ((16, 32768.0), (8, 0.0))

    @property
    def holds_signed16(self) -> bool:
        """Whether the pixels are signed 16-bit numbers, of which no camera needs the lower half."""
        return (self.bitpix, self.bzero, self.bscale) == (16, 0.0, 1.0)

    @property
    def ceiling(self) -> float:
        """Highest value that a pixel can have, ADU; infinite if it is not known."""
        if not self.holds_uint16:
            return math.inf
        return 65535.0 if self.bitpix == 16 else 255.0

    @property
    def scale_end(self) -> float:
        """Value at which a pixel saturates as far as the file says, ADU; infinite if unknown.

        A camera of 12 bits may write numbers of 16 without a word: see ``registration.saturation``.
        """
        stated = self.header.saturation_adu
        return self.ceiling if stated is None else min(self.ceiling, stated)

    def rows(self, first: int = 0, stop: int | None = None) -> np.ndarray:
        """Read rows ``first`` to ``stop`` (exclusive) of the mosaic, in ADU; (stop - first, width).

        Returns a copy: uint16 if ``holds_uint16``, else float32, where pixels without a value are
        0. Row 0 is the top of the picture: files with ROWORDER BOTTOM-UP are flipped, so that the
        pattern of ``header`` holds for the first row returned when ``first`` is even. Raises
        UnreadableFrameError when the file is damaged or has become shorter, OSError when it cannot
        be read.
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

    def strips(self, firsts: Sequence[int], count: int) -> np.ndarray:
        """Read ``count`` rows from each of ``firsts`` on, like ``rows``, below each other.

        The file is opened once, and other rows are not read, unless they are compressed.
        """
        if self.compressed_hdu is not None:
            whole = self.rows()
            return np.concatenate([whole[first : first + count] for first in firsts])
        height, width = self.header.height, self.header.width
        stored = np.empty((len(firsts), count, width), DTYPES[self.bitpix])
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            for strip, first in zip(stored, firsts, strict=True):
                self._read_stored(
                    descriptor, height - first - count if self.bottom_up else first, strip
                )
        finally:
            os.close(descriptor)
        if self.bottom_up:
            stored = stored[:, ::-1]
        return self._decoded(stored.reshape(-1, width))

    def columns(self, first: int, stop: int) -> np.ndarray:
        """Read columns ``first`` to ``stop`` (exclusive) like ``rows``; (height, stop - first)."""
        height, width = self.header.height, self.header.width
        if self.compressed_hdu is not None:
            stored = self._decompressed(self.compressed_hdu, np.s_[0:height, first:stop])
        else:
            # Mapped, so that only these columns are read.
            dtype, shape = DTYPES[self.bitpix], (height, width)
            mapped = np.memmap(self.path, dtype, mode="r", offset=self.data_offset, shape=shape)
            stored = mapped[:, first:stop]
        columns = self._decoded(stored)
        return np.ascontiguousarray(columns[::-1]) if self.bottom_up else columns

    def stored_rows(self, first: int, stop: int, memory: np.ndarray | None = None) -> np.ndarray:
        """Read rows of an uncompressed file as stored, big-endian; (stop - first, width).

        They are read, not mapped: the pages of hundreds of mapped frames would count as our memory.
        ``memory`` is uint8 in C order, of which the rows become a part; without it there is new
        memory, whose pages the system has to fill with zeros first.
        Raises UnreadableFrameError when the file has become shorter, OSError when it cannot be
        read.
        """
        dtype = np.dtype(DTYPES[self.bitpix])
        row_bytes = self.header.width * dtype.itemsize
        if memory is None:
            memory = np.empty((stop - first) * row_bytes, np.uint8)
        stored = memory[: (stop - first) * row_bytes].view(dtype)
        stored = stored.reshape(stop - first, self.header.width)
        # Called a thousand times in a stack; Python's own file objects are slow to open.
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            self._read_stored(descriptor, first, stored)
        finally:
            os.close(descriptor)
        return stored

    def _read_stored(self, descriptor: int, first: int, stored: np.ndarray) -> None:
        """Fill ``stored`` (rows, width) with rows of the open file, from ``first`` on."""
        offset = self.data_offset + first * self.header.width * stored.itemsize
        count = os.preadv(descriptor, [stored.view(np.uint8).data], offset)
        if count != stored.nbytes:
            raise unreadable(self.path, "it became shorter meanwhile", "send it again")

    def _decompressed(self, hdu_index: int, part: tuple[slice, slice]) -> np.ndarray:
        # Imported here because astropy is slow to load, and few frames are compressed.
        from astropy.io import fits
        from astropy.io.fits.hdu.compressed._compression import CfitsioException

        try:
            with fits.open(self.path, do_not_scale_image_data=True) as hdus:
                return np.asarray(hdus[hdu_index].section[part])
        except (*_DAMAGE, fits.VerifyError, CfitsioException) as error:
            raise unreadable(
                self.path, f"its compressed pixels are damaged: {error!r}", "send it again"
            ) from error

    def _decoded(self, stored: np.ndarray) -> np.ndarray:
        if self.holds_uint16:
            if self.bitpix == 8:
                return stored.astype(np.uint16)
            # Adding 32768 to a 16-bit number flips its highest bit.
            return stored.astype(np.int16).view(np.uint16) ^ np.uint16(0x8000)
        values = stored.astype(np.float32)
        if self.bscale != 1.0 or self.bzero != 0.0:
            values = values * np.float32(self.bscale) + np.float32(self.bzero)
        if self.bitpix < 0:
            values[~(np.abs(values) <= HIGHEST_ADU)] = 0.0
        return values
