"""Measures the sky between the stars: its shape over the picture, and its brightness."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BORTLE_LIMITS = (21.99, 21.89, 21.69, 20.49, 19.50, 18.94, 18.38, 17.80)
"""Sky brightness in mag/arcsec² at the limits of Bortle's classes: darker than the first is class
1, darker than the last is class 8."""

SAMPLE_STEP = 32
MIN_SAMPLES = 12
LEAST_SPREAD = 1e-6
"""Smallest singular value of the six terms, relative to the largest, that still counts. For samples
on one line, or two, some terms are equal, and rounding would decide how they share the value."""


@dataclass(frozen=True, slots=True)
class SkyShape:
    """The sky as a second-order polynomial, and its deviation from that.

    coefficients  -- c0..c5 of c0 + c1 u + c2 v + c3 u² + c4 u v + c5 v², ADU, with u and v running
                     from -1 to 1 over the width and the height
    residual      -- standard deviation of the rest, ADU
    """

    coefficients: tuple[float, ...]
    residual: float


def fit_sky_shape(mesh: NDArray[np.float32], uncovered: NDArray[np.bool_]) -> SkyShape | None:
    """Fit a polynomial to the mesh of a plane's sky, ADU; None if too little of it is covered."""
    height, width = mesh.shape
    if min(height, width) < 2:
        return None
    y, x = np.mgrid[0:height:SAMPLE_STEP, 0:width:SAMPLE_STEP]
    covered = ~uncovered[y, x] & np.isfinite(mesh[y, x])
    x, y = x[covered], y[covered]
    if len(x) < MIN_SAMPLES:
        return None
    u, v = 2.0 * x / (width - 1) - 1.0, 2.0 * y / (height - 1) - 1.0
    design = np.stack([np.ones(len(u)), u, v, u * u, u * v, v * v], axis=1)
    values = mesh[y, x].astype(np.float64)
    solved, _, rank, _ = np.linalg.lstsq(design, values, rcond=LEAST_SPREAD)
    if rank < design.shape[1]:
        return None
    residual = float(np.std(values - design @ solved))
    return SkyShape(tuple(float(c) for c in solved), residual)


def sky_brightness(
    zero_point: float, sky_adu: float, bias_adu: float, scale_arcsec: float
) -> float | None:
    """Compute the sky brightness in mag per square arcsecond; None if it is not above the bias.

    A bias of 0 because it is unknown counts as sky; then the sky is this dark or darker.
    """
    above = sky_adu - bias_adu
    if not (above > 0.0 and scale_arcsec > 0.0):
        return None
    return zero_point - 2.5 * math.log10(above / scale_arcsec**2)


def bortle_class(mag_per_arcsec2: float) -> int:
    """Return the class on the Bortle scale, 1 (darkest) to 9, for a sky brightness."""
    return 1 + sum(mag_per_arcsec2 < limit for limit in BORTLE_LIMITS)
