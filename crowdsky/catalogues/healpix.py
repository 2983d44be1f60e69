"""HEALPix pixels in nested order: those of positions, their centres, and those that a cone meets.

After Gorski et al. 2005 (ApJ 622, 759). A sphere has 12 * 4**order pixels of the same area; pixel p
contains the pixels 4p to 4p + 3 of the next order. Angles are in degrees.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.solving.tan import separation

Pixels = NDArray[np.int64]

FACES = 12
ROW_OF_FACE = np.array([2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4])
COLUMN_OF_FACE = np.array([1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7])

FINER = 3
"""Orders finer than the wanted one at which pixels are compared with a cone: pixels that only their
bounding circle brings near it are left out."""


def pixel_count(order: int) -> int:
    """Return the number of pixels of an order."""
    return FACES << 2 * order


def pixels_at(order: int, ra_deg: FloatArray, dec_deg: FloatArray) -> Pixels:
    """Return the pixels that contain positions; arrays of one shape."""
    side = 1 << order
    z = np.sin(np.radians(dec_deg))
    turn = np.mod(np.asarray(ra_deg) / 90.0, 4.0)
    turn = np.where(turn >= 4.0, 0.0, turn)  # rounding of a tiny negative angle
    # Near the equator, the pixels are a grid turned by 45 degrees.
    up = np.floor(side * (0.5 + turn) - side * z * 0.75).astype(np.int64)
    down = np.floor(side * (0.5 + turn) + side * z * 0.75).astype(np.int64)
    face_up, face_down = up >> order, down >> order
    face = np.where(
        face_up == face_down,
        face_up | 4,
        np.where(face_up < face_down, face_up, face_down + 8),
    )
    x, y = down & (side - 1), side - (up & (side - 1)) - 1
    # Around the poles, they shrink towards them.
    quarter = np.minimum(3, turn.astype(np.int64))
    within = turn - quarter
    # 1 - |sin dec| from the half angle: near a pole the difference has no digits left.
    from_pole = 2.0 * np.sin(np.radians(90.0 - np.abs(dec_deg)) / 2.0) ** 2
    reach = side * np.sqrt(3.0 * from_pole)
    along = np.minimum(side - 1, (within * reach).astype(np.int64))
    across = np.minimum(side - 1, ((1.0 - within) * reach).astype(np.int64))
    polar, north = np.abs(z) > 2.0 / 3.0, z >= 0.0
    face = np.where(polar, np.where(north, quarter, quarter + 8), face)
    x = np.where(polar, np.where(north, side - across - 1, along), x)
    y = np.where(polar, np.where(north, side - along - 1, across), y)
    return (face << 2 * order) | _spread(x) | (_spread(y) << 1)


def centres(order: int, pixels: Pixels) -> tuple[FloatArray, FloatArray]:
    """Return RA and Dec of the centres of pixels."""
    side = 1 << order
    face = pixels >> 2 * order
    x, y = _gather(pixels), _gather(pixels >> 1)
    x, y = x & (side - 1), y & (side - 1)
    ring = (ROW_OF_FACE[face] << order) - x - y - 1
    steps = np.where(ring < side, ring, np.where(ring > 3 * side, 4 * side - ring, side))
    polar_z = 1.0 - steps**2 / (3.0 * side**2)
    z = np.where(
        ring < side,
        polar_z,
        np.where(ring > 3 * side, -polar_z, (2 * side - ring) * 2.0 / (3.0 * side)),
    )
    column = COLUMN_OF_FACE[face] * steps + x - y
    return np.mod(45.0 * column / steps, 360.0), np.degrees(np.arcsin(z))


def nested_of_ring(order: int, pixels: Pixels) -> Pixels:
    """Return pixels in nested order of those that are numbered in rings, as `frames_by_healpix` is.

    Rings run from north to south, and within one from RA 0 eastwards.
    """
    return _nested_by_ring(order)[pixels]


def bounding_radius(order: int) -> float:
    """Return the largest distance of a point of any pixel of an order from its centre, degrees.

    The widest pixels are those where the grid of the equator ends, at sin(dec) = 2/3.
    """
    side = 1 << order
    top = 1.0 - (1.0 - 1.0 / side) ** 2 / 3.0
    at_border = (45.0 / side, math.degrees(math.asin(2.0 / 3.0)))
    return float(separation(*at_border, 0.0, math.degrees(math.asin(top))))


def pixels_in_cone(order: int, ra_deg: float, dec_deg: float, radius_deg: float) -> Pixels:
    """Return every pixel that a cone meets, sorted, and few others."""
    near = separation(ra_deg, dec_deg, *_all_centres(order)) <= radius_deg + bounding_radius(order)
    found = np.flatnonzero(near)
    children = (found[:, None] << 2 * FINER) + np.arange(4**FINER)
    ra, dec = centres(order + FINER, children)
    reach = radius_deg + bounding_radius(order + FINER)
    return found[(separation(ra_deg, dec_deg, ra, dec) <= reach).any(axis=1)]


@cache
def _all_centres(order: int) -> tuple[FloatArray, FloatArray]:
    return centres(order, np.arange(pixel_count(order)))


@cache
def _nested_by_ring(order: int) -> Pixels:
    ra, dec = _all_centres(order)
    return np.lexsort((ra, -dec))


def _spread(values: Pixels) -> Pixels:
    """Put a zero between the bits of numbers below 2**24."""
    spread = values.astype(np.int64)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        spread = (spread | (spread << shift)) & mask
    return spread


def _gather(values: Pixels) -> Pixels:
    """Return the number that every second bit makes, from the lowest on."""
    found = values.astype(np.int64) & 0x5555555555555555
    for shift, mask in (
        (1, 0x3333333333333333),
        (2, 0x0F0F0F0F0F0F0F0F),
        (4, 0x00FF00FF00FF00FF),
        (8, 0x0000FFFF0000FFFF),
        (16, 0x00000000FFFFFFFF),
    ):
        found = (found | (found >> shift)) & mask
    return found
