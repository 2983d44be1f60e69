"""Finds how much noise light brings, from the subs of a chunk: their photon transfer curve.

The variance of the sky grows with its level by the gain of the camera, ADU per electron. The level
contains the bias, which no header states, so that one level tells nothing. But the colours have
different levels, and so have the subs of a night: the slope between them is free of bias and
readout noise (Janesick 2007, Photon Transfer, chapter 5).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crowdsky.stacking.registration.detect import FrameMeasure

VARIANCE_ERROR = 0.015
"""Relative error of the variance of the sky of a sub, as measured on real ones."""
MOST_ERROR = 0.15
"""Relative error of the slope up to which it is believed."""


def variance_of_light(measures: Sequence[FrameMeasure], reference: FrameMeasure) -> np.ndarray:
    """Estimate the variance that an ADU of light adds to a raw pixel, (planes,) ADU.

    From the slope of variance over level where colours or subs differ enough. Else the variance of
    the sky is taken for that of its whole level: too much if the readout is noisy, too little if
    the bias is high.
    """
    slope = _slope(measures)
    if slope is not None:
        return np.full(len(reference.sky), slope)
    return np.asarray(reference.noise**2 / np.maximum(reference.sky, 1.0))


def _slope(measures: Sequence[FrameMeasure]) -> float | None:
    """Fit a straight line to variance over level; None if its slope is not known well enough."""
    level = np.concatenate([measure.sky for measure in measures])
    variance = np.concatenate([measure.noise**2 for measure in measures])
    known = np.isfinite(level) & np.isfinite(variance) & (variance > 0.0)
    level, variance = level[known], variance[known]
    if level.size < 3:
        return None
    weight = (VARIANCE_ERROR * variance) ** -2.0
    middle = np.average(level, weights=weight)
    spread = float((weight * (level - middle) ** 2).sum())
    if not spread > 0.0:
        return None
    slope = float((weight * (level - middle) * variance).sum()) / spread
    rest = variance - np.average(variance, weights=weight) - slope * (level - middle)
    scatter = float((weight * rest**2).sum()) / (level.size - 2)
    error = (max(1.0, scatter) / spread) ** 0.5
    return slope if slope > 0.0 and error < MOST_ERROR * slope else None
