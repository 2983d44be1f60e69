"""Debayers and registers bands of a frame; the loops are in warp.c, first_pass.c, second_pass.c
and debayer.c."""

from __future__ import annotations

import ctypes
import math
from typing import Any

import numpy as np

from crowdsky.base.compiled import (
    DOUBLE,
    FLOAT,
    FLOAT32,
    FLOAT32_OUT,
    SIZE,
    check_shape,
    compiled,
)
from crowdsky.stacking.kernels.decode import MARGIN
from crowdsky.stacking.kernels.samples import STEP, Part, Transform

_TILE_STRIDE = 384 + 2 * STEP
"""TILE_STRIDE of ``passes.h``."""


class _Frame(ctypes.Structure):
    """Given of ``passes.h``."""

    _fields_ = (
        *((name, SIZE) for name in ("height", "width", "red_row", "red_column")),
        *((name, SIZE) for name in ("flip_y", "flip_x", "n_defects")),
        ("defect_y", ctypes.c_void_p),
        ("defect_x", ctypes.c_void_p),
        ("transform", DOUBLE * 6),
        ("level", DOUBLE * 9),
        ("scale", DOUBLE),
        ("taps", FLOAT * 16),
        ("sharp", FLOAT),
    )


_POINTER = ctypes.c_void_p
_warp_mosaic = compiled(
    "warp_mosaic", _POINTER, FLOAT32, SIZE, _POINTER, *(SIZE, SIZE, SIZE, SIZE), FLOAT32_OUT
)
_warp_stored = compiled(
    "warp_stored",
    *(_POINTER, _POINTER, SIZE, SIZE, SIZE, SIZE, _POINTER),
    *(SIZE, SIZE, SIZE, SIZE, FLOAT32_OUT, FLOAT32_OUT),
)


class WarpedFrame:
    """A frame and what brings it into the stack.

    A sample is ``scale * value - level``, with the background ``level`` (planes, 3): constant, per
    x, per y of the stack.
    """

    def __init__(
        self,
        size: tuple[int, int],
        red: tuple[int, int],
        transform: Transform,
        level: np.ndarray,
        scale: float,
        sharp: float,
        taps: np.ndarray,
    ) -> None:
        """Describe a frame.

        Args:
            size: (height, width) of the frame.
            red: (row, column) parity of the red pixels, (-1, -1) for a monochrome sensor.
            transform: (a, b, c, d, e, f) from stack to frame pixels; a and e are above 0.
            level: float64 (planes, 3).
            scale: the value is multiplied by it before the background is subtracted.
            sharp: 1 for Malvar's debayering, 0 for bilinear.
            taps: (4, 4), polynomials in the fraction of the position, lowest power first: the
                weights of the pixels at -1, 0, 1 and 2.

        Raises:
            ValueError: a frame that is mirrored or too small, or shapes that do not match.
        """
        self.n_planes = 1 if red[0] < 0 else 3
        a, b, _, d, e, _ = transform
        check_shape("level", level, (self.n_planes, 3))
        check_shape("taps", taps, (4, 4))
        if not (e > 0.0 and a - b * d / e > 0.0) or min(size) <= MARGIN:
            raise ValueError(f"a frame of {size} pixels, moved by {transform}")
        self.size, self.transform = size, transform
        self._given = _Frame(*size, *red, scale=scale, sharp=sharp)
        self._given.transform[:] = transform
        self._given.level[: 3 * self.n_planes] = level.ravel().tolist()
        self._given.taps[:] = taps.ravel().tolist()

    def stored(self, flip_y: bool, flip_x: bool, y: np.ndarray, x: np.ndarray) -> WarpedFrame:
        """Say how the frame is stored: mirrored, and with defects at (y, x), sorted by y.

        They are int64 (n,) and count pixels before it is mirrored. Returns self.
        """
        height, width = self.size
        if x.shape != y.shape or x.dtype != np.int64 or y.dtype != np.int64:
            raise ValueError(f"defects of {y.dtype} {y.shape} and {x.dtype} {x.shape}")
        if x.size and not (0 <= x.min() <= x.max() < width and 0 <= y[0] <= y[-1] < height):
            raise ValueError(f"defects beyond {self.size}")
        self._defects = np.ascontiguousarray(y), np.ascontiguousarray(x)
        given = self._given
        given.flip_y, given.flip_x, given.n_defects = int(flip_y), int(flip_x), x.size
        given.defect_y, given.defect_x = (part.ctypes.data for part in self._defects)
        return self

    @property
    def pointer(self) -> Any:
        """What C gets."""
        return ctypes.byref(self._given)

    def source_rows(self, y0: int, count: int, width: int) -> tuple[int, int]:
        """Return the rows [first, stop) that so many stack rows from ``y0`` on are made of.

        Rows outside the frame count too, at most MARGIN of them; (0, 0) without any in it.
        """
        height = self.size[0]
        _, _, _, d, e, f = self.transform
        lowest = min(0.0, d * (width - 1)) + e * y0 + f
        highest = max(0.0, d * (width - 1)) + e * (y0 + count - 1) + f
        # Two rows each for the taps and for debayering, two more as neighbours of defects.
        first, stop = math.floor(lowest) - 6, math.floor(highest) + 8
        if stop <= 0 or first >= height:
            return 0, 0
        return max(first, -MARGIN), min(stop, height + MARGIN)

    def scratch_elements(self, rows: int) -> int:
        """Return the number of elements of scratch for so many stack rows."""
        sheared = math.ceil(self.transform[4] * rows) + 8
        columns = self.size[1] + 2 * MARGIN + 2 * STEP
        return self.n_planes * (_TILE_STRIDE * (sheared + 2) + columns) + _TILE_STRIDE + 32


