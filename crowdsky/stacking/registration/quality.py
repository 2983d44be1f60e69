"""Judges frames: which is fit for the reference, their scale, and which are left out and why."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from crowdsky.frames.rounding import rounding_of
from crowdsky.stacking.registration.detect import FrameMeasure
from crowdsky.stacking.registration.register import Alignment
from crowdsky.stacking.registration.sky_difference import SkyDifference

MIN_RELATIVE_WORTH = 0.08
"""Share of the usual weight below which a frame does more harm, by its clouds, than good."""
MAX_RELATIVE_FWHM = 1.6
MAX_EXTRA_ELLIPTICITY = 0.3
MAX_SKY_RESIDUAL_SIGMA = 1.5
"""Structure of the sky that a plane cannot describe, in sigma of one pixel, up to which a frame is
used."""
BRIGHT_SNR = 10.0


def sharpness(measure: FrameMeasure) -> float:
    """Compute a figure of merit for a reference: many stars, round and small, and low noise."""
    if not len(measure.stars) or not math.isfinite(measure.fwhm_px):
        return 0.0
    roundness = max(0.05, 1.0 - measure.ellipticity)
    noise = float(np.mean(measure.noise)) * measure.fwhm_px
    return float(len(measure.stars) ** 0.5) * roundness / max(noise, 1e-9) / measure.fwhm_px


def flux_scale(frame: FrameMeasure, reference: FrameMeasure, alignment: Alignment) -> float:
    """Compute the factor that makes the stars of a frame as bright as the reference's.

    A weighted median of the ratios of matched stars, by their signal-to-noise ratio.
    """
    mine, theirs = alignment.mine, alignment.theirs
    snr = np.minimum(frame.stars.snr[mine], reference.stars.snr[theirs])
    bright = snr >= min(BRIGHT_SNR, float(np.sort(snr)[-3]) if snr.size >= 3 else 0.0)
    ratio = np.log(reference.stars.light[theirs][bright] / frame.stars.light[mine][bright])
    weight = 1.0 / (1.0 / snr[bright] ** 2 + 0.02**2)
    order = np.argsort(ratio, kind="stable")
    reached = np.cumsum(weight[order])
    return math.exp(float(ratio[order][np.searchsorted(reached, 0.5 * reached[-1])]))


def judge(
    measures: Sequence[FrameMeasure],
    scales: Sequence[float],
    worth: Sequence[float],
    skies: Sequence[SkyDifference],
    *,
    for_stars: bool = True,
) -> list[str]:
    """Compare registered frames with each other, and find those that would do harm.

    All arguments have one item per frame. ``worth`` is how much a frame adds to the stack, in any
    unit. Without ``for_stars`` the shape of the stars does not matter.

    Returns for each frame why it is left out, empty if it is not.
    """
    usual_worth = float(np.median(worth))
    usual_fwhm = float(np.median([measure.fwhm_px for measure in measures]))
    usual_ellipticity = float(np.median([measure.ellipticity for measure in measures]))
    usual_residual = float(np.median([sky.residual for sky in skies]))
    reasons = []
    for measure, scale, adds, sky in zip(measures, scales, worth, skies, strict=True):
        reason = ""
        if for_stars and measure.fwhm_px > MAX_RELATIVE_FWHM * usual_fwhm:
            reason = (
                f"its stars are blurred: {measure.fwhm_px:.1f} px wide where "
                f"{usual_fwhm:.1f} px are usual"
            )
        elif for_stars and measure.ellipticity > usual_ellipticity + MAX_EXTRA_ELLIPTICITY:
            reason = f"its stars are trailed (ellipticity {measure.ellipticity:.2f})"
        elif adds < MIN_RELATIVE_WORTH * usual_worth:
            reason = (
                f"its stars shine through cloud at {1.0 / scale:.0%} of the reference's light"
                if scale > 1.5
                else f"it is too noisy: {adds / usual_worth:.0%} of the usual weight"
            )
        elif sky.residual > max(
            3.0 * usual_residual,
            MAX_SKY_RESIDUAL_SIGMA * float(measure.noise.max()),
            rounding_of(float(np.abs(measure.sky).max())),
        ):
            reason = f"its sky is uneven by {sky.residual:.0f} ADU more than a gradient explains"
        reasons.append(reason)
    return reasons
