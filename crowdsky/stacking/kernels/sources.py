"""Finds sources in a picture without sky (``sources.c``).

The method is that of SExtractor (Bertin & Arnouts 1996), with its usual settings: the picture is
smoothed by a pyramid of 3x3 pixels and cut at a threshold; connected pixels, also at corners, are a
source. One with several peaks is split at 16 thresholds up to its peak, wherever two parts or more
have half a per cent of its light; each pixel between them goes to the part that shines most there.
What a Moffat profile (beta 1) of a brighter source explains is no source.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crowdsky.base.compiled import (
    FLOAT,
    FLOAT32,
    FLOAT32_OUT,
    FLOAT64_OUT,
    SIZE,
    check_shape,
    compiled,
)

MOST_PIXELS = 300_000
"""Number of pixels above the threshold, and at least a quarter of the picture, up to which it may
be a field of stars."""
MOST_SOURCES = 30_000
SOURCE_COLUMNS = 5
_NO_MEMORY = -2

_find_sources = compiled(
    "find_sources",
    FLOAT32, SIZE, SIZE, FLOAT, SIZE, SIZE, FLOAT32_OUT, FLOAT32_OUT, FLOAT64_OUT, SIZE,
    returns=SIZE,
)  # fmt: skip


class TooManySourcesError(Exception):
    """A picture has more above the threshold than a field of stars."""


class Sources(NamedTuple):
    """Sources in the order in which the first of their pixels come; all arrays are (n,) float64.

    ``x`` and ``y`` are centroids in 0-based pixels and ``xx`` and ``yy`` second moments in px^2, of
    the smoothed picture; ``flux`` is the sum of the pixels of the picture itself.
    """

    x: np.ndarray
    y: np.ndarray
    flux: np.ndarray
    xx: np.ndarray
    yy: np.ndarray


def find_sources(
    picture: np.ndarray, threshold: float, least_area: int, smooth: np.ndarray | None = None
) -> Sources:
    """Find sources of at least ``least_area`` pixels above ``threshold`` > 0.

    ``picture`` is float32 (height, width), without sky; ``smooth`` is scratch like it. Raises
    TooManySourcesError where bright structure covers it.
    """
    height, width = picture.shape
    if not threshold > 0.0 or least_area < 1 or picture.size == 0:
        raise ValueError(f"no sources of {least_area} pixels above {threshold} in {picture.shape}")
    most_pixels = max(MOST_PIXELS, picture.size // 4)
    sums = np.empty(width + 2, np.float32)
    smooth = np.empty_like(picture) if smooth is None else smooth
    check_shape("smooth", smooth, picture.shape)
    out = np.empty((MOST_SOURCES, SOURCE_COLUMNS))
    count = _find_sources(
        picture, height, width, threshold, least_area, most_pixels, sums, smooth, out, len(out)
    )
    if count == _NO_MEMORY:
        raise MemoryError
    if count < 0:
        raise TooManySourcesError
    return Sources(*np.ascontiguousarray(out[:count].T))
