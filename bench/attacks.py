"""What could be done to a finished stack so that it looks better: no column may be moved by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import ndimage

from bench import quality
from bench.stack_pictures import Picture

SHARPENING = 0.8
SHARPENING_PX = 1.2
CALM_SIGMAS = (1.0, 3.0)
"""Contrast up to which the star-sparing mean smooths fully, and from which it does nothing."""


def attacked(picture: Picture, name: str) -> Picture:
    """The picture after one of ATTACKS."""
    raw = None if picture.raw is None else ATTACKS[name](picture.raw).astype(np.float32)
    if raw is None:
        planes = ATTACKS[name](picture.planes).astype(np.float32)
        planes[:, ~picture.covered] = 0.0
    else:
        # On the stack as it was written: the sky is found and subtracted after that.
        planes = quality.without_sky(raw, picture.covered)
    return replace(picture, planes=planes, luminance=planes.mean(axis=0), variance=None, raw=raw)


def _mean(planes: np.ndarray) -> np.ndarray:
    return np.asarray(ndimage.uniform_filter(planes, (0, 3, 3)))


def _median(planes: np.ndarray) -> np.ndarray:
    return np.array([ndimage.median_filter(plane, 3) for plane in planes])


def _sharpened(planes: np.ndarray) -> np.ndarray:
    soft = ndimage.gaussian_filter(planes, (0.0, SHARPENING_PX, SHARPENING_PX))
    return np.asarray(planes + SHARPENING * (planes - soft))


def _star_sparing(planes: np.ndarray) -> np.ndarray:
    """Smooths where nothing stands out in all colours together, and leaves stars alone."""
    grey = planes.mean(axis=0)
    contrast = ndimage.uniform_filter(grey, 5) - ndimage.uniform_filter(grey, 15)
    contrast /= quality.scatter(contrast[::3, ::3])
    low, high = CALM_SIGMAS
    calm = np.clip((high - np.abs(contrast)) / (high - low), 0.0, 1.0)
    binomial = np.array([0.25, 0.5, 0.25])
    smooth = ndimage.convolve1d(ndimage.convolve1d(planes, binomial, axis=1), binomial, axis=2)
    return np.asarray(planes + calm * (smooth - planes))


ATTACKS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "3x3 mean": _mean,
    "star-sparing mean": _star_sparing,
    "3x3 median": _median,
    "sharpening": _sharpened,
}
