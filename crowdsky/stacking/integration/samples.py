"""How the samples of a band are kept in memory: in 16 bits, where those can tell them apart.

Twice as many rows fit into a band then, and the processor takes in twice as many samples at a time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from crowdsky.stacking.kernels.resample import HIGHEST

HEADROOM = 0.25
"""Sharp debayering and the cubic of the warp overshoot about saturated stars by so much of them."""
COARSEST = 0.25
"""Steps of so many sigma of the sky add 0.5 % to its variance; those of a Seestar add 0.01 %."""
LIMIT = int(HIGHEST)
"""Numbers go from ``-LIMIT`` to ``LIMIT``; what lies beyond is as far as it can be."""


@dataclass(frozen=True, slots=True)
class SampleFormat:
    """A sample of ``zero + step * number`` ADU is kept as the number, of type ``dtype``."""

    dtype: type[np.int16] | type[np.float32]
    step: float = 1.0
    zero: float = 0.0

    def level(self, value: np.ndarray) -> np.ndarray:
        """Levels in ADU as numbers."""
        return (value - self.zero) / self.step

    def restore(self, planes: np.ndarray, footprint: np.ndarray) -> None:
        """Turn numbers (planes, rows, width) back into ADU in place; 0 where ``footprint`` is."""
        if self.step == 1.0 and self.zero == 0.0:
            return
        planes *= np.float32(self.step)
        planes += np.float32(self.zero)
        if not footprint.all():
            planes[:, footprint == 0] = 0.0


def sample_format(ceiling: float, noise: float) -> SampleFormat:
    """How to keep samples of up to ``ceiling`` ADU, infinite if unknown, of which the quietest have
    ``noise``: as whole numbers of steps that are as small as the range allows, unless these were
    coarse beside the noise.

    The step is a power of two, by which numbers are multiplied without an error.
    """
    if not 0.0 < ceiling < math.inf:
        return SampleFormat(np.float32)
    span = (1.0 + 2.0 * HEADROOM) * ceiling
    step = 2.0 ** math.ceil(math.log2(span / (2 * LIMIT)))
    if not step <= COARSEST * noise:
        return SampleFormat(np.float32)
    # Whole ADU, as cameras count them, are kept without an error or lie in the middle between two
    # numbers, of which the even one is taken: that favours neither side.
    return SampleFormat(np.int16, step, step * round(ceiling / 2.0 / step))
