"""Finds the value at which the pixels of a frame saturate.

Cameras of 12 or 14 bits write numbers of 16, some programs write floats from 0 to 1, and no header
says so. But stars of any brightness stop at the same value: where a frame has saturated stars,
their cores are flat and pixels pile up at its end of the scale.
"""

from __future__ import annotations

import numpy as np

PILE = 0.98
"""Share of the highest value from which a pixel belongs to the pile."""
BELOW = 0.85
"""Share from which pixels would be as frequent, if the stars simply went on."""
MIN_PILE_PX = 4
"""Size of the smallest pile. The highest star that is not saturated has one or two such pixels."""
MAX_STARS = 20
REACH_PX = 4
SATURATED_SHARE = 0.95
"""Share of the end of the scale from which a pixel of a stack counts as saturated: interpolation
and the mean of several subs round off a flat core."""


def end_of_scale(
    mosaic: np.ndarray, x: np.ndarray, y: np.ndarray, highest: np.ndarray, scale_end: float
) -> float:
    """Return the value at which pixels saturate, ADU; ``scale_end`` where none has.

    Args:
        mosaic: float32 (height, width), ADU.
        x, y, highest: places of the frame's stars in pixels, and their highest pixels, ADU; (n,).
            Stars that could not be measured are NaN in ``x``.
        scale_end: what is known from the file, infinite if nothing is.
    """
    known = np.flatnonzero(np.isfinite(x) & (highest > 0.0))
    if known.size == 0:
        return scale_end
    order = known[np.argsort(-highest[known], kind="stable")][:MAX_STARS]
    top = float(highest[order[0]])
    piled = below = 0
    for star in order[highest[order] >= BELOW * top]:
        row, column = round(float(y[star])), round(float(x[star]))
        box = mosaic[
            max(0, row - REACH_PX) : row + REACH_PX + 1,
            max(0, column - REACH_PX) : column + REACH_PX + 1,
        ]
        piled += int(np.count_nonzero(box >= PILE * top))
        below += int(np.count_nonzero((box >= BELOW * top) & (box < PILE * top)))
    if piled < MIN_PILE_PX or piled <= below:
        return scale_end
    return min(top, scale_end)
