"""A frame on its way into the stack: its pixels, and what brings them there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crowdsky.stacking.integration.mosaic import Mosaic
from crowdsky.stacking.integration.noise import REACH, aperture_correlation
from crowdsky.stacking.registration.saturation import SATURATED_SHARE
from crowdsky.stacking.registration.transform import Affine
from crowdsky.stacking.registration.view import View

MEDIAN_EXCESS = (1.0, 1.0, 1.0, 1.346, 1.193, 1.434, 1.288, 1.473, 1.345, 1.494, 1.382)
"""Variance of the median of 0, 1, ... normal numbers over that of their mean."""


@dataclass(frozen=True, slots=True)
class CanvasPlace:
    """Where a frame is on a canvas, which may be larger than a frame, and curved.

    ``view`` is that of the reference of its ``field``; None if the canvas has the same plane.
    ``from_field`` takes that reference's pixels, or without a view the canvas's, to stored frame
    pixels. ``box`` (x0, y0, x1, y1) has all pixels of the canvas that the frame may cover.
    ``sky_level`` (planes,) is the level of the stack's sky in its middle, ADU.
    """

    field: int
    view: View | None
    from_field: Affine
    box: tuple[int, int, int, int]
    sky_level: np.ndarray


@dataclass(frozen=True, slots=True)
class Layer:
    """One frame on its way into the stack.

    ``transform`` takes stored frame pixels to stack pixels. A sample is ``scale * value - sky``
    with the planes ``sky`` (planes, 3) of ``SkyDifference``. ``covariance`` is that of samples of
    empty sky, as ``integration.noise`` gives it, in ADU squared, and ``light_variance`` (planes,)
    what an ADU of light adds to their variance, in ADU. ``star_px`` is the FWHM of the frame's
    stars along their long axes, pixels; NaN if unknown.
    """

    mosaic: Mosaic
    transform: Affine
    scale: float
    sky: np.ndarray
    weight: float
    covariance: np.ndarray
    light_variance: np.ndarray
    star_px: float
    saturation_adu: float
    """Value at which a pixel of the frame saturates; infinite if unknown."""
    place: CanvasPlace | None = None
    """On a canvas, where it is; None on the pixels of the reference."""

    @property
    def variance(self) -> np.ndarray:
        """Variance of a sample of empty sky, (planes,), ADU squared."""
        return np.asarray(self.covariance[:, REACH, REACH])

    @property
    def saturated_level(self) -> float:
        """Level of the stack from which this frame has no more light to give, ADU."""
        height, width = self.mosaic.size
        x, y = 0.5 * width, 0.5 * height
        if self.place is not None:
            x0, y0, x1, y1 = self.place.box
            x, y = 0.5 * (x0 + x1), 0.5 * (y0 + y1)
        sky = self.sky @ (1.0, x, y)
        return float(self.scale * self.saturation_adu - sky.max())


def saturated_level(layers: Sequence[Layer]) -> float | None:
    """Return the level of a stack from which a pixel is saturated in one of its frames, ADU.

    None if it is not known of any frame. A star that one frame clips is too faint in the mean.
    """
    level = SATURATED_SHARE * min(layer.saturated_level for layer in layers)
    return level if math.isfinite(level) and level > 0.0 else None


def stack_correlation(layers: Sequence[Layer], median: bool) -> np.ndarray:
    """Return the variance of an aperture sum of a stack over the sum of its pixels', (planes,)."""
    mean = sum(layer.weight**2 * layer.covariance for layer in layers)
    return aperture_correlation(np.asarray(mean), len(layers) if median else 1)


def mean_terms(layers: Sequence[Layer], weights: np.ndarray) -> np.ndarray:
    """Return what the variance of the weighted mean is made of (``FrameTerms``).

    float64 (1 + 2 planes, frames): the weights; their squares times the variance of the sky; and
    times the variance that an ADU of light adds.
    """
    squares = np.float64(weights) ** 2
    of_sky = np.array([layer.variance for layer in layers]).T
    of_light = np.array([layer.light_variance for layer in layers]).T
    terms = np.concatenate([weights[None], squares * of_sky, squares * of_light])
    return np.ascontiguousarray(terms, np.float64)


def median_terms(layers: Sequence[Layer]) -> np.ndarray:
    """Return the same for the median: float64 (2 planes, frames).

    1 / sigma of the sky, and the variance that an ADU of light adds over that of the sky.
    """
    of_sky = np.array([layer.variance for layer in layers]).T
    of_light = np.array([layer.light_variance for layer in layers]).T
    known = np.where(of_sky > 0.0, of_sky, np.inf)
    return np.ascontiguousarray(np.concatenate([1.0 / np.sqrt(known), of_light / known]))


def median_excess(n_frames: int) -> np.ndarray:
    """Return by how much the variance of a median of 0, 1, ... frames exceeds that of the mean."""
    count = np.arange(1, n_frames + 1)
    many = math.pi / 2.0 - np.where(count % 2 == 1, 0.68, 2.05) / count
    few = np.array(MEDIAN_EXCESS)
    return np.concatenate([few, many[few.size - 1 :]])[: n_frames + 1]
