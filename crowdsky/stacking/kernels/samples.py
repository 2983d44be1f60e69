"""The registered samples of a band of a stack, as the kernels that make and combine them see it."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

import numpy as np

from crowdsky.base.compiled import DOUBLE, SIZE

Transform = tuple[float, float, float, float, float, float]
"""(a, b, c, d, e, f): x becomes a x + b y + c, and y becomes d x + e y + f."""
STEP = 32
"""Number of pixels that the loops compute at a time, STEP of ``warp.h``."""
HIGHEST = 32767
"""Largest number of an int16 sample; the smallest is its negative."""


class _Samples(ctypes.Structure):
    """Samples of ``samples.h``."""

    _fields_ = (
        ("values", ctypes.c_void_p),
        ("covered", ctypes.c_void_p),
        *((name, SIZE) for name in ("is_int16", "n_planes", "n_frames", "stride", "width")),
        ("step", DOUBLE),
        ("zero", DOUBLE),
    )


class Samples:
    """Memory for the samples of the rows of a band.

    ``values`` is float32 or int16 (rows, planes, frames, stride), in numbers of ``zero + step *
    number`` ADU; the loops write past ``width``, up to the stride. ``covered`` is int32 (rows,
    frames, 2): the columns [first, end) that each frame covers.
    """

    def __init__(
        self,
        shape: tuple[int, int, int, int],
        dtype: type[np.int16] | type[np.float32] = np.float32,
        step: float = 1.0,
        zero: float = 0.0,
    ) -> None:
        """Take memory for a ``shape`` of (rows, planes, frames, width)."""
        rows, n_planes, n_frames, self.width = shape
        stride = -(-self.width // STEP) * STEP + STEP
        self.values = np.empty((rows, n_planes, n_frames, stride), dtype)
        self.covered = np.zeros((rows, n_frames, 2), np.int32)
        self.step, self.zero = step, zero
        self._given = _Samples(
            self.values.ctypes.data, self.covered.ctypes.data, dtype == np.int16, n_planes,
            n_frames, stride, self.width, step, zero,
        )  # fmt: skip

    @property
    def pointer(self) -> Any:
        """What C gets."""
        return ctypes.byref(self._given)

    @property
    def n_planes(self) -> int:
        """Number of planes."""
        return int(self.values.shape[1])

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return int(self.values.shape[2])

    def check_rows(self, row: int, count: int) -> None:
        """Raise ValueError when ``count`` rows from ``row`` on are not all rows of this memory."""
        if not 0 <= row <= row + count <= len(self.values):
            raise ValueError(f"rows {row} to {row + count} of {len(self.values)}")


class Part(NamedTuple):
    """The part of samples that one frame fills.

    It is the frame number ``frame``, and ``rows`` rows from ``row`` on, the first of which is row
    ``y0`` of the stack.
    """

    samples: Samples
    frame: int
    row: int
    y0: int
    rows: int
