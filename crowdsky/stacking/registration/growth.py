"""The whole light of stars, whatever their width: that in an aperture, and how it grows beyond.

An aperture that suits one seeing loses more light in a worse one. So it follows the width of the
frame's stars, and what lies beyond is extrapolated from how the light of the bright stars grows up
to a wider one. The wings are taken as those of a Moffat profile with an exponent of 3. Where real
ones differ, they do so in all frames of a chunk, and most of the error cancels in their ratios.
"""

from __future__ import annotations

import math

import numpy as np

from crowdsky.stacking.kernels.frame import MOST_SIGMA_PX, measure_stars

BRIGHT_STARS = 100
"""Number of stars, the brightest, that tell the width and the growth."""
INNER_FWHM = 1.5
OUTER_FWHM = 2.0
"""Radii of the apertures between which the growth is measured, in FWHM."""
SIGMA_TO_FWHM = 2.0 * math.sqrt(2.0 * math.log(2.0))
UNEVEN = 0.02
"""Scatter of the growth between bright stars, mostly because of neighbours."""
FAR_OUT = 2.0
"""Deviation, in sigma, at which a star has half its weight."""
ROUNDS = 5


def whole_light(
    mosaic: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    sky: np.ndarray,
    light: np.ndarray,
    snr: np.ndarray,
    *,
    sigma: float,
    radius: float,
) -> np.ndarray:
    """Measure the light that stars have in all.

    Args:
        mosaic: float32 (height, width), ADU.
        x, y: frame pixels, brightest star first, (n,).
        sky: local sky level at each star, mean of the colours, ADU, (n,).
        light: their light in an aperture of ``radius`` pixels, ADU, (n,).
        snr: of ``light``, (n,).
        sigma: of the Gaussian window that suits the stars as far as is known, pixels.

    Returns (n,) in ADU of the mean of the 2x2 pattern. A star so close to the edge that the wider
    aperture does not fit grows like the others; if none fits, ``light`` is returned.
    """
    bright = slice(BRIGHT_STARS)
    shapes = measure_stars(mosaic, x[bright], y[bright], sky[bright], sigma, 0.0)
    variance = 0.5 * (shapes[:, 3] + shapes[:, 4])[np.isfinite(shapes[:, 0])]
    if not variance.size or not (typical := float(np.median(variance))) > 0.0:
        return light
    fwhm = SIGMA_TO_FWHM * min(math.sqrt(typical), MOST_SIGMA_PX)
    inner = _light(mosaic, x, y, sky, sigma, INNER_FWHM * fwhm)
    outer = _light(mosaic, x[bright], y[bright], sky[bright], sigma, OUTER_FWHM * fwhm)
    fits, both = np.isfinite(inner), np.isfinite(outer) & np.isfinite(inner[bright])
    if not both.any():
        return light
    whole = np.where(fits, inner, light * float(np.median(inner[fits] / light[fits])))
    ring = fwhm * math.sqrt(OUTER_FWHM**2 - INNER_FWHM**2)
    error = np.hypot(UNEVEN, ring / radius / snr[bright][both])
    growth = _usual(outer[both] / inner[bright][both], error)
    beyond = (1.0 - _share(OUTER_FWHM)) / (_share(OUTER_FWHM) - _share(INNER_FWHM))
    return np.asarray(whole * (growth + beyond * (growth - 1.0)))


def _light(
    mosaic: np.ndarray, x: np.ndarray, y: np.ndarray, sky: np.ndarray, sigma: float, radius: float
) -> np.ndarray:
    """Sum the light in apertures, NaN where one does not fit into the frame or there is none."""
    table = measure_stars(mosaic, x, y, sky, sigma, radius)
    return np.where(np.isfinite(table[:, 0]) & (table[:, 2] > 0.0), table[:, 2], np.nan)


def _share(radius_fwhm: float) -> float:
    """Share of the light of a Moffat profile with an exponent of 3 within a radius in FWHM."""
    core_fwhm = 0.5 / math.sqrt(2.0 ** (1.0 / 3.0) - 1.0)
    return float(1.0 - (1.0 + (radius_fwhm / core_fwhm) ** 2) ** -2)


def _usual(values: np.ndarray, error: np.ndarray) -> float:
    """Average with Cauchy weights, starting from the median, so that neighbours hardly count."""
    usual = float(np.median(values))
    for _ in range(ROUNDS):
        weight = 1.0 / (error**2 * (1.0 + ((values - usual) / (FAR_OUT * error)) ** 2))
        usual = float((weight * values).sum() / weight.sum())
    return usual
