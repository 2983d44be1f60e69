"""Finds the stars of a picture and their centres."""

from __future__ import annotations

import numpy as np
import sep
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray
from crowdsky.base.errors import BadDataError
from crowdsky.sources.sep_extract import detect_stars

LARGEST_MOVE_PX = 1.0


class TooManySourcesError(BadDataError):
    """A picture is so full of structure that no star can be told from it: daylight, a page."""


def find_stars(planes: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    """As `detect_stars`; raises TooManySourcesError where SEP runs out of its buffers.

    A picture of one value has no stars; SEP would find some in the rounding of its own background.
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
    """Centres of stars weighted by a Gaussian of their own width; pixels, 0-based.

    SEP's own centres are those of all pixels above the threshold, which faint neighbours and noise
    pull about: on synthetic stacks these are half as far from the truth. Where the weighting runs
    away to a neighbour, SEP's centre is kept.
    """
    x, y = sources["x"].astype(np.float64), sources["y"].astype(np.float64)
    if len(sources) == 0:
        return x, y
    window_x, window_y, flag = sep.winpos(data, x, y, np.full(len(x), fwhm_px / 2.3548))
    moved = np.hypot(window_x - x, window_y - y)
    good = (np.asarray(flag) == 0) & np.isfinite(moved) & (moved < LARGEST_MOVE_PX)
    return np.where(good, window_x, x), np.where(good, window_y, y)
