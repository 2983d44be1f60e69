"""The stars of a stack as a table: the columns of SEP, brightest first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import sep

THRESHOLD_SIGMA = 5.0
# SEP's defaults overflow in crowded fields and on bright nebulae. A pixel of this buffer takes some
# 60 bytes: a million still holds half of a Seestar's field, three would double a stack's memory.
PIXEL_BUFFER = 1_000_000
SUB_OBJECT_LIMIT = 8192
SMOOTHING = np.array([0.25, 0.5, 0.25], np.float32)
"""Along rows and columns, of the picture in which sources are searched."""


def detect_stars(planes: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    """Sources in the mean of the three colours, at least 5 sigma above the local noise.

    ``planes`` (3, height, width) and ``footprint`` (height, width) are those of a product;
    uncovered pixels are left out. Returns a structured array, one row per source, with the 30
    fields of ``sep.extract`` (x and y 0-based), sorted by falling flux.
    """
    luminance = np.ascontiguousarray(planes.mean(axis=0, dtype=np.float32))
    uncovered = np.ascontiguousarray(footprint == 0)
    background = sep.Background(luminance, mask=uncovered)
    # What is searched is smoothed, and how much quieter that is depends on what neighbours have in
    # common already: by the noise of single pixels a sharp stack would show half of its stars.
    noise = sep.Background(_smoothed(luminance), mask=uncovered).rms()
    with _large_buffers():
        sources: np.ndarray = sep.extract(
            luminance - background,
            THRESHOLD_SIGMA,
            err=noise,
            mask=uncovered,
            filter_kernel=np.outer(SMOOTHING, SMOOTHING),
            # The matched filter takes the noise for white; warping has smoothed it, and hundreds
            # of its ripples would pass for stars (on M 94: 511 instead of 113, half of them false).
            filter_type="conv",
        )
    return sources[np.argsort(-sources["flux"], kind="stable")]


@contextmanager
def _large_buffers() -> Iterator[None]:
    """SEP's limits for a whole stack.

    They hold for the process. A sub, which needs far less, would pay for clearing such a buffer
    with twice the time of its measurement, in every stack but the first.
    """
    pixels, sub_objects = sep.get_extract_pixstack(), sep.get_sub_object_limit()
    sep.set_extract_pixstack(PIXEL_BUFFER)
    sep.set_sub_object_limit(SUB_OBJECT_LIMIT)
    try:
        yield
    finally:
        sep.set_extract_pixstack(pixels)
        sep.set_sub_object_limit(sub_objects)


def _smoothed(picture: np.ndarray) -> np.ndarray:
    """The picture as it is searched; its edge is repeated outwards."""
    before, middle, after = SMOOTHING
    rows = np.pad(picture, 1, mode="edge")
    rows = before * rows[:-2] + middle * rows[1:-1] + after * rows[2:]
    return np.ascontiguousarray(
        before * rows[:, :-2] + middle * rows[:, 1:-1] + after * rows[:, 2:]
    )
