"""Measures how much of their light the stars of a stack have lost by rejection."""

from __future__ import annotations

import numpy as np
import sep

from crowdsky.stacking.registration.detect import Stars

BRIGHTEST = 30
"""Number of stars that are measured: those that rejection harms most, and enough for a median that
a trail across some of them does not change."""
MIN_STARS = 5
MIN_SNR = 20.0
"""In one frame: the light of fainter stars is not known well enough."""
APERTURE_FWHM = 1.5
"""Radius of the aperture in FWHM along the longest stars of the chunk."""


def star_loss(lost: np.ndarray, stars: Stars, star_px: float) -> float | None:
    """Compute the share of their light that the brighter stars have lost, their median.

    Args:
        lost: float32 (height, width), light that each pixel has lost, in grey, ADU.
        stars: the stars of the reference, whose pixels are those of the stack, brightest first.
        star_px: FWHM of the longest stars of all frames along their long axes, pixels.

    Returns the share, 0.01 for one per cent; None with too few stars to tell.
    """
    chosen = np.flatnonzero(stars.snr >= MIN_SNR)[:BRIGHTEST]
    if chosen.size < MIN_STARS:
        return None
    x, y, light = stars.x[chosen], stars.y[chosen], stars.light[chosen]
    sums, _, _ = sep.sum_circle(lost, x, y, APERTURE_FWHM * star_px)
    return float(np.median(sums / light))
