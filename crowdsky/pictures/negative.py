"""Reads what a picture of a stack is developed from: its planes, its noise and its zero points."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.frames.cards import number
from crowdsky.photometry.calibration import LETTERS
from crowdsky.pictures.planes import (
    PicturePlanes,
    open_images,
    planes_of,
    reduce_planes,
    sample_of,
)

VARIANCES = ("VARIANCE", "VARIANCE_G")
FAINTEST_NOISE = 0.45
"""Least noise of a pixel, relative to the median one, that is believed."""


@dataclass(frozen=True, slots=True)
class Negative:
    """What a picture is developed from.

    picture -- planes in ADU
    noise   -- float32 (height, width): standard deviation relative to that of the median pixel; 1
               everywhere for a picture that does not know its variance
    balance -- factors for red, green and blue that make their zero points equal; None where they
               are not known
    is_flat -- whether the sky has been subtracted
    level   -- of the brightest pixel as it was read, ADU, to which its rounding belongs
    """

    picture: PicturePlanes
    noise: np.ndarray
    balance: FloatArray | None = None
    is_flat: bool = False
    level: float = 0.0

    @classmethod
    def of(cls, picture: PicturePlanes) -> Negative:
        """Describe a picture of which nothing else is known."""
        return cls(picture, np.ones(picture.covered.shape, np.float32), level=_level(picture))

    def reduced(self, longest_side: int) -> Negative:
        """Average areas, as ``reduce_planes`` does, until the longer side is that small."""
        picture = self.picture
        if max(picture.covered.shape) <= longest_side:
            return self
        variance = PicturePlanes(np.square(self.noise)[np.newaxis], picture.covered)
        noise = np.sqrt(reduce_planes(variance, longest_side).planes[0])
        smaller = reduce_planes(picture, longest_side)
        return replace(self, picture=smaller, noise=_relative(noise, smaller.covered))


def read_negative(path: Path) -> Negative:
    """Read our own product, a colour cube or a mono image, as ``load_planes`` does.

    Raises NoPictureError when the file holds no such picture, OSError when it cannot be read.
    """
    with open_images(path) as images:
        picture = planes_of(images, path.name)
        noise = np.ones(picture.covered.shape, np.float32)
        variance = next((hdu for hdu in images.hdus if hdu.name.upper() in VARIANCES), None)
        if variance is not None and variance.shape == picture.covered.shape:
            noise = np.sqrt(np.maximum(np.nan_to_num(variance.data.astype(np.float32)), 0.0))
        balance = _balance(images.header) if len(picture.planes) == 3 else None
    noise = _relative(noise, picture.covered)
    return Negative(picture, noise, balance, level=_level(picture))


def _level(picture: PicturePlanes) -> float:
    planes = picture.planes
    return float(max(planes.max(initial=0.0), -planes.min(initial=0.0)))


def _relative(noise: np.ndarray, covered: BoolArray) -> np.ndarray:
    """Return noise in units of that of the median covered pixel; 1 where nothing is covered."""
    usual = float(np.median(sample_of(noise, covered))) if covered.any() else 0.0
    if not (usual > 0.0 and math.isfinite(usual)):
        return np.ones(noise.shape, np.float32)
    relative = np.where(covered, noise / np.float32(usual), np.float32(1.0))
    return np.maximum(relative, np.float32(FAINTEST_NOISE))


def _balance(header: fits.Header) -> FloatArray | None:
    """Compute the factors from the zero points of a measured stack."""
    points = [number(header, f"ZP{letter}") for letter in LETTERS]
    known = [point for point in points if point is not None]
    if len(known) != len(LETTERS):
        return None
    green = known[1]
    return np.array([10.0 ** (0.4 * (green - point)) for point in known])
