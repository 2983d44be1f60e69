"""Finds the stars of a picture, and says so when there are too many to be stars."""

from __future__ import annotations

import numpy as np

from worker.errors import BadDataError
from worker.stacking.star_table import detect_stars


class TooManySourcesError(BadDataError):
    """A picture is so full of structure that no star can be told from it: daylight, a page."""


def find_stars(planes: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    """As `detect_stars`; raises TooManySourcesError where SEP runs out of its buffers."""
    try:
        return detect_stars(planes, footprint)
    except Exception as error:
        if type(error) is not Exception:  # SEP's own errors have no class of their own
            raise
        raise TooManySourcesError(
            "could not find stars in the picture",
            why=str(error).split(":", maxsplit=1)[0],
            hint="is it a picture of the night sky?",
        ) from error
