"""The stars of a stack as a table: the columns of SEP, brightest first."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import sep

from crowdsky.frames.rounding import rounding_of

BUFFER_FULL = "internal pixel buffer full"
"""Part of the text by which SEP reports it: its errors have no class of their own."""

THRESHOLD_SIGMA = 5.0
PIXEL_BUFFER = 100_000
"""Pixels of sources. All their memory, some 60 bytes each, is cleared before the search."""
LARGE_PIXEL_BUFFER = 1_000_000
"""For crowded fields and bright nebulae: it holds half of a Seestar's field. Three million would
double a stack's memory."""
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
    # Where there is none, the background's own rounding must not be taken for stars.
    np.maximum(noise, np.float32(rounding_of(background.globalback)), out=noise)
    sources = _extract(luminance - background, noise, uncovered)
    return sources[np.argsort(-sources["flux"], kind="stable")]


def _extract(picture: np.ndarray, noise: np.ndarray, uncovered: np.ndarray) -> np.ndarray:
    """SEP's sources, with the large buffer where they need it."""
    find = functools.partial(
        sep.extract,
        picture,
        THRESHOLD_SIGMA,
        err=noise,
        mask=uncovered,
        filter_kernel=np.outer(SMOOTHING, SMOOTHING),
        # The matched filter takes the noise for white; warping has smoothed it, and hundreds
        # of its ripples would pass for stars (on M 94: 511 instead of 113, half of them false).
        filter_type="conv",
    )
    try:
        with _limits(PIXEL_BUFFER):
            sources: np.ndarray = find()
    except Exception as error:  # SEP has no class of its own
        if BUFFER_FULL not in str(error):
            raise
        with _limits(LARGE_PIXEL_BUFFER):
            sources = find()
    return sources


@contextmanager
def _limits(pixel_buffer: int) -> Iterator[None]:
    """SEP's limits, which hold for the process, for a while."""
    pixels, sub_objects = sep.get_extract_pixstack(), sep.get_sub_object_limit()
    sep.set_extract_pixstack(pixel_buffer)
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
