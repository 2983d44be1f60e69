"""Decodes, repairs and frames bands of raw pixels; the loops are in decode.c."""

from __future__ import annotations

import ctypes

import numpy as np

from crowdsky.base.compiled import FLOAT32_OUT, INT, INT64, SIZE, UINT16, compiled

MARGIN = 8
"""Number of reflected columns on each side of a decoded band, and of rows above and below."""

_ADDRESS = ctypes.c_void_p
_decode = compiled("decode_unsigned", UINT16, SIZE, SIZE, _ADDRESS, SIZE)
_flip = compiled("flip", _ADDRESS, SIZE, SIZE, SIZE, INT, INT)
_repair = compiled("repair", _ADDRESS, SIZE, SIZE, SIZE, SIZE, INT64, INT64, SIZE, SIZE)
_frame_margins = compiled("frame_margins", FLOAT32_OUT, SIZE, SIZE, SIZE, SIZE)


def decode_unsigned(stored: np.ndarray, out: np.ndarray) -> None:
    """Decode big-endian 16-bit integers with BZERO 32768 to ADU.

    Args:
        stored: big-endian int16 (rows, columns) as in the file.
        out: float32 (rows, columns), a part of an array in C order.

    Raises:
        ValueError: shapes differ, or ``out`` is no such part.
    """
    address, stride = _part(out)
    if stored.shape != out.shape or stored.dtype.str != ">i2":
        raise ValueError(f"{stored.dtype.str} {stored.shape} cannot be decoded to {out.shape}")
    _decode(stored.view(np.uint16), *out.shape, address, stride)


def flip(pixels: np.ndarray, *, rows: bool, columns: bool) -> None:
    """Reverse the order of rows, of columns, or of both in a part of a float32 array in C order."""
    address, stride = _part(pixels)
    _flip(address, *pixels.shape, stride, rows, columns)


def repair(
    pixels: np.ndarray, first_row: int, defect_y: np.ndarray, defect_x: np.ndarray, step: int
) -> None:
    """Replace defective pixels by the mean of the middle two of four neighbours.

    Args:
        pixels: float32 (rows, columns), a part of an array in C order: frame rows from
            ``first_row`` on.
        defect_y, defect_x: int64 (n,), sorted by y: frame pixels. Those of other rows are passed
            over.
        step: distance in pixels of the neighbours of the same colour.

    Raises:
        ValueError: a defect is beyond the last column.
    """
    address, stride = _part(pixels)
    rows, columns = pixels.shape
    begin, end = np.searchsorted(defect_y, (first_row, first_row + rows))
    y, x = defect_y[begin:end], defect_x[begin:end]
    if x.size and not 0 <= x.min() <= x.max() < columns:
        raise ValueError(f"defects at columns {x.min()} to {x.max()} of {columns}")
    _repair(address, rows, columns, stride, first_row, y, x, len(y), step)


def frame_margins(band: np.ndarray, top: int, bottom: int) -> None:
    """Reflect the mosaic into its margins without repeating the edge, which preserves the colours.

    ``band`` is float32 (rows, MARGIN + width + MARGIN); its first ``top`` and last ``bottom`` rows
    are outside the frame. Raises ValueError when the mosaic is smaller than its margins.
    """
    rows, columns = band.shape
    if columns < 3 * MARGIN + 1 or rows - top - bottom <= max(top, bottom):
        raise ValueError(f"{band.shape} with {top} and {bottom} rows outside has too few pixels")
    _frame_margins(band, rows, columns, top, bottom)


def _part(pixels: np.ndarray) -> tuple[int, int]:
    """Return address and stride, in elements, of a part of a float32 array in C order."""
    if pixels.dtype != np.float32 or pixels.ndim != 2 or pixels.strides[1] != pixels.itemsize:
        raise ValueError(f"{pixels.dtype} with strides {pixels.strides} is no part of rows")
    return pixels.ctypes.data, pixels.strides[0] // pixels.itemsize
