"""Turns the light of a mosaic into the colours of its tiles.

One stretch for the whole sky: a tile must not change because something bright is in its neighbour,
or because a stack was added elsewhere. It is the inverse hyperbolic sine of the mean of the three
planes, by which all three are scaled, so that colours do not depend on brightness (Lupton et al.
2004, PASP 116, 133).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FAINT = 500.0
"""Light of a pixel up to which the stretch is about linear: 21 mag per square arcsec."""
BRIGHT = 50_000.0
"""Light of a pixel that is white."""
SKY_LEVEL = 0.1
"""Brightness of the sky itself, 0 to 1, so that its noise is not cut off at black."""


def colours(light: NDArray[np.float32], share: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the picture of a tile.

    Args:
        light: (3, height, width), as ``CalibratedPicture`` has it.
        share: (height, width), covered part of each pixel, 0 to 1.

    Returns:
        uint8 (height, width, 4): red, green, blue, and opacity.
    """
    mean = light.mean(axis=0)
    steepest = (1.0 - SKY_LEVEL) / np.arcsinh(BRIGHT / FAINT) / FAINT
    # Below the sky there is only noise, which stays as it is.
    level = np.where(mean > 0.0, np.arcsinh(np.maximum(mean, 0.0) / FAINT) * FAINT, mean)
    gain = steepest * np.where(np.abs(mean) > 1e-6, level / np.where(mean == 0.0, 1.0, mean), 1.0)
    shown = SKY_LEVEL + light * gain
    # The brightest colour is cut with its hue: a star's core does not turn yellow or cyan.
    shown = np.maximum(shown / np.maximum(shown.max(axis=0), 1.0), 0.0)
    planes = np.concatenate([shown, share[np.newaxis]])
    picture = np.rint(255.0 * np.clip(planes, 0.0, 1.0)).astype(np.uint8)
    picture[:3, picture[3] == 0] = 0
    return np.ascontiguousarray(np.moveaxis(picture, 0, 2))
