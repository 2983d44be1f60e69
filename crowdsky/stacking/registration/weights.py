"""Weights of frames in the mean: the best for light of stars, the best for surfaces, or equal.

A weighted mean shows the light of stars best if each frame counts by the inverse variance of its
noise, scaled like its light, times the overlap of its stars' profile with that of the stack's
stars: so much of its light does the filter see that suits the stack. For the light of surfaces the
profile does not matter. Zackay & Ofek (2017, ApJ 836, 187) derive the best filter for stars; these
are the best constant factors, which leave the stack a mean of its frames.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from crowdsky.stacking.registration.detect import SIGMA_TO_FWHM, FrameMeasure
from crowdsky.stacking.registration.transform import Affine

ROUNDS = 4
"""Number of times that the stack's profile is computed anew; the second one changes weights by less
than 1 %."""


def surface_weight(frame: FrameMeasure, reference: FrameMeasure, scale: float) -> float:
    """Compute the weight, relative to the reference, that is best for surface brightness.

    ``scale`` brings the stars of the frame to the brightness of the reference's.
    """
    # A colour that is clipped at 0 everywhere has no noise to compare.
    known = (frame.noise > 0.0) & (reference.noise > 0.0)
    ratio = float(np.mean(frame.noise[known] / reference.noise[known])) if known.any() else 1.0
    return 1.0 / (ratio * scale) ** 2


def star_covariance(frame: FrameMeasure, transform: Affine) -> np.ndarray:
    """Return the second moments of the frame's stars on the pixels of the stack, (2, 2) px^2."""
    variance = (frame.fwhm_px / SIGMA_TO_FWHM) ** 2
    axis_ratio = 1.0 - frame.ellipticity
    spread = variance * (1.0 - axis_ratio**2) / (1.0 + axis_ratio**2)
    along, across = (
        spread * math.cos(2.0 * frame.angle_rad),
        spread * math.sin(2.0 * frame.angle_rad),
    )
    own = np.array([[variance + along, across], [across, variance - along]])
    a, b, _, d, e, _ = transform
    turned = np.array([[a, b], [d, e]])
    return np.asarray(turned @ own @ turned.T)


def point_source_weights(
    covariances: Sequence[np.ndarray], surface_weights: Sequence[float]
) -> np.ndarray:
    """Compute the weights that give the stars of the stack the best signal-to-noise ratio.

    Args:
        covariances: second moments of the stars of n frames, (2, 2) px^2 each; their profiles are
            taken as Gaussian.
        surface_weights: inverse variances of the frames' scaled noise, (n,).

    Returns (n,) in the unit of ``surface_weights``: frames with the profile of the stack's stars
    keep theirs, and sharper ones count more.
    """
    moments, inverse = np.array(covariances), np.array(surface_weights)
    xx, yy, xy = moments[:, 0, 0], moments[:, 1, 1], moments[:, 0, 1]
    weights = inverse.copy()
    for _ in range(ROUNDS):
        # The overlap of two Gaussian profiles is 1 / (2 pi sqrt(det(C1 + C2))).
        overlap = np.zeros(len(weights))
        for index, weight in enumerate(weights / weights.sum()):
            both = (xx + xx[index]) * (yy + yy[index]) - (xy + xy[index]) ** 2
            overlap += weight / np.sqrt(both)
        weights = inverse * overlap * (weights.sum() / (weights * overlap).sum())
    return weights
