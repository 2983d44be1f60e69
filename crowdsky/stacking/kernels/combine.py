"""The clipped mean of registered frames; the loops are in combine.c, average.c, suspects.c
and reject.c."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np

from crowdsky.base.compiled import (
    DOUBLE,
    FLOAT32_OUT,
    INT32_OUT,
    SIZE,
    UINT8_OUT,
    check_shape,
    compiled,
)
from crowdsky.stacking.kernels.samples import Samples

MOST = 255
"""Largest number of rejected samples that is counted, MOST of ``combine.h``."""
EDGES = 12
"""Number of coefficients of a frame's edges, EDGES of ``combine.h``."""
BLOCK = 128
"""Number of pixels that are averaged at a time, BLOCK of ``block.h``."""


class _Stack(ctypes.Structure):
    """Stack of ``combine.h``."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("weights", "variances", "terms")),
        *((name, ctypes.c_void_p) for name in ("sky", "shot", "shares", "near", "edges")),
        *((name, ctypes.c_void_p) for name in ("planes", "variance", "footprint")),
        *((name, ctypes.c_void_p) for name in ("gone", "lost")),
        *((name, DOUBLE) for name in ("limit", "ripple")),
        *((name, SIZE) for name in ("height", "near_stride")),
    )


_POINTER = ctypes.c_void_p
_combine_band = compiled(
    "combine_band",
    *(_POINTER, _POINTER, SIZE, SIZE, SIZE, UINT8_OUT, UINT8_OUT, INT32_OUT, FLOAT32_OUT),
)


@dataclass(frozen=True, slots=True)
class FrameTerms:
    """What frames contribute to a mean, in numbers of the samples.

    ``weights`` is float32 (frames,), ``variances`` float32 (planes, frames), that of the normalised
    sky. ``terms`` is float64 (1 + 2 planes, frames): the weights; their squares times the variance
    of the sky, per plane; and times the variance that an ADU of light adds.
    """

    weights: np.ndarray
    variances: np.ndarray
    terms: np.ndarray
    edges: np.ndarray | None = None
    """float64 (frames, EDGES): for each of the four edges of a frame the distance of a pixel from
    it, relative to the width over which its weight grows: per x, per y, and at the origin of the
    picture. None if weights do not depend on the pixel. It may change between bands."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """What an outlier is.

    ``limit`` is in sigma; 0 or less rejects nothing. ``sky`` (planes,) is the level of the sky, and
    ``shot`` (planes,) the variance per ADU of light in the pixel, float64, in numbers of the
    samples. ``ripple`` is the scatter between frames that the shape of stars, seeing and
    registration cause, relative to the light ``near`` by: float32, in cells of 2x2 pixels of the
    stack, ADU.
    """

    limit: float
    sky: np.ndarray
    shot: np.ndarray
    ripple: float
    near: np.ndarray


@dataclass(frozen=True, slots=True)
class Picture:
    """The combined frames.

    ``planes`` (planes, height, width) float32 are in ADU, and 0 where ``footprint`` (height, width)
    int32 is 0, which counts the frames. ``variance`` is that of ``planes``, ADU squared.
    ``rejected`` (height, width) uint8 counts the samples that were rejected, 255 for 255 or more,
    and ``lost`` (height, width) float32 is the light that a pixel lost by that, in grey, ADU.
    """

    planes: np.ndarray
    footprint: np.ndarray
    variance: np.ndarray
    rejected: np.ndarray
    lost: np.ndarray

    @classmethod
    def empty(cls, n_planes: int, size: tuple[int, int]) -> Picture:
        """Return a picture of that size that is still to be filled."""
        return cls(
            planes=np.empty((n_planes, *size), np.float32),
            footprint=np.empty(size, np.int32),
            variance=np.empty((n_planes, *size), np.float32),
            rejected=np.zeros(size, np.uint8),
            lost=np.zeros(size, np.float32),
        )


class Combination:
    """Computes clipped means of registered frames, band by band."""

    def __init__(
        self, frames: FrameTerms, rejection: Rejection, shares: np.ndarray, picture: Picture
    ) -> None:
        """Say what is combined.

        Args:
            frames, rejection: see there.
            shares: float64 (planes,), share of each plane in ``lost``.
            picture: filled by ``band``.

        Raises:
            ValueError: shapes or types do not match.
        """
        n_planes, height, width = picture.planes.shape
        n_frames = len(frames.weights)
        clips = rejection.limit > 0.0 and n_frames > 1
        cells = ((height + 1) // 2, (width + 1) // 2) if clips else rejection.near.shape
        given = _Stack(
            limit=rejection.limit, ripple=rejection.ripple, height=height, near_stride=cells[1]
        )
        size = (height, width)
        self._kept = {
            "weights": _checked("weights", frames.weights, np.float32, (n_frames,)),
            "variances": _checked("variances", frames.variances, np.float32, (n_planes, n_frames)),
            "terms": _checked("terms", frames.terms, np.float64, (1 + 2 * n_planes, n_frames)),
            "sky": _checked("sky", rejection.sky, np.float64, (n_planes,)),
            "shot": _checked("shot", rejection.shot, np.float64, (n_planes,)),
            "shares": _checked("shares", shares, np.float64, (n_planes,)),
            "near": _checked("near", rejection.near, np.float32, cells),
            "planes": _checked("planes", picture.planes, np.float32, (n_planes, *size)),
            "variance": _checked("variance", picture.variance, np.float32, (n_planes, *size)),
            "footprint": _checked("footprint", picture.footprint, np.int32, size),
            "gone": _checked("rejected", picture.rejected, np.uint8, size),
            "lost": _checked("lost", picture.lost, np.float32, size),
        }
        if frames.edges is not None:
            edges = _checked("edges", frames.edges, np.float64, (n_frames, EDGES))
            self._kept["edges"] = edges
        for name, array in self._kept.items():
            setattr(given, name, array.ctypes.data)
        self._given, self._n_frames, self._size = given, n_frames, (n_planes, *size)

    def band(
        self, samples: Samples, row: int, count: int, first: int, rejected: np.ndarray
    ) -> None:
        """Combine ``count`` rows of samples from ``row`` on: rows of the picture from ``first`` on.

        Args:
            rejected: scratch, uint8, rows x frames x width zeros before and after.

        Raises:
            ValueError: the samples are not those of this picture.
        """
        samples.check_rows(row, count)
        n_planes, height, width = self._size
        if (samples.n_planes, samples.n_frames, samples.width) != (n_planes, self._n_frames, width):
            raise ValueError(f"samples {samples.values.shape} for a picture {self._size}")
        if (
            not 0 <= first <= first + count <= height
            or rejected.size < count * self._n_frames * width
        ):
            raise ValueError(f"{count} rows from {first} of {height}, marks {rejected.shape}")
        feathers = BLOCK if "edges" in self._kept else 0
        floats = -(-self._n_frames // 32) * 32 + self._n_frames * (BLOCK + n_planes + feathers)
        _combine_band(
            ctypes.byref(self._given), samples.pointer, row, count, first, rejected,
            np.empty(count * width, np.uint8), np.empty(width + 3 * self._n_frames, np.int32),
            np.empty(floats, np.float32),
        )  # fmt: skip


def _checked(name: str, array: np.ndarray, dtype: Any, shape: tuple[int, ...]) -> np.ndarray:
    check_shape(name, array, shape)
    if array.dtype != dtype or not array.flags.c_contiguous:
        raise ValueError(f"{name} is {array.dtype} with strides {array.strides}")
    return array
