"""A frame on its way into the stack: its pixels, and what brings them there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.stacking.integration.mosaic import Mosaic
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
