"""The sky between the stars: its shape over the picture and its brightness."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BORTLE_LIMITS = (21.99, 21.89, 21.69, 20.49, 19.50, 18.94, 18.38, 17.80)
"""Faintest to brightest: a sky darker than the first is class 1, than the last class 8."""

SAMPLE_STEP = 32
MIN_SAMPLES = 12
LEAST_SPREAD = 1e-6
"""Smallest singular value of the six terms, relative to the largest, that still counts. Along one
line of samples, or two, some terms are the same, and rounding would decide how they share it."""


@dataclass(frozen=True, slots=True)
class SkyShape:
    """The sky as a second-order polynomial, and how far the sky is from it.

    coefficients  -- c0..c5 of c0 + c1 u + c2 v + c3 u² + c4 u v + c5 v², with u and v running from
                     -1 to 1 over the width and the height
    residual      -- standard deviation of what remains, ADU
    """

    coefficients: tuple[float, ...]
    residual: float


def fit_sky_shape(mesh: NDArray[np.float32], uncovered: NDArray[np.bool_]) -> SkyShape | None:
    """Fit the fitted sky of a plane; None when too little is covered to tell its shape."""
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
    """Sky brightness in mag per square arcsecond; None when the sky is not above the bias.

    An unknown bias counts as sky, which makes the value a bound: the sky is that dark or darker.
    """
    above = sky_adu - bias_adu
    if not (above > 0.0 and scale_arcsec > 0.0):
        return None
    return zero_point - 2.5 * math.log10(above / scale_arcsec**2)


def bortle_class(mag_per_arcsec2: float) -> int:
    """The class 1 (darkest) to 9 of the Bortle scale that goes with a sky brightness."""
    return 1 + sum(mag_per_arcsec2 < limit for limit in BORTLE_LIMITS)
