"""Finds the stars of a picture and measures their centres."""

from __future__ import annotations

import numpy as np
import sep
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.base.errors import BadDataError
from crowdsky.sources.sep_extract import detect_stars

LARGEST_MOVE_PX = 1.0


class TooManySourcesError(BadDataError):
    """A picture has so much structure that stars cannot be told apart: daylight, a printed page."""


def find_stars(planes: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    """Detect sources like `detect_stars`, with an error for pictures that are no star fields.

    A picture of a single value has no stars; SEP would find some in the rounding errors of its own
    background. Raises TooManySourcesError when SEP runs out of buffers.
    """
    flat = planes.size > 0 and planes.min() == planes.max()
    try:
        sources = detect_stars(planes, footprint)
        return sources[:0] if flat else sources
    except Exception as error:
        if type(error) is not Exception:  # SEP's own errors have no class of their own
            raise
        raise TooManySourcesError(
            "could not find stars in the picture",
            why=str(error).split(":", maxsplit=1)[0],
            hint="is it a picture of the night sky?",
        ) from error


def windowed_places(
    data: NDArray[np.float32], sources: np.ndarray, fwhm_px: float
) -> tuple[FloatArray, FloatArray]:
    """Compute centres of stars in a Gaussian window of their own width; 0-based pixels, (n,) each.

    SEP's isophotal centres use all pixels above the threshold, and faint neighbours and noise shift
    them: on synthetic stacks the windowed ones are half as far from the truth. Where the window
    drifts to a neighbour, SEP's centre is kept.

    Args:
        data: float32 (height, width), sky subtracted.
        sources: rows with x and y.
        fwhm_px: width of the stars, pixels.
    """
    x, y = sources["x"].astype(np.float64), sources["y"].astype(np.float64)
    if len(sources) == 0:
        return x, y
    window_x, window_y, flag = sep.winpos(data, x, y, np.full(len(x), fwhm_px / 2.3548))
    moved = np.hypot(window_x - x, window_y - y)
    good = (np.asarray(flag) == 0) & np.isfinite(moved) & (moved < LARGEST_MOVE_PX)
    return np.where(good, window_x, x), np.where(good, window_y, y)
