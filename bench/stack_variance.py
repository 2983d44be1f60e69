"""Whether the variance that a stack states is that of its stars: a reduced chi-square.

Light of stars in a fixed aperture of the green plane, minus truth, over the error that VARIANCE and
VARCORR give for the sum of the aperture. The level is that of apertures without stars: the model of
the sky that pictures are measured on is no part of the stack, and takes 0.1 to 0.2 of these errors
too much where faint stars and patches raise it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench import quality
from bench.best_weights import NOTHING, Estimate, usual
from crowdsky.stacking.integration.noise import APERTURE_PX

SNR = (4.0, 40.0)
"""Brighter stars scatter by more than noise: by registration, and by the phases of their pixels."""
SCALE_SNR = 40.0
BRIGHTEST_ADU = 250_000.0
MIN_STARS = 20
MIN_EMPTY = 50
"""Empty apertures from which their median is known to a fifth of the error of one, or better."""


@dataclass(frozen=True, slots=True)
class StatedVariance:
    """Variance of the green pixels, (height, width), and the factor for sums of apertures."""

    pixels: np.ndarray
    aperture_factor: float


def normalised(
    green: np.ndarray,
    stated: StatedVariance,
    x: np.ndarray,
    y: np.ndarray,
    light: np.ndarray,
    snr: np.ndarray,
    empty: tuple[np.ndarray, np.ndarray] = (np.empty(0), np.empty(0)),
) -> np.ndarray:
    """Deviations of star light from truth in units of the stated errors, (n,); NaN for others.

    ``light`` is that in green, ADU of one sub, of n isolated stars at x, y, and ``snr`` their ideal
    ratio. The scale comes from the bright ones, the level from the places x, y of ``empty`` unless
    they are too few.
    """
    off = np.full(len(x), math.nan)
    bright = (snr > SCALE_SNR) & (light < BRIGHTEST_ADU)
    if bright.sum() < 3:
        return off
    shown = quality.aperture_light(green, x, y, APERTURE_PX)
    if empty[0].size >= MIN_EMPTY:
        shown = shown - float(np.median(quality.aperture_light(green, *empty, APERTURE_PX)))
    scale = float(np.median(shown[bright] / light[bright]))
    variance = stated.aperture_factor * quality.aperture_light(stated.pixels, x, y, APERTURE_PX)
    chosen = (snr >= SNR[0]) & (snr < SNR[1]) & (variance > 0.0)
    off[chosen] = (shown[chosen] - scale * light[chosen]) / np.sqrt(variance[chosen])
    return off


def reduced_chi_square(nights: Sequence[np.ndarray]) -> Estimate:
    """Mean square of the normalised deviations of all nights, without outliers."""
    off = np.concatenate([*nights, np.empty(0)])
    square = off[usual(off)] ** 2
    if square.size < MIN_STARS:
        return NOTHING
    return Estimate(float(square.mean()), float(square.std()) / math.sqrt(square.size))
