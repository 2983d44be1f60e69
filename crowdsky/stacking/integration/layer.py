"""A frame on its way into the stack: its pixels, and what brings them there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crowdsky.stacking.integration.mosaic import Mosaic
from crowdsky.stacking.registration.saturation import SATURATED_SHARE
from crowdsky.stacking.registration.transform import Affine


@dataclass(frozen=True, slots=True)
class Layer:
    """One frame on its way into the stack.

    ``transform`` takes stored frame pixels to stack pixels. A sample is ``scale * value - sky``
    with the planes ``sky`` (planes, 3) of ``SkyDifference``. ``variance`` (planes,) is that of a
    sample of empty sky, in ADU squared. ``star_px`` is the FWHM of the frame's stars along their
    long axes, pixels; NaN if unknown.
    """

    mosaic: Mosaic
    transform: Affine
    scale: float
    sky: np.ndarray
    weight: float
    variance: np.ndarray
    star_px: float
    saturation_adu: float
    """Value at which a pixel of the frame saturates; infinite if unknown."""

    @property
    def saturated_level(self) -> float:
        """Level of the stack from which this frame has no more light to give, ADU."""
        height, width = self.mosaic.size
        sky = self.sky @ (1.0, 0.5 * width, 0.5 * height)
        return float(self.scale * self.saturation_adu - sky.max())


def saturated_level(layers: Sequence[Layer]) -> float | None:
    """Return the level of a stack from which a pixel is saturated in one of its frames, ADU.

    None if it is not known of any frame. A star that one frame clips is too faint in the mean.
    """
    level = SATURATED_SHARE * min(layer.saturated_level for layer in layers)
    return level if math.isfinite(level) and level > 0.0 else None
