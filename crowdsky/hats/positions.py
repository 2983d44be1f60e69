"""Where rows are in the order of the sky, and when their light came to the solar system."""

from __future__ import annotations

import erfa
import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.base.errors import BadDataError
from crowdsky.catalogues.healpix import Pixels, centres, pixels_at

INDEX_ORDER = 29
NUDGES = (1e-9, 1e-7, 1e-5)
"""Shares of the way to the middle of the partition by which a star on its border is moved, to find
its index: by less than 0.3 arcsec."""

LIGHT_SECONDS = 499.004784
"""Seconds that light takes for one astronomical unit."""
DAY = 86_400.0


def spatial_index(order: int, pixel: int, ra: FloatArray, dec: FloatArray) -> Pixels:
    """Return pixels of order 29 of stars that lie in a pixel of another order.

    The site decides in which partition a star lies, and rounds otherwise than we do: a star on the
    border gets the index of the nearest place inside, or else readers would not find it.

    Args:
        order, pixel: the partition.
        ra, dec: of the stars, degrees.

    Raises:
        BadDataError: a star is elsewhere.
    """
    index = pixels_at(INDEX_ORDER, ra, dec)
    shift = 2 * (INDEX_ORDER - order)
    middle = [float(part[0]) for part in centres(order, np.array([pixel], dtype=np.int64))]
    for share in NUDGES:
        outside = index >> shift != pixel
        if not outside.any():
            return index
        index[outside] = pixels_at(INDEX_ORDER, *_towards(middle, ra[outside], dec[outside], share))
    if (index >> shift != pixel).any():
        raise BadDataError(
            "the light curves cannot be exported",
            why=f"a star is outside of pixel {pixel} of order {order}",
        )
    return index


class EpochTimes:
    """Barycentric times of the middles of pictures, from which those of their stars follow.

    Args:
        bjd: BJD (TDB) of each epoch's middle; NaN where unknown.
        ra, dec: of the middle, degrees.
    """

    def __init__(self, bjd: FloatArray, ra: FloatArray, dec: FloatArray) -> None:
        self._bjd = bjd
        self._middle = _vectors(ra, dec)
        _, earth = erfa.epv00(np.where(np.isfinite(bjd), bjd, 2451545.0), 0.0)
        self._earth = np.asarray(earth["p"]).reshape(-1, 3)

    def at(self, epoch: Pixels, ra: FloatArray, dec: FloatArray) -> FloatArray:
        """Return BJD (TDB) of stars in epochs (rows); arrays of one shape."""
        way = np.sum(self._earth[epoch] * (_vectors(ra, dec) - self._middle[epoch]), axis=-1)
        return np.asarray(self._bjd[epoch] + way * LIGHT_SECONDS / DAY)


def _towards(
    middle: list[float], ra: FloatArray, dec: FloatArray, share: float
) -> tuple[FloatArray, FloatArray]:
    goal = _vectors(np.array(middle[0]), np.array(middle[1]))
    moved = (1.0 - share) * _vectors(ra, dec) + share * goal
    x, y, z = np.moveaxis(moved, -1, 0)
    return np.degrees(np.arctan2(y, x)) % 360.0, np.degrees(np.arctan2(z, np.hypot(x, y)))


def _vectors(ra: FloatArray, dec: FloatArray) -> FloatArray:
    a, d = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)], axis=-1)
