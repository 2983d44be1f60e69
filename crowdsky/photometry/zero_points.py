"""Zero points: what magnitude a star of 1 ADU has, per plane, against the matched catalogue stars.

At 12 mag the catalogue's own errors dominate (0.1 to 0.2 mag in V_T), so stars are weighed by them;
what lies three scatters off is left out. A colour term was tried on real stacks and does not help.
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
"""Flat fields, clouds and colours leave this much, however bright the star."""


@dataclass(frozen=True, slots=True)
class ZeroPoint:
    """A plane's zero point; magnitude = value - 2.5 log10(flux in ADU).

    scatter     -- standard deviation of one star, mag
    error       -- of the zero point itself, mag
    n_stars     -- stars used
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
    """Zero point of matched stars; None when fewer than three can be used.

    Args:
        flux, error: of the stars, ADU.
        mag: their catalogue magnitudes.
        usable: stars neither saturated, blended nor cut.
        band: VT for Tycho-2, whose errors grow with magnitude; others are taken as exact.
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
    """Typical error of V_T: 0.013 at 9 mag, 0.05 at 11, 0.11 at 12 (Tycho-2's own statistics)."""
    return 0.01 + 0.045 * 10.0 ** (0.35 * (np.asarray(v_tycho) - 11.0))


def _weighted_median(values: FloatArray, weights: FloatArray) -> float:
    order = np.argsort(values)
    running = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(running, running[-1] / 2.0)])
