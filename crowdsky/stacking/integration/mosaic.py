"""Raw mosaics as the engine uses them: bands of rows, calibrated, repaired and upright."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from crowdsky.frames.fits_header import MONO
from crowdsky.frames.light_frame import LightFrame
from crowdsky.stacking.kernels.decode import MARGIN, decode_unsigned, flip, frame_margins, repair

PIECE_ROWS = 256
Colours = tuple[tuple[int, ...], ...]
"""Cells of the 2x2 pattern that belong to each plane, numbered as in ``kernels.frame``."""


def colours_of(pattern: str) -> Colours:
    """Return the cells of red, green and blue, or of the only plane of a monochrome sensor."""
    if pattern == MONO:
        return ((0, 1, 2, 3),)
    return tuple(
        tuple(cell for cell, letter in enumerate(pattern) if letter == colour) for colour in "RGB"
    )


@dataclass(frozen=True, slots=True)
class Defects:
    """Defective pixels of the sensor, sorted by row: y and x, (n,) int64, 0-based."""

    y: np.ndarray
    x: np.ndarray

    @classmethod
    def none(cls) -> Defects:
        """Return the defects of a perfect sensor."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64))

    @classmethod
    def at(cls, y: np.ndarray, x: np.ndarray) -> Defects:
        """Sort pixels into the order that the kernels expect."""
        order = np.lexsort((x, y))
        return cls(y[order].astype(np.int64), x[order].astype(np.int64))

    def transpose(self) -> Defects:
        """Return the same pixels of a picture whose rows and columns are exchanged."""
        return Defects.at(self.x, self.y)

    def __len__(self) -> int:
        return int(self.y.size)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Master frames of the sensor, float32 (height, width), each None if there is none.

    The median of the dark stays in the frames, so that the sky keeps its pedestal. The flat is
    relative to the median of each colour.
    """

    dark: np.ndarray | None = None
    flat: np.ndarray | None = None
    pedestal: float | None = None
    """Median of the dark, ADU; computed if it is not given."""

    def __post_init__(self) -> None:
        if self.dark is not None and self.pedestal is None:
            object.__setattr__(self, "pedestal", float(np.median(self.dark)))

    def transpose(self) -> Calibration:
        """Return the same masters with rows and columns exchanged."""
        dark = None if self.dark is None else self.dark.T
        flat = None if self.flat is None else self.flat.T
        return Calibration(dark, flat, self.pedestal)

    def apply(self, mosaic: np.ndarray, first: int, stop: int) -> None:
        """Calibrate rows ``first`` to ``stop`` (exclusive) of a frame in place."""
        if self.dark is not None:
            mosaic -= self.dark[first:stop]
        if self.flat is not None:
            mosaic /= np.maximum(self.flat[first:stop], np.float32(0.05))
        mosaic += np.float32(self.pedestal or 0.0)


@dataclass(frozen=True, slots=True)
class Mosaic:
    """A frame's raw pixels, read a band at a time.

    ``transposed`` exchanges rows and columns, then ``flip_x`` and ``flip_y`` mirror the picture as
    it is read: with them a frame that is rotated by any angle can be warped row by row. ``defects``
    and ``calibration`` refer to the frame before it is mirrored.
    """

    frame: LightFrame
    defects: Defects
    calibration: Calibration | None = None
    flip_x: bool = False
    flip_y: bool = False
    transposed: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        header = self.frame.header
        if self.transposed:
            return header.width, header.height
        return header.height, header.width

    @property
    def ceiling(self) -> float:
        """Highest value of a pixel, ADU; infinite with a flat, which may raise it to anything."""
        divided = self.calibration is not None and self.calibration.flat is not None
        return math.inf if divided else self.frame.ceiling

    def transpose(self) -> Mosaic:
        """Return the same frame with rows and columns exchanged, before it is mirrored."""
        return replace(
            self,
            defects=self.defects.transpose(),
            calibration=None if self.calibration is None else self.calibration.transpose(),
            transposed=not self.transposed,
        )

    @property
    def red(self) -> tuple[int, int]:
        """Parity of row and column of the red pixels as read; (-1, -1) for monochrome."""
        pattern = self.frame.header.pattern
        if pattern == MONO:
            return -1, -1
        row, column = divmod(pattern.index("R"), 2)
        if self.transposed:
            row, column = column, row
        height, width = self.size
        if self.flip_y:
            row = (height - 1 - row) & 1
        if self.flip_x:
            column = (width - 1 - column) & 1
        return row, column

    def rows(self, first: int, stop: int) -> np.ndarray:
        """Read rows without mirroring, calibrated and repaired; float32 (stop - first, width)."""
        out = np.empty((stop - first, self.size[1]), np.float32)
        self.read(first, stop, out)
        return out

    def read(self, first: int, stop: int, out: np.ndarray) -> None:
        """Read rows like ``rows`` into ``out``, float32 (stop - first, width), a part of rows."""
        frame = self.frame
        if self.transposed:
            out[:] = frame.columns(first, stop).T
        elif _is_plain_uint16(frame):
            self._decode(first, stop, out)
        else:
            out[:] = frame.rows(first, stop)
        if self.calibration is not None:
            self.calibration.apply(out, first, stop)
        step = 1 if frame.header.pattern == MONO else 2
        repair(out, first, self.defects.y, self.defects.x, step)

    def _decode(self, first: int, stop: int, out: np.ndarray) -> None:
        """Decode stored rows in pieces that stay in the cache."""
        scratch = np.empty(2 * PIECE_ROWS * self.size[1], np.uint8)
        for start in range(first, stop, PIECE_ROWS):
            end = min(start + PIECE_ROWS, stop)
            stored = self.frame.stored_rows(start, end, scratch)
            decode_unsigned(stored, out[start - first : end - first])

    def band(self, first: int, stop: int, scratch: np.ndarray) -> tuple[np.ndarray, int]:
        """Read rows ``first`` to ``stop`` (exclusive) with reflected margins.

        Rows outside the frame, up to MARGIN of them, are reflections, too. ``scratch`` is flat
        float32 memory with ``band_elements`` elements for this number of rows. Returns the band
        (rows, width + 2 * MARGIN) and the frame row of its first row.
        """
        width = self.size[1]
        inner_first, inner_stop, (top, bottom) = self._with_margins(first, stop)
        count = inner_stop - inner_first
        shape = (top + count + bottom, width + 2 * MARGIN)
        band = scratch[: shape[0] * shape[1]].reshape(shape)
        inner = band[top : top + count, MARGIN : MARGIN + width]
        self.read(*self._unflipped(inner_first, inner_stop), inner)
        if self.flip_x or self.flip_y:
            flip(inner, rows=self.flip_y, columns=self.flip_x)
        frame_margins(band, top, bottom)
        return band, inner_first - top

    @property
    def is_plain(self) -> bool:
        """Whether its pixels are what every Seestar writes, for which there is a fast path."""
        return self.calibration is None and not self.transposed and _is_plain_uint16(self.frame)

    def stored(
        self, first: int, stop: int, scratch: np.ndarray
    ) -> tuple[np.ndarray, int, tuple[int, int]]:
        """Read the rows that ``band`` is made of, as stored; only if ``is_plain``.

        ``scratch`` is uint8 memory with two bytes for each of ``band_elements``. Returns the
        rows, the number of the first, counted as the frame is mirrored, and the numbers of rows
        above and below that are reflections.
        """
        inner_first, inner_stop, outside = self._with_margins(first, stop)
        rows = self._unflipped(inner_first, inner_stop)
        return self.frame.stored_rows(*rows, scratch), inner_first, outside

    def _with_margins(self, first: int, stop: int) -> tuple[int, int, tuple[int, int]]:
        """Return the rows to read for a band, and how many are outside the frame."""
        height = self.size[0]
        # Reflections need the rows that they mirror, even if the band itself needs few.
        inner_first = max(0, min(first, height - MARGIN - 1))
        inner_stop = min(height, max(stop, MARGIN + 1))
        return inner_first, inner_stop, (max(0, -first), max(0, stop - height))

    def _unflipped(self, first: int, stop: int) -> tuple[int, int]:
        """Return the numbers of rows before the frame is mirrored."""
        height = self.size[0]
        return (height - stop, height - first) if self.flip_y else (first, stop)


def band_elements(rows: int, width: int) -> int:
    """Return the number of elements of scratch that ``Mosaic.band`` needs for a number of rows."""
    return (rows + 4 * MARGIN) * (width + 2 * MARGIN)


def _is_plain_uint16(frame: LightFrame) -> bool:
    """Whether the file is what every Seestar writes, for which there is a fast path."""
    plain = frame.compressed_hdu is None and not frame.bottom_up and frame.bitpix == 16
    return plain and frame.holds_uint16
