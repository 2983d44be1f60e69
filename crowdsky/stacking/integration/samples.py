"""The format of the samples of a band in memory: 16 bits, if those can represent them.

A band then has twice as many rows, and the processor handles twice as many samples at a time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from crowdsky.stacking.kernels.samples import HIGHEST

HEADROOM = 0.25
"""Overshoot of sharp debayering and of the cubic around saturated stars, relative to their
value."""
COARSEST = 0.25
"""Step in sigma of the sky that is still used; it adds 0.5 % to its variance, a Seestar's 0.01
%."""
LIMIT = HIGHEST
"""Largest number; samples beyond ``-LIMIT`` and ``LIMIT`` are clipped."""


@dataclass(frozen=True, slots=True)
class SampleFormat:
    """A sample of ``zero + step * number`` ADU is stored as the number, of type ``dtype``."""

    dtype: type[np.int16] | type[np.float32]
    step: float = 1.0
    zero: float = 0.0

    def level(self, value: np.ndarray) -> np.ndarray:
        """Convert levels in ADU to numbers."""
        return (value - self.zero) / self.step


def sample_format(ceiling: float, noise: float) -> SampleFormat:
    """Choose the format of samples of up to ``ceiling`` ADU, the quietest with ``noise`` ADU.

    Samples are whole numbers of steps as small as the range allows, or float32 if these steps would
    be coarse beside the noise or the ceiling is infinite. The step is a power of two, so that the
    multiplication is exact.
    """
    if not 0.0 < ceiling < math.inf:
        return SampleFormat(np.float32)
    span = (1.0 + 2.0 * HEADROOM) * ceiling
    step = 2.0 ** math.ceil(math.log2(span / (2 * LIMIT)))
    if not step <= COARSEST * noise:
        return SampleFormat(np.float32)
    # Whole ADU, as cameras count them, are exact, or lie in the middle between two numbers, of
    # which the even one is taken: that favours neither side.
    return SampleFormat(np.int16, step, step * round(ceiling / 2.0 / step))
