"""The differences between pixels that rounding alone makes: the floor of noise and of limits.

Pictures without noise exist: rendered ones, flat ones, colours that got no light. Their scatter is
0, or the rounding errors of this processor. A limit of a few times that scatter would take the
rounding errors of another processor for light or for an outlier.
"""

from __future__ import annotations

import math

import numpy as np

FLOAT32_STEP = float(np.finfo(np.float32).eps)
"""Difference between neighbouring float32 numbers, relative to them."""
STEPS = 8.0
"""Number of such steps that accumulate in the few sums a pixel goes through."""


def rounding_of(level: float, steps: float = STEPS) -> float:
    """Return by how much pixels of about ``level`` differ without noise; 0 if it is not finite."""
    return steps * FLOAT32_STEP * abs(level) if math.isfinite(level) else 0.0
