"""Fits zero points, the magnitude of a star of 1 ADU per plane, to the matched catalogue stars.

At 12 mag the errors of the catalogue dominate (0.1 to 0.2 mag in V_T), so stars are weighted by
them; outliers beyond three times the scatter are left out. A colour term was tried on real stacks
and does not help.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import FloatArray

MIN_STARS = 3
MIN_SNR = 10.0
CLIP = 3.0
CLIP_ROUNDS = 5
FLOOR_MAG = 0.02
"""Error in magnitudes that flat field, clouds and colour leave, however bright the star."""


@dataclass(frozen=True, slots=True)
class ZeroPoint:
    """The zero point of a plane; magnitude = value - 2.5 log10(flux in ADU).

    value       -- magnitude of 1 ADU
    scatter     -- standard deviation of one star, mag
    error       -- error of the zero point itself, mag
    n_stars     -- number of stars used
    mag_low, mag_high -- catalogue magnitudes of the brightest and faintest star used
    """

    value: float
    scatter: float
    error: float
    n_stars: int
    mag_low: float
    mag_high: float


def fit_zero_point(
    flux: FloatArray, error: FloatArray, mag: FloatArray, usable: NDArray[np.bool_], band: str
) -> ZeroPoint | None:
    """Fit the zero point of matched stars; None if fewer than three can be used.

    Args:
        flux, error: fluxes of the stars and their errors, ADU, (n,).
        mag: their catalogue magnitudes, (n,).
        usable: whether a star is neither saturated, blended nor cut off, (n,).
        band: VT for Tycho-2, whose errors grow with magnitude; other bands count as exact.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        each = mag + 2.5 * np.log10(flux)
        snr = flux / error
    keep = usable & np.isfinite(each) & (snr >= MIN_SNR)
    sigma = np.hypot(FLOOR_MAG, 1.0857 / np.maximum(snr, 1.0))
    if band == "VT":
        sigma = np.hypot(sigma, tycho_error(mag))
    weight = 1.0 / sigma**2
    for _ in range(CLIP_ROUNDS):
        if keep.sum() < MIN_STARS:
            return None
        centre = _weighted_median(each[keep], weight[keep])
        spread = 1.4826 * float(np.median(np.abs(each[keep] - centre)))
        limit = CLIP * np.maximum(max(spread, FLOOR_MAG), sigma)
        clipped = keep & (np.abs(each - centre) <= limit)
        if (clipped == keep).all():
            break
        keep = clipped
    if keep.sum() < MIN_STARS:
        return None
    value = float(np.average(each[keep], weights=weight[keep]))
    scatter = float(np.std(each[keep], ddof=1))
    return ZeroPoint(
        value=value,
        scatter=scatter,
        error=scatter / math.sqrt(keep.sum()),
        n_stars=int(keep.sum()),
        mag_low=float(mag[keep].min()),
        mag_high=float(mag[keep].max()),
    )


def tycho_error(v_tycho: FloatArray) -> FloatArray:
    """Estimate the error of V_T: 0.013 at 9 mag, 0.05 at 11, 0.11 at 12 (statistics of Tycho-2)."""
    return 0.01 + 0.045 * 10.0 ** (0.35 * (np.asarray(v_tycho) - 11.0))


def _weighted_median(values: FloatArray, weights: FloatArray) -> float:
    order = np.argsort(values)
    running = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(running, running[-1] / 2.0)])