def warp_mosaic(
    frame: WarpedFrame, band: np.ndarray, first: int, scratch: np.ndarray, part: Part
) -> None:
    """Debayer and register a band of one frame.

    Args:
        frame: what to do.
        band: float32 (rows, MARGIN + width + MARGIN), the mosaic with margins. It has all
            ``source_rows``, or more; the first is frame row ``first``.
        scratch: float32, ``scratch_elements``, finite.
        part: filled where the frame covers it.

    Raises:
        ValueError: the band lacks rows, or sizes do not match.
    """
    _check(frame, scratch, part, first, len(band))
    check_shape("band", band, (len(band), frame.size[1] + 2 * MARGIN))
    _warp_mosaic(frame.pointer, band, first, part.samples.pointer, *part[1:], scratch)


def warp_stored(
    frame: WarpedFrame,
    stored: np.ndarray,
    first: int,
    outside: tuple[int, int],
    band: np.ndarray,
    scratch: np.ndarray,
    part: Part,
) -> None:
    """Decode, repair, debayer and register a band of a frame of 16-bit numbers with BZERO 32768.

    Args:
        frame: what to do, with ``stored``.
        stored: big-endian int16 (rows, width) as in the file.
        first: frame row of the first of them, counted as the frame is when it is mirrored.
        outside: numbers of reflected rows above and below that are needed, too.
        band: scratch, float32 (rows and those outside) * (width + 2 MARGIN).
        scratch, part: as for ``warp_mosaic``.

    Raises:
        ValueError: the rows do not suffice, or sizes do not match.
    """
    rows, width = stored.shape
    top, bottom = outside
    _check(frame, scratch, part, first - top, top + rows + bottom)
    if width != frame.size[1] or stored.dtype.str != ">i2" or not stored.flags.c_contiguous:
        raise ValueError(f"{stored.dtype.str} {stored.shape} are no rows of {frame.size}")
    if band.size < (top + rows + bottom) * (width + 2 * MARGIN) or rows <= max(outside):
        raise ValueError(f"{rows} rows with {outside} outside in memory for {band.size}")
    _warp_stored(
        frame.pointer, stored.ctypes.data, first, rows, top, bottom,
        part.samples.pointer, *part[1:], band, scratch,
    )  # fmt: skip


def _check(frame: WarpedFrame, scratch: np.ndarray, part: Part, first: int, rows: int) -> None:
    samples, index, row, y0, count = part
    samples.check_rows(row, count)
    if not 0 <= index < samples.n_frames or samples.n_planes != frame.n_planes:
        raise ValueError(f"frame {index} of samples {samples.values.shape}")
    if scratch.size < frame.scratch_elements(count):
        raise ValueError(f"{scratch.size} numbers of scratch for {count} rows")
    begin, stop = frame.source_rows(y0, count, samples.width)
    if begin < stop and not first <= begin < stop <= first + rows:
        raise ValueError(f"rows {first} to {first + rows} are not {begin} to {stop}")
