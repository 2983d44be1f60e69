"""What the rounding of numbers alone makes pixels differ by: the floor of noises and of limits.

Pictures without noise exist: rendered ones, flat ones, colours that got no light. Their scatter is
0 or what the processor at hand has rounded, and a limit of a few times that takes for light, or
for an outlier, whatever another processor rounds in another way.
"""

from __future__ import annotations

import math

import numpy as np

FLOAT32_STEP = float(np.finfo(np.float32).eps)
"""From one float32 to the next, relative to it."""
STEPS = 8.0
"""Number of such steps that add up in the few sums a pixel goes through."""


def rounding_of(level: float, steps: float = STEPS) -> float:
    """By how much pixels of about ``level`` differ without any noise; 0 where it is not known."""
    return steps * FLOAT32_STEP * abs(level) if math.isfinite(level) else 0.0
