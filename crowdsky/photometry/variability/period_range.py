"""How well points know the period of eclipses: chi-square along the period.

Where eclipses were seen in parts, chi-square has a wide floor or several minima along the period,
and the curvature of the deepest one says nothing of the others. So the period is the mean of all
periods by their likelihood, and what is known of it is how much of that is near the mean.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.variability import eclipses
from crowdsky.photometry.variability.eclipses import DipFit
from crowdsky.photometry.variability.harmonics import Points

STEP, FARTHEST = 0.05, 1.0
"""Steps of the period, and the largest change: shifts of the dip over half of all the points, in
its durations."""
FINER = 20
"""Number of points between two steps at which the likelihood is interpolated."""


class PeriodRange(NamedTuple):
    """The periods that the points leave open, and the fit at their mean.

    error  -- standard deviation, days
    beyond -- probability that the period is further from the mean than a share of it
    """

    fit: DipFit
    error: float
    beyond: float


def period_range(points: Points, fit: DipFit, share: float) -> PeriodRange:
    """Follow a fit along the period to both sides, with every other number fitted at each step.

    ``share`` is that of the period beyond which a probability is wanted.
    """
    two = fit.parameters > eclipses.ONE_DIP_PARAMETERS
    step = 2.0 * STEP * fit.duration * fit.period / points.span
    fits = [fit]
    for sign in (1.0, -1.0):
        last = fit
        for number in range(1, round(FARTHEST / STEP) + 1):
            start = replace(last, period=fit.period + sign * number * step)
            last = eclipses.fit_at_period(points, start, two)
            fits.append(last)
    fits.sort(key=lambda one: one.period)
    best = min(fits, key=lambda one: one.chi2)
    reduced = max(1.0, best.chi2 / max(len(points) - best.parameters, 1))
    periods = np.array([one.period for one in fits])
    rises = np.array([(one.chi2 - best.chi2) / reduced for one in fits])
    fine: FloatArray = np.linspace(periods[0], periods[-1], FINER * (len(periods) - 1) + 1)
    likelihood = np.exp(-0.5 * np.interp(fine, periods, rises))
    likelihood /= likelihood.sum()
    mean = float(np.sum(likelihood * fine))
    away = np.abs(fine - mean)
    nearest = min(fits, key=lambda one: abs(one.period - mean))
    middle = eclipses.fit_at_period(points, replace(nearest, period=mean), two)
    return PeriodRange(
        middle,
        float(np.sqrt(np.sum(likelihood * away**2))),
        float(np.sum(likelihood[away > share * mean])),
    )
