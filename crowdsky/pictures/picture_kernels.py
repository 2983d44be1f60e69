"""Loops of the developed picture; they are in ``picture_kernels.c``.

Planes are float32 (height, width); what is not contiguous is copied.
"""

from __future__ import annotations

import numpy as np

from crowdsky.base.arrays import BoolArray
from crowdsky.base.compiled import (
    FLOAT,
    FLOAT32,
    FLOAT32_OUT,
    SIZE,
    UINT8,
    UINT8_OUT,
    check_shape,
    compiled,
)

_smooth = compiled("spline_smooth", FLOAT32, SIZE, SIZE, SIZE, FLOAT32_OUT, FLOAT32_OUT)
_energy = compiled("scale_energy", FLOAT32, FLOAT32, FLOAT32, SIZE, FLOAT32_OUT)
_share = compiled("energy_share", FLOAT32_OUT, SIZE, FLOAT, FLOAT, FLOAT)
_add = compiled("add_scale", FLOAT32_OUT, FLOAT32, FLOAT32, FLOAT32, SIZE, FLOAT)
_colour = compiled("colour_pixels", FLOAT32, FLOAT32, UINT8, FLOAT32, SIZE, FLOAT, UINT8_OUT)


def smoothed(plane: np.ndarray, step: int) -> np.ndarray:
    """Convolve with the B3 spline whose pixels are ``step`` apart; edges are repeated."""
    plane = np.ascontiguousarray(plane, dtype=np.float32)
    height, width = plane.shape
    out = np.empty_like(plane)
    if plane.size:
        _smooth(plane, height, width, step, out, np.empty(width + 4 * step, dtype=np.float32))
    return out


def energy_of(finer: np.ndarray, wider: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the square of a scale, the difference of two planes, in units of the noise."""
    check_shape("wider", wider, finer.shape)
    check_shape("noise", noise, finer.shape)
    out = np.empty_like(finer)
    _energy(finer, wider, noise, finer.size, out)
    return out


def turn_into_shares(energy: np.ndarray, slope: float, offset: float, rest: float) -> None:
    """Replace energies by ``slope * sqrt(energy) - offset``, between ``rest`` and 1."""
    _share(energy, energy.size, slope, offset, rest)


def add_scale(
    kept: np.ndarray, finer: np.ndarray, wider: np.ndarray, share: np.ndarray, floor: float
) -> None:
    """Add to ``kept`` the shares, above ``floor``, of the scale that is finer minus wider."""
    for name, array in (("finer", finer), ("wider", wider), ("share", share)):
        check_shape(name, array, kept.shape)
    _add(kept, finer, wider, share, kept.size, floor)


def colour_pixels(
    level: np.ndarray, ratios: np.ndarray, covered: BoolArray, weights: np.ndarray, white: float
) -> np.ndarray:
    """Colour pixels without changing how bright they are as a whole.

    Args:
        level: brightness, 0 to 1.
        ratios: float32 (3, height, width), light of red, green and blue over their mean.
        covered: bool (height, width); other pixels are black.
        weights: (3,), of each plane in the mean.
        white: share of its colour that a pixel keeps though it becomes brighter than white.

    Returns:
        uint8 (height, width, 3).
    """
    check_shape("ratios", ratios, (3, *level.shape))
    check_shape("covered", covered, level.shape)
    out = np.empty((*level.shape, 3), dtype=np.uint8)
    _colour(
        np.ascontiguousarray(level, dtype=np.float32), np.ascontiguousarray(ratios),
        np.ascontiguousarray(covered).view(np.uint8), np.asarray(weights, dtype=np.float32),
        level.size, white, out,
    )  # fmt: skip
    return out
